//! Each operation in its file: first every check, in the order of the outcomes' numbers, then every
//! change. What has been checked cannot fail.

mod accounts;
mod collections;
mod governance;
mod payments;

use talea_types::{Operation, Outcome, TransactionBody};

use crate::{authorisation::Caller, state::WorkingState};

pub(crate) use governance::apply_due_proposals;
pub(crate) use payments::release_hold;

/// Why a transaction was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) outcome: Outcome,
    /// The leg of a batch that was refused first.
    pub(crate) leg: Option<u32>,
}

impl Refusal {
    /// How a result names the leg.
    pub(crate) fn rule(self) -> Option<String> {
        self.leg.map(|leg| format!("leg:{leg}"))
    }
}

impl From<Outcome> for Refusal {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, leg: None }
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
        Operation::Collections(operation) => {
            collections::collections(state, author, operation)?;
        }
        payment => payments::payment(state, Caller::Author(author), payment)?,
    }
    Ok(())
}
