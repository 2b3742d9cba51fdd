//! What happens around a loan while it runs.

use crate::{
    credit::{FeeGround, ReportKind, code, date},
    decode::DecodeError,
    ids::{LoanId, ParticipantId},
    wire,
};

/// Allows a lender one credit inquiry about the author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InquiryAuthorise {
    /// Who may inquire.
    pub lender: ParticipantId,
    /// Last business date.
    pub until: u32,
}

impl InquiryAuthorise {
    pub(super) fn to_wire(&self) -> wire::InquiryAuthorise {
        wire::InquiryAuthorise {
            lender: self.lender.to_wire(),
            until: self.until,
        }
    }

    pub(super) fn from_wire(operation: &wire::InquiryAuthorise) -> Result<Self, DecodeError> {
        Ok(Self {
            lender: ParticipantId::from_wire("lender", &operation.lender)?,
            until: date("until", operation.until)?,
        })
    }
}

/// Charges a fee of the product's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeAssess {
    /// The loan.
    pub loan: LoanId,
    /// Of the fee table.
    pub code: String,
    /// Why.
    pub ground: FeeGround,
}

impl FeeAssess {
    pub(super) fn to_wire(&self) -> wire::FeeAssess {
        wire::FeeAssess {
            loan: self.loan.to_wire(),
            code: self.code.clone(),
            ground: self.ground.to_wire(),
        }
    }

    pub(super) fn from_wire(operation: &wire::FeeAssess) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &operation.loan)?,
            code: code("code", &operation.code)?,
            ground: FeeGround::from_wire(operation.ground)?,
        })
    }
}

/// Moves the business date on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessDateAdvance {
    /// The new business date.
    pub to: u32,
}

impl BusinessDateAdvance {
    pub(super) fn to_wire(&self) -> wire::BusinessDateAdvance {
        wire::BusinessDateAdvance { to: self.to }
    }

    pub(super) fn from_wire(operation: &wire::BusinessDateAdvance) -> Result<Self, DecodeError> {
        Ok(Self {
            to: date("to", operation.to)?,
        })
    }
}

/// Reports a loan to a credit bureau.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditFurnish {
    /// The loan.
    pub loan: LoanId,
    /// The credit bureau.
    pub bureau: ParticipantId,
    /// What is reported.
    pub kind: ReportKind,
    /// On the business date of the report.
    pub days_past_due: u32,
    /// Number of the report that is corrected or disputed, from 1; 0 for another kind.
    pub of_report: u32,
}

impl CreditFurnish {
    pub(super) fn to_wire(&self) -> wire::CreditFurnish {
        wire::CreditFurnish {
            loan: self.loan.to_wire(),
            bureau: self.bureau.to_wire(),
            kind: self.kind.to_wire(),
            days_past_due: self.days_past_due,
            of_report: self.of_report,
        }
    }

    pub(super) fn from_wire(operation: &wire::CreditFurnish) -> Result<Self, DecodeError> {
        let kind = ReportKind::from_wire(operation.kind)?;
        let names = matches!(kind, ReportKind::Correction | ReportKind::DisputeFlag);
        if names != (operation.of_report > 0) {
            return Err(DecodeError::Range {
                field: "of_report",
                reason: "names the report that is corrected or disputed, and is 0 for another kind",
            });
        }
        Ok(Self {
            loan: LoanId::from_wire("loan", &operation.loan)?,
            bureau: ParticipantId::from_wire("bureau", &operation.bureau)?,
            kind: ReportKind::from_wire(operation.kind)?,
            days_past_due: operation.days_past_due,
            of_report: operation.of_report,
        })
    }
}
