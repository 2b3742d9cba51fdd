//! Operations about debtors and their debts.

mod debtor_register;
mod residence_set;

use talea_types::{Outcome, Subject, operation::CollectionsOperation};

use crate::state::WorkingState;

pub(super) fn collections(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &CollectionsOperation,
) -> Result<(), Outcome> {
    match operation {
        CollectionsOperation::DebtorRegister(operation) => {
            debtor_register::debtor_register(state, author, operation)
        }
        CollectionsOperation::ResidenceSet(operation) => {
            residence_set::residence_set(state, author, operation)
        }
    }
}
