//! `ChargeOff`: the lender gives a loan up as an asset when it is as late as the product says. It is owed as
//! before; interest stops.

use talea_types::{
    Outcome, Subject, event::LoanEntryKind, operation::ChargeOff, state::LoanStatus,
};

use super::common::{lenders_loan, owed, record_entry, store};
use crate::{credit::days_past_due, state::WorkingState};

pub(super) fn charge_off(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ChargeOff,
) -> Result<(), Outcome> {
    let id = operation.loan;
    let (mut loan, terms) = lenders_loan(state, author, &id)?;
    if loan.status != LoanStatus::Active {
        return Err(Outcome::LoanStatus);
    }
    let days = days_past_due(&loan, &terms, state.clock.business_date);
    if days < terms.delinquency.charge_off_days {
        return Err(Outcome::NotLateEnough);
    }

    loan.status = LoanStatus::ChargedOff;
    let moved = owed(&loan);
    store(state, id, loan);
    record_entry(state, id, LoanEntryKind::ChargedOff, moved, String::new());
    Ok(())
}
