//! `LoanModify`: forbearance, re-ageing, a new schedule, a pause of interest, or a settlement whose residual
//! has a stated fate.

use talea_types::{
    Amount, Hash, LoanId, Outcome, Subject,
    credit::{Instalment, Modification, Pause, ProductTerms, ScheduleKind},
    event::{CreditEvent, LoanModified},
    limits::PAUSE_DAYS_MAX,
    operation::LoanModify,
    state::{Loan, LoanStatus},
};

use super::common::{aged_loan, lenders_loan, record, store, total_owed};
use crate::{
    credit::{Terms, add_months, check_pausable, generate, pause_loan, unpaid},
    state::WorkingState,
};

pub(super) fn loan_modify(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &LoanModify,
) -> Result<(), Outcome> {
    lenders_loan(state, author, &operation.loan)?;
    let source = state.transaction().hash();
    check_modification(state, operation.loan, &operation.modification, source)?;

    apply_modification(state, operation.loan, operation.modification, source);
    Ok(())
}

/// Checks that a loan can be modified so; a pause that it brings is that of `source`.
pub(crate) fn check_modification(
    state: &WorkingState<'_>,
    id: LoanId,
    modification: &Modification,
    source: Hash,
) -> Result<(), Outcome> {
    let today = state.clock.business_date;
    let (loan, terms) = aged_loan(state, &id).ok_or(Outcome::LoanUnknown)?;
    let date = date_of(modification);
    if date > today.saturating_add(PAUSE_DAYS_MAX) {
        return Err(Outcome::TimeOutOfRange);
    }
    if date <= today {
        return Err(Outcome::DateGoesBack);
    }
    let settles = matches!(modification, Modification::Settlement(_));
    if loan.status != LoanStatus::Active && !(settles && loan.status == LoanStatus::ChargedOff) {
        return Err(Outcome::LoanStatus);
    }
    match *modification {
        Modification::Forbear { .. } | Modification::InterestPause { .. } => {
            match pause_of(modification, source, today) {
                Some(pause) => check_pausable(state, id, &pause),
                None => Ok(()),
            }
        }
        Modification::ReAge { .. } | Modification::ReAmortise { .. } => {
            if let Modification::ReAmortise {
                rate_ppm,
                instalments,
                ..
            } = *modification
                && !((terms.rate_ppm_min..=terms.rate_ppm_max).contains(&rate_ppm)
                    && instalments <= terms.instalments_max)
            {
                return Err(Outcome::TermsOutsideProduct);
            }
            let schedule = new_schedule(&loan, &terms, modification);
            schedule.map(|_| ()).ok_or(Outcome::ScheduleInvalid)
        }
        Modification::Settlement(offer) if offer.amount > total_owed(&loan) => {
            Err(Outcome::RepaymentAboveDebt)
        }
        Modification::Settlement(_) => Ok(()),
    }
}

/// Modifies a loan as was checked.
pub(crate) fn apply_modification(
    state: &mut WorkingState<'_>,
    id: LoanId,
    modification: Modification,
    source: Hash,
) {
    let today = state.clock.business_date;
    let Some((mut loan, terms)) = aged_loan(state, &id) else {
        unreachable!("{id} was checked")
    };
    let borrower = loan.borrower;
    if let Some(schedule) = new_schedule(&loan, &terms, &modification) {
        loan.schedule = schedule;
        loan.paid = Amount::ZERO;
        if let Modification::ReAmortise { rate_ppm, .. } = modification {
            loan.rate_ppm = rate_ppm;
        }
    }
    if let Modification::Settlement(offer) = modification {
        loan.settlement = Some(offer);
    }
    store(state, id, loan);
    let modified = LoanModified {
        loan: id,
        modification,
    };
    record(
        state,
        id,
        Some(borrower),
        CreditEvent::LoanModified(modified),
    );
    if let Some(pause) = pause_of(&modification, source, today) {
        pause_loan(state, id, pause);
    }
}

/// The date that a modification names.
const fn date_of(modification: &Modification) -> u32 {
    match modification {
        Modification::Forbear { until, .. } | Modification::InterestPause { until } => *until,
        Modification::ReAge { first_due } | Modification::ReAmortise { first_due, .. } => {
            *first_due
        }
        Modification::Settlement(offer) => offer.pay_by,
    }
}

fn pause_of(modification: &Modification, source: Hash, today: u32) -> Option<Pause> {
    let (until, interest, forbears) = match *modification {
        Modification::Forbear {
            until,
            interest_stops,
        } => (until, interest_stops, true),
        Modification::InterestPause { until } => (until, true, false),
        _ => return None,
    };
    Some(Pause {
        source,
        from: today,
        until: Some(until),
        interest,
        fees: forbears,
        ageing: forbears,
        furnishing: false,
    })
}

/// The schedule that a modification brings, if it brings one.
fn new_schedule(
    loan: &Loan,
    terms: &ProductTerms,
    modification: &Modification,
) -> Option<Vec<Instalment>> {
    match *modification {
        Modification::ReAge { first_due } => {
            let again = unpaid(loan)
                .zip(0..)
                .map(|(instalment, number)| Instalment {
                    due: add_months(first_due, number),
                    amount: instalment.amount,
                });
            let schedule: Vec<Instalment> = again.collect();
            (!schedule.is_empty()).then_some(schedule)
        }
        Modification::ReAmortise {
            rate_ppm,
            instalments,
            first_due,
        } => {
            let mut schedule = generate(&Terms {
                kind: match terms.schedule {
                    ScheduleKind::DownPayment | ScheduleKind::LenderSupplied => {
                        ScheduleKind::Annuity
                    }
                    kind => kind,
                },
                down_payment_ppm: 0,
                principal: loan.principal,
                rate_ppm,
                day_count: terms.day_count,
                start: loan.aged_to,
                first_due,
                count: instalments,
            })?;
            // Interest that has accrued falls due with the first.
            let first = schedule.first_mut()?;
            first.amount = first.amount.try_add(loan.interest)?;
            Some(schedule)
        }
        _ => None,
    }
}
