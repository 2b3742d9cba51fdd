//! Operations on loans. Every one looks at a loan as it is on the business date (see [`crate::credit`]);
//! what is stored is the aged loan.

mod agreement_register;
mod business_date_advance;
mod charge_off;
mod common;
mod credit_furnish;
mod debt_assign;
mod fee_assess;
mod inquiry_authorise;
mod loan_disburse;
mod loan_modify;
mod loan_originate;
mod loss_share_settle;
mod movement;
mod product_publish;
mod repayment_apply;

pub(crate) use common::{aged_loan, open_loans, record, store, total_owed};
#[allow(unused_imports, reason = "repayment plans change loans the same way")]
pub(crate) use loan_modify::{apply_modification, check_modification};

use talea_types::{Subject, operation::CreditOperation};

use super::Refusal;
use crate::state::WorkingState;

pub(super) fn credit(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &CreditOperation,
) -> Result<(), Refusal> {
    use CreditOperation as Credit;
    match operation {
        Credit::ProductPublish(one) => product_publish::product_publish(state, author, one)?,
        Credit::AgreementRegister(one) => {
            agreement_register::agreement_register(state, author, one)?;
        }
        Credit::LoanOriginate(one) => loan_originate::loan_originate(state, author, one)?,
        Credit::LoanDisburse(one) => loan_disburse::loan_disburse(state, author, one)?,
        Credit::RepaymentApply(one) => repayment_apply::repayment_apply(state, author, one)?,
        Credit::InquiryAuthorise(one) => inquiry_authorise::inquiry_authorise(state, author, one)?,
        Credit::FeeAssess(one) => fee_assess::fee_assess(state, author, one)?,
        Credit::BusinessDateAdvance(one) => {
            business_date_advance::business_date_advance(state, author, one)?;
        }
        Credit::LoanModify(one) => loan_modify::loan_modify(state, author, one)?,
        Credit::ChargeOff(one) => charge_off::charge_off(state, author, one)?,
        Credit::LossShareSettle(one) => loss_share_settle::loss_share_settle(state, author, one)?,
        Credit::DebtAssign(one) => debt_assign::debt_assign(state, author, one)?,
        Credit::CreditFurnish(one) => credit_furnish::credit_furnish(state, author, one)?,
    }
    Ok(())
}
