//! Operations about debtors and their debts.

mod case_place;
mod case_recall;
mod complaint;
mod contact_outcome;
mod contact_permit;
mod contact_report;
mod debtor_register;
mod dispute;
mod ended;
mod furnishing;
mod notice_commit;
mod preference_set;
mod promise_to_pay;
mod protection_set;
mod records;
mod repayment_plan;
mod residence_set;
mod revocation;

pub(crate) use complaint::check_complaints;
pub(crate) use contact_permit::explain_contact;
pub(crate) use ended::{end_complaint_time, end_permit_time, end_promise_time};
pub(crate) use furnishing::check_furnishing;
pub(crate) use promise_to_pay::count_repayment;

use talea_types::{Subject, operation::CollectionsOperation};

use super::Refusal;
use crate::state::WorkingState;

pub(super) fn collections(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &CollectionsOperation,
) -> Result<(), Refusal> {
    use CollectionsOperation as Collections;
    match operation {
        Collections::DebtorRegister(one) => debtor_register::debtor_register(state, author, one)?,
        Collections::ResidenceSet(one) => residence_set::residence_set(state, author, one)?,
        Collections::PreferenceSet(one) => preference_set::preference_set(state, author, one)?,
        Collections::CasePlace(one) => case_place::case_place(state, author, one)?,
        Collections::CaseRecall(one) => case_recall::case_recall(state, author, one)?,
        Collections::NoticeCommit(one) => notice_commit::notice_commit(state, author, one)?,
        Collections::ContactPermit(one) => contact_permit::contact_permit(state, author, one)?,
        Collections::ContactOutcome(one) => contact_outcome::contact_outcome(state, author, one)?,
        Collections::ContactReport(one) => contact_report::contact_report(state, author, one)?,
        Collections::PromiseToPay(one) => promise_to_pay::promise_to_pay(state, author, one)?,
        Collections::RepaymentPlan(one) => repayment_plan::repayment_plan(state, author, one)?,
        Collections::DisputeOpen(one) => dispute::dispute_open(state, author, one)?,
        Collections::DisputeResolve(one) => dispute::dispute_resolve(state, author, one)?,
        Collections::ProtectionSet(one) => protection_set::protection_set(state, author, one)?,
        Collections::ComplaintOpen(one) => complaint::complaint_open(state, author, one)?,
        Collections::ComplaintAnswer(one) => complaint::complaint_answer(state, author, one)?,
    }
    Ok(())
}
