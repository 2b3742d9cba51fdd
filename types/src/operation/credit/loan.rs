//! From the agreement on a loan to its end.

use super::positive;
use crate::{
    amount::Amount,
    credit::{Instalment, Modification, date, schedule_from_wire, schedule_to_wire},
    decode::DecodeError,
    ids::{AccountId, AgreementId, LoanId, ProductId},
    limits::{INSTALMENTS_MAX, LOAN_PRINCIPAL_MAX, RATE_PPM_MAX},
    residence::country,
    wire,
};

/// A lender, a borrower and the funders agree on a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanOriginate {
    /// Its published terms.
    pub product: ProductId,
    /// Who funds it.
    pub agreement: AgreementId,
    /// Account of a registered debtor.
    pub borrower: AccountId,
    /// What is lent.
    pub principal: Amount,
    /// A year, parts per million.
    pub rate_ppm: u32,
    /// How many; 0 when the lender supplies the schedule.
    pub instalments: u32,
    /// Business date of the first instalment, not counting a down payment.
    pub first_due: u32,
    /// Of the lender; empty when it follows from the terms.
    pub schedule: Vec<Instalment>,
    /// ISO 3166-1 alpha-2.
    pub governing_law: String,
}

impl LoanOriginate {
    pub(super) fn to_wire(&self) -> wire::LoanOriginate {
        wire::LoanOriginate {
            product: self.product.to_wire(),
            agreement: self.agreement.to_wire(),
            borrower: self.borrower.to_wire(),
            principal: self.principal.minor_units(),
            rate_ppm: self.rate_ppm,
            instalments: self.instalments,
            first_due: self.first_due,
            schedule: schedule_to_wire(&self.schedule),
            governing_law: self.governing_law.clone(),
        }
    }

    pub(super) fn from_wire(operation: &wire::LoanOriginate) -> Result<Self, DecodeError> {
        let count = usize::try_from(operation.instalments).unwrap_or(usize::MAX);
        if count > INSTALMENTS_MAX || (count == 0) == operation.schedule.is_empty() {
            return Err(DecodeError::Range {
                field: "instalments",
                reason: "1 to 480, or a schedule of the lender",
            });
        }
        if operation.rate_ppm > RATE_PPM_MAX || operation.principal > LOAN_PRINCIPAL_MAX {
            return Err(DecodeError::Range {
                field: "principal or rate_ppm",
                reason: "at most 2^42 at 1000 %",
            });
        }
        Ok(Self {
            product: ProductId::from_wire("product", &operation.product)?,
            agreement: AgreementId::from_wire("agreement", &operation.agreement)?,
            borrower: AccountId::from_wire("borrower", &operation.borrower)?,
            principal: positive("principal", operation.principal)?,
            rate_ppm: operation.rate_ppm,
            instalments: operation.instalments,
            first_due: date("first_due", operation.first_due)?,
            schedule: schedule_from_wire(&operation.schedule)?,
            governing_law: country("governing_law", &operation.governing_law)?,
        })
    }
}

/// Pays a loan out: from the accounts of the funders to that of the borrower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanDisburse {
    /// The loan.
    pub loan: LoanId,
}

impl LoanDisburse {
    pub(super) fn to_wire(&self) -> wire::LoanDisburse {
        wire::LoanDisburse {
            loan: self.loan.to_wire(),
        }
    }

    pub(super) fn from_wire(operation: &wire::LoanDisburse) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &operation.loan)?,
        })
    }
}

/// Pays a loan back, in part or whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepaymentApply {
    /// The loan.
    pub loan: LoanId,
    /// Whose money it is.
    pub payer: AccountId,
    /// Never above what is owed.
    pub amount: Amount,
}

impl RepaymentApply {
    pub(super) fn to_wire(&self) -> wire::RepaymentApply {
        wire::RepaymentApply {
            loan: self.loan.to_wire(),
            payer: self.payer.to_wire(),
            amount: self.amount.minor_units(),
        }
    }

    pub(super) fn from_wire(operation: &wire::RepaymentApply) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &operation.loan)?,
            payer: AccountId::from_wire("payer", &operation.payer)?,
            amount: positive("amount", operation.amount)?,
        })
    }
}

/// Changes the terms of a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanModify {
    /// The loan.
    pub loan: LoanId,
    /// How.
    pub modification: Modification,
}

impl LoanModify {
    pub(super) fn to_wire(&self) -> wire::LoanModify {
        wire::LoanModify {
            loan: self.loan.to_wire(),
            modification: Some(self.modification.to_wire()),
        }
    }

    pub(super) fn from_wire(operation: &wire::LoanModify) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &operation.loan)?,
            modification: Modification::from_wire(operation.modification.as_ref())?,
        })
    }
}

/// Gives a loan up as an asset; it is owed as before, without further interest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeOff {
    /// The loan.
    pub loan: LoanId,
}

impl ChargeOff {
    pub(super) fn to_wire(&self) -> wire::ChargeOff {
        wire::ChargeOff {
            loan: self.loan.to_wire(),
        }
    }

    pub(super) fn from_wire(operation: &wire::ChargeOff) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &operation.loan)?,
        })
    }
}
