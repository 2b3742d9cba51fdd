//! What stops interest, fees, ageing and reports for a while.

use talea_types::{
    Hash, LoanId, Outcome,
    credit::{Pause, oldest_unpaid},
    event::{CreditEvent, LoanPaused, LoanResumed},
    limits::PAUSES_PER_LOAN_MAX,
    state::Loan,
};

use crate::{
    operations::{aged_loan, record, store},
    state::WorkingState,
};

/// Whether a pause still matters for a loan that was aged: it goes on, or an instalment that it covered
/// is unpaid.
fn matters(loan: &Loan, pause: &Pause) -> bool {
    let unpaid = oldest_unpaid(loan).map_or(loan.aged_to, |instalment| instalment.due);
    let past = unpaid.min(loan.aged_to);
    pause.until.is_none_or(|until| until > past)
}

/// Checks that a loan can be paused so: the pause does not begin before the business date or end before it
/// begins, the loan is not closed, has room, and has no pause from this source.
pub(crate) fn check_pausable(
    state: &WorkingState<'_>,
    loan: LoanId,
    pause: &Pause,
) -> Result<(), Outcome> {
    let ends_early = pause.until.is_some_and(|until| until <= pause.from);
    if pause.from < state.clock.business_date || ends_early {
        return Err(Outcome::DateGoesBack);
    }
    let (loan, _) = aged_loan(state, &loan).ok_or(Outcome::LoanUnknown)?;
    if loan.status.is_over() {
        return Err(Outcome::LoanStatus);
    }
    let mut live = loan.pauses.iter().filter(|pause| matters(&loan, pause));
    let is_known = live.clone().any(|one| one.source == pause.source);
    if is_known || live.nth(PAUSES_PER_LOAN_MAX.saturating_sub(1)).is_some() {
        return Err(Outcome::TooManyPauses);
    }
    Ok(())
}

/// Pauses a loan as was checked.
pub(crate) fn pause_loan(state: &mut WorkingState<'_>, id: LoanId, pause: Pause) {
    let Some((mut loan, _)) = aged_loan(state, &id) else {
        unreachable!("{id} was checked")
    };
    let pauses = std::mem::take(&mut loan.pauses);
    let live = pauses.into_iter().filter(|one| matters(&loan, one));
    let mut pauses: Vec<Pause> = live.chain([pause]).collect();
    pauses.sort_by_key(|pause| (pause.from, pause.source));
    loan.pauses = pauses;
    let borrower = loan.borrower;
    store(state, id, loan);
    let paused = CreditEvent::LoanPaused(LoanPaused { loan: id, pause });
    record(state, id, Some(borrower), paused);
}

/// Ends the pause of a source from a date on, or from today if the date has passed. Nothing happens when
/// there is none, or when it has ended.
pub(crate) fn resume_loan(state: &mut WorkingState<'_>, id: LoanId, source: Hash, date: u32) {
    let date = date.max(state.clock.business_date);
    let Some((mut loan, _)) = aged_loan(state, &id) else {
        return;
    };
    let mut pauses = loan.pauses.iter_mut();
    let Some(pause) =
        pauses.find(|one| one.source == source && one.until.is_none_or(|until| date < until))
    else {
        return;
    };
    pause.until = Some(date.max(pause.from));
    let borrower = loan.borrower;
    loan.pauses.retain(|pause| pause.until != Some(pause.from));
    store(state, id, loan);
    let resumed = CreditEvent::LoanResumed(LoanResumed {
        loan: id,
        source,
        date,
    });
    record(state, id, Some(borrower), resumed);
}
