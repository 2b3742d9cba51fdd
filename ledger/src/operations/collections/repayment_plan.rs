//! `RepaymentPlan`: a lender and a debtor agree on how what is owed today is paid. The plan is the loan's
//! schedule from then on; interest, fees and ageing stop until the day after its last instalment.

use talea_types::{
    Amount, Outcome, Subject, credit::Pause, event::CollectionsEvent, operation::RepaymentPlan,
    state::LoanStatus,
};

use super::records::record_on_loan;
use crate::{
    credit::{check_pausable, pause_loan},
    operations::{aged_loan, store, total_owed},
    state::WorkingState,
};

pub(super) fn repayment_plan(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &RepaymentPlan,
) -> Result<(), Outcome> {
    let id = operation.loan;
    let loan = aged_loan(state, &id).map(|(loan, _)| loan);
    let lender = loan.as_ref().map(|loan| loan.lender);
    if lender.is_some_and(|lender| author != Subject::Participant(lender)) {
        return Err(Outcome::NotPermitted);
    }
    let today = state.clock.business_date;
    let plan = &operation.instalments;
    let first = plan.first().map_or(0, |instalment| instalment.due);
    let last = plan.last().map_or(0, |instalment| instalment.due);
    if first < today {
        return Err(Outcome::DateGoesBack);
    }
    let mut loan = loan.ok_or(Outcome::LoanUnknown)?;
    if !matches!(loan.status, LoanStatus::Active | LoanStatus::ChargedOff) {
        return Err(Outcome::LoanStatus);
    }
    let sum = plan.iter().try_fold(Amount::ZERO, |sum, instalment| {
        sum.try_add(instalment.amount)
    });
    if sum != Some(total_owed(&loan)) {
        return Err(Outcome::ScheduleInvalid);
    }
    let pause = Pause {
        source: state.transaction().hash(),
        from: today,
        until: Some(last.saturating_add(1)),
        interest: true,
        fees: true,
        ageing: false,
        furnishing: false,
    };
    check_pausable(state, id, &pause)?;

    let borrower = loan.borrower;
    loan.schedule.clone_from(plan);
    loan.paid = Amount::ZERO;
    store(state, id, loan);
    let event = CollectionsEvent::PlanAgreed(operation.clone());
    record_on_loan(state, borrower, id, event);
    pause_loan(state, id, pause);
    Ok(())
}
