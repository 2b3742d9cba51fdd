//! `CreditFurnish`: a report to a credit bureau says what the ledger says, good as well as bad; it can be
//! corrected, and flagged as disputed.

use talea_types::{
    Outcome, Subject,
    credit::ReportKind,
    event::{CreditEvent, CreditFurnished},
    operation::CreditFurnish,
    state::{Loan, LoanStatus, Role},
};

use super::common::{lenders_loan, record, store};
use crate::{
    credit::{days_past_due, is_paused},
    operations::{Refusal, check_complaints, check_furnishing},
    state::WorkingState,
};

pub(super) fn credit_furnish(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &CreditFurnish,
) -> Result<(), Refusal> {
    let id = operation.loan;
    let (mut loan, terms) = lenders_loan(state, author, &id)?;
    let today = state.clock.business_date;
    if matches!(loan.status, LoanStatus::Originated | LoanStatus::Lapsed) {
        return Err(Outcome::LoanStatus.into());
    }
    let bureau = state.participants.get(&operation.bureau);
    if !bureau.is_some_and(|one| one.has_role(Role::CreditBureau) && one.is_active(state.now)) {
        return Err(Outcome::BureauUnknown.into());
    }
    let days = days_past_due(&loan, &terms, today);
    if days != operation.days_past_due || !is_true(&loan, operation.kind, days) {
        return Err(Outcome::ReportNotTrue.into());
    }
    if operation.of_report > loan.reports {
        return Err(Outcome::ReportUnknown.into());
    }
    let is_new = matches!(operation.kind, ReportKind::Positive | ReportKind::Adverse);
    if is_new && is_paused(&loan, |pause| pause.furnishing, today) {
        return Err(Outcome::FurnishingPaused.into());
    }
    if is_new {
        let outcome = Outcome::FurnishingPaused;
        check_complaints(state, id, &loan, |stops| stops.furnishing, outcome)?;
        check_furnishing(state, id, &loan)?;
    }

    loan.reports = loan.reports.saturating_add(1);
    let furnished = CreditFurnished {
        loan: id,
        bureau: operation.bureau,
        kind: operation.kind,
        days_past_due: days,
        number: loan.reports,
        of_report: operation.of_report,
    };
    let borrower = loan.borrower;
    store(state, id, loan);
    record(
        state,
        id,
        Some(borrower),
        CreditEvent::CreditFurnished(furnished),
    );
    Ok(())
}

/// Whether a report of this kind says what the ledger says.
fn is_true(loan: &Loan, kind: ReportKind, days_past_due: u32) -> bool {
    let is_late = days_past_due > 0 || loan.status == LoanStatus::ChargedOff;
    match kind {
        ReportKind::Positive => !is_late,
        ReportKind::Adverse => is_late,
        ReportKind::Correction | ReportKind::DisputeFlag => true,
    }
}
