//! Loans, from their terms to their end.

use talea_types::{
    AccountId, Amount, LoanId, ParticipantId,
    credit::{AgreementTerms, FeeGround, Modification, ProductTerms, ReportKind},
    operation::{
        AgreementRegister, BusinessDateAdvance, ChargeOff, CreditFurnish, FeeAssess,
        InquiryAuthorise, LoanDisburse, LoanModify, LossShareSettle, ProductPublish,
        RepaymentApply,
    },
};

use super::group_into_operation;

group_into_operation! {
    Credit CreditOperation:
    ProductPublish AgreementRegister LoanOriginate LoanDisburse RepaymentApply InquiryAuthorise
    FeeAssess BusinessDateAdvance LoanModify ChargeOff LossShareSettle DebtAssign CreditFurnish
}

/// A lender publishes the terms of a kind of loan.
#[must_use]
pub const fn publish_product(terms: ProductTerms) -> ProductPublish {
    ProductPublish { terms }
}

/// A lender registers what those who fund loans together agree on. All of them sign.
#[must_use]
pub const fn register_agreement(terms: AgreementTerms) -> AgreementRegister {
    AgreementRegister { terms }
}

/// The lender pays a loan out.
#[must_use]
pub const fn disburse(loan: LoanId) -> LoanDisburse {
    LoanDisburse { loan }
}

/// Somebody pays a loan back, in part or whole.
#[must_use]
pub const fn repay(loan: LoanId, payer: AccountId, amount: Amount) -> RepaymentApply {
    RepaymentApply {
        loan,
        payer,
        amount,
    }
}

/// The borrower allows a lender one credit inquiry until a business date.
#[must_use]
pub const fn authorise_inquiry(lender: ParticipantId, until: u32) -> InquiryAuthorise {
    InquiryAuthorise { lender, until }
}

/// The lender charges a fee of the product's table. For a service the borrower signs too.
#[must_use]
pub fn fee(loan: LoanId, code: &str, ground: FeeGround) -> FeeAssess {
    FeeAssess {
        loan,
        code: code.to_owned(),
        ground,
    }
}

/// An operator moves the business date.
#[must_use]
pub const fn advance_business_date(to: u32) -> BusinessDateAdvance {
    BusinessDateAdvance { to }
}

/// Changes the terms of a loan. The borrower signs too, for some changes every funder.
#[must_use]
pub const fn modify(loan: LoanId, modification: Modification) -> LoanModify {
    LoanModify { loan, modification }
}

/// The lender gives a loan up as an asset.
#[must_use]
pub const fn charge_off(loan: LoanId) -> ChargeOff {
    ChargeOff { loan }
}

/// Shares the loss of a loan that was charged off. The guarantor signs too.
#[must_use]
pub const fn share_loss(loan: LoanId) -> LossShareSettle {
    LossShareSettle { loan }
}

/// Reports a loan to a credit bureau: positive when nothing is past due, adverse otherwise.
#[must_use]
pub const fn furnish(loan: LoanId, bureau: ParticipantId, days_past_due: u32) -> CreditFurnish {
    CreditFurnish {
        loan,
        bureau,
        kind: if days_past_due == 0 {
            ReportKind::Positive
        } else {
            ReportKind::Adverse
        },
        days_past_due,
        of_report: 0,
    }
}
