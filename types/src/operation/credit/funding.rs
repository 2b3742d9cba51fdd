//! Terms, funders and losses.

use crate::{
    amount::Amount,
    credit::{AgreementTerms, ProductTerms, amount},
    decode::{DecodeError, array},
    hash::Hash,
    ids::{AccountId, LoanId, ParticipantId},
    wire,
};

/// Publishes the terms of a kind of loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductPublish {
    /// They never change.
    pub terms: ProductTerms,
}

impl ProductPublish {
    pub(super) fn to_wire(&self) -> wire::ProductPublish {
        wire::ProductPublish {
            terms: Some(self.terms.to_wire()),
        }
    }

    pub(super) fn from_wire(operation: &wire::ProductPublish) -> Result<Self, DecodeError> {
        Ok(Self {
            terms: ProductTerms::from_wire(operation.terms.as_ref())?,
        })
    }
}

/// Registers what those who fund loans together agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementRegister {
    /// They never change.
    pub terms: AgreementTerms,
}

impl AgreementRegister {
    pub(super) fn to_wire(&self) -> wire::AgreementRegister {
        wire::AgreementRegister {
            terms: Some(self.terms.to_wire()),
        }
    }

    pub(super) fn from_wire(operation: &wire::AgreementRegister) -> Result<Self, DecodeError> {
        Ok(Self {
            terms: AgreementTerms::from_wire(operation.terms.as_ref())?,
        })
    }
}

/// Shares the loss of a loan that was charged off: first the guarantor, then the funders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LossShareSettle {
    /// The loan.
    pub loan: LoanId,
}

impl LossShareSettle {
    pub(super) fn to_wire(&self) -> wire::LossShareSettle {
        wire::LossShareSettle {
            loan: self.loan.to_wire(),
        }
    }

    pub(super) fn from_wire(operation: &wire::LossShareSettle) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &operation.loan)?,
        })
    }
}

/// Sells a debt: the buyer takes every claim over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtAssign {
    /// The loan.
    pub loan: LoanId,
    /// Lender from now on.
    pub lender: ParticipantId,
    /// Account that pays and receives what is repaid.
    pub buyer: AccountId,
    /// What the buyer pays to the funders together; may be nothing.
    pub price: Amount,
    /// Commitment to the notice to the debtor.
    pub notice_commitment: Hash,
}

impl DebtAssign {
    pub(super) fn to_wire(&self) -> wire::DebtAssign {
        wire::DebtAssign {
            loan: self.loan.to_wire(),
            lender: self.lender.to_wire(),
            buyer: self.buyer.to_wire(),
            price: self.price.minor_units(),
            notice_commitment: bytes::Bytes::copy_from_slice(self.notice_commitment.as_bytes()),
        }
    }

    pub(super) fn from_wire(operation: &wire::DebtAssign) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &operation.loan)?,
            lender: ParticipantId::from_wire("lender", &operation.lender)?,
            buyer: AccountId::from_wire("buyer", &operation.buyer)?,
            price: amount("price", operation.price)?,
            notice_commitment: array("notice_commitment", &operation.notice_commitment)
                .map(Hash)?,
        })
    }
}
