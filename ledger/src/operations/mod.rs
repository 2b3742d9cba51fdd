//! Each operation in its file: first every check, in the order of the outcomes' numbers, then every
//! change. What has been checked cannot fail.

mod accounts;
mod assurance;
mod collections;
mod credit;
mod governance;
mod payments;

use talea_types::{Operation, Outcome, TransactionBody};

use crate::{authorisation::Caller, state::WorkingState};

pub(crate) use collections::{
    check_complaints, check_furnishing, count_repayment, end_complaint_time, end_permit_time,
    end_promise_time, explain_contact,
};
pub(crate) use credit::{aged_loan, open_loans, record, store, total_owed};
pub(crate) use governance::apply_due_proposals;
pub(crate) use payments::release_hold;

/// Why a transaction was not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) outcome: Outcome,
    /// What the result names: the rules that spoke, or the leg of a batch that was refused first.
    pub(crate) rules: Vec<String>,
}

impl Refusal {
    /// A refusal for which rules are the reason.
    pub(crate) const fn by_rules(outcome: Outcome, rules: Vec<String>) -> Self {
        Self { outcome, rules }
    }

    /// A refusal of a leg of a batch.
    pub(crate) fn of_leg(outcome: Outcome, leg: u32) -> Self {
        Self {
            outcome,
            rules: vec![format!("leg:{leg}")],
        }
    }
}

impl From<Outcome> for Refusal {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            rules: Vec::new(),
        }
    }
}

/// Executes an operation whose signatures were checked.
pub(crate) fn execute_operation(
    state: &mut WorkingState<'_>,
    body: &TransactionBody,
) -> Result<(), Refusal> {
    let author = body.author;
    match &body.operation {
        Operation::KeyRotate(operation) => governance::key_rotate(state, author, operation)?,
        Operation::Propose(operation) => governance::propose(state, author, operation)?,
        Operation::Approve(operation) => governance::approve(state, author, operation)?,
        Operation::Veto(operation) => governance::veto(state, author, operation)?,
        Operation::Withdraw(operation) => governance::withdraw(state, author, operation)?,
        Operation::ClockAdvance(operation) => governance::clock_advance(state, author, operation)?,
        Operation::AccountOpen(operation) => accounts::account_open(state, author, operation)?,
        Operation::AccountRestrict(operation) => {
            accounts::account_restrict(state, author, operation)?;
        }
        Operation::AccountClose(operation) => accounts::account_close(state, author, operation)?,
        Operation::AtomicBatch(operation) => payments::atomic_batch(state, body, operation)?,
        Operation::Assurance(operation) => assurance::assurance(state, author, operation)?,
        Operation::Credit(operation) => credit::credit(state, author, operation)?,
        Operation::Collections(operation) => {
            collections::collections(state, author, operation)?;
        }
        payment => payments::payment(state, Caller::Author(author), payment)?,
    }
    Ok(())
}
