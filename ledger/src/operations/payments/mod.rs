//! Operations that move money.

mod atomic_batch;
pub(in crate::operations) mod checks;
mod hold_place;
mod hold_resolve;
mod issue;
mod redeem;
mod refund;
mod transfer;

use talea_types::{Operation, Outcome};

use crate::{authorisation::Caller, state::WorkingState};

pub(super) use atomic_batch::atomic_batch;
pub(crate) use hold_resolve::release_hold;

/// Executes one payment, alone or as a leg of a batch.
pub(super) fn payment(
    state: &mut WorkingState<'_>,
    caller: Caller,
    operation: &Operation,
) -> Result<(), Outcome> {
    match operation {
        Operation::Issue(operation) => issue::issue(state, caller, operation),
        Operation::Redeem(operation) => redeem::redeem(state, caller, operation),
        Operation::Transfer(operation) => transfer::transfer(state, caller, operation),
        Operation::HoldPlace(operation) => hold_place::hold_place(state, caller, operation),
        Operation::HoldResolve(operation) => hold_resolve::hold_resolve(state, caller, operation),
        Operation::Refund(operation) => refund::refund(state, caller, operation),
        Operation::KeyRotate(_)
        | Operation::Propose(_)
        | Operation::Approve(_)
        | Operation::Veto(_)
        | Operation::Withdraw(_)
        | Operation::ClockAdvance(_)
        | Operation::AccountOpen(_)
        | Operation::AccountRestrict(_)
        | Operation::AccountClose(_)
        | Operation::AtomicBatch(_)
        | Operation::Assurance(_)
        | Operation::Credit(_)
        | Operation::Collections(_) => unreachable!("decoding admits only payments here"),
    }
}
