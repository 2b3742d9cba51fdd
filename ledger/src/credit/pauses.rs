//! What stops interest, fees, ageing and reports for a while.

use talea_types::{
    Hash, LoanId, Outcome,
    credit::{DayCount, Pause},
    event::{CreditEvent, LoanPaused, LoanResumed},
    limits::PAUSES_PER_LOAN_MAX,
    state::Loan,
};

use super::{ageing::oldest_unpaid, day_count::days_between};
use crate::{
    operations::{aged_loan, record, store},
    state::WorkingState,
};

/// Days, by a convention, from a date to another that a pause of the wanted kind covers. A day that two
/// pauses cover counts once.
#[must_use]
pub fn paused_days(
    pauses: &[Pause],
    stops: impl Fn(&Pause) -> bool,
    convention: DayCount,
    from: u32,
    to: u32,
) -> u32 {
    let (mut days, mut counted_to) = (0_u32, from);
    // Ascending by first day: what begins earlier has been counted.
    for pause in pauses.iter().filter(|pause| stops(pause)) {
        let begin = pause.from.max(counted_to);
        let end = pause.until.unwrap_or(to).min(to);
        if begin < end {
            days = days.saturating_add(days_between(convention, begin, end));
            counted_to = end;
        }
    }
    days
}

/// Whether a pause of the wanted kind covers a date.
#[must_use]
pub fn is_paused(loan: &Loan, stops: impl Fn(&Pause) -> bool, date: u32) -> bool {
    let mut pauses = loan.pauses.iter();
    pauses.any(|pause| stops(pause) && pause.covers(date))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(from: u32, until: Option<u32>, interest: bool) -> Pause {
        Pause {
            source: Hash([from as u8; 32]),
            from,
            until,
            interest,
            fees: false,
            ageing: !interest,
            furnishing: false,
        }
    }

    #[test]
    fn a_day_counts_once() {
        let pauses = [
            pause(10, Some(20), true),
            pause(12, Some(15), true),
            pause(14, Some(25), false),
            pause(18, Some(30), true),
            pause(40, None, true),
        ];
        let days = |from, to| paused_days(&pauses, |one| one.interest, DayCount::Act365, from, to);
        assert_eq!(days(0, 10), 0);
        assert_eq!(days(0, 11), 1);
        assert_eq!(days(0, 35), 20);
        assert_eq!(days(15, 35), 15);
        assert_eq!(days(0, 50), 30);
        // Steps do not matter.
        for middle in 0..50 {
            assert_eq!(days(0, middle) + days(middle, 50), 30);
        }
    }
}
