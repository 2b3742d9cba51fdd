//! What is put on record about a loan.

use crate::{
    amount::Amount,
    credit::{
        Instalment, Modification, Pause, ReportKind, amount, date, schedule_from_wire,
        schedule_to_wire,
    },
    decode::{DecodeError, array},
    encode::required,
    hash::Hash,
    ids::{AgreementId, LoanId, ParticipantId, ProductId},
    residence::country,
    wire,
};

/// A product was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductPublished {
    /// The product.
    pub product: ProductId,
}

impl ProductPublished {
    pub(super) fn to_wire(&self) -> wire::ProductPublished {
        wire::ProductPublished {
            product: self.product.to_wire(),
        }
    }

    pub(super) fn from_wire(event: &wire::ProductPublished) -> Result<Self, DecodeError> {
        Ok(Self {
            product: ProductId::from_wire("product", &event.product)?,
        })
    }
}

/// An agreement was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementRegistered {
    /// The agreement.
    pub agreement: AgreementId,
}

impl AgreementRegistered {
    pub(super) fn to_wire(&self) -> wire::AgreementRegistered {
        wire::AgreementRegistered {
            agreement: self.agreement.to_wire(),
        }
    }

    pub(super) fn from_wire(event: &wire::AgreementRegistered) -> Result<Self, DecodeError> {
        Ok(Self {
            agreement: AgreementId::from_wire("agreement", &event.agreement)?,
        })
    }
}

/// The terms of a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanOriginated {
    /// The loan.
    pub loan: LoanId,
    /// Who lends.
    pub lender: ParticipantId,
    /// Its published terms.
    pub product: ProductId,
    /// What is lent.
    pub principal: Amount,
    /// A year, parts per million.
    pub rate_ppm: u32,
    /// What falls due when.
    pub schedule: Vec<Instalment>,
    /// ISO 3166-1 alpha-2.
    pub governing_law: String,
}

impl LoanOriginated {
    pub(super) fn to_wire(&self) -> wire::LoanOriginated {
        wire::LoanOriginated {
            loan: self.loan.to_wire(),
            lender: self.lender.to_wire(),
            product: self.product.to_wire(),
            principal: self.principal.minor_units(),
            rate_ppm: self.rate_ppm,
            schedule: schedule_to_wire(&self.schedule),
            governing_law: self.governing_law.clone(),
        }
    }

    pub(super) fn from_wire(event: &wire::LoanOriginated) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &event.loan)?,
            lender: ParticipantId::from_wire("lender", &event.lender)?,
            product: ProductId::from_wire("product", &event.product)?,
            principal: amount("principal", event.principal)?,
            rate_ppm: event.rate_ppm,
            schedule: schedule_from_wire(&event.schedule)?,
            governing_law: country("governing_law", &event.governing_law)?,
        })
    }
}

/// The debtor allowed a lender one credit inquiry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InquiryAuthorised {
    /// Who may inquire.
    pub lender: ParticipantId,
    /// Last business date.
    pub until: u32,
}

impl InquiryAuthorised {
    pub(super) fn to_wire(&self) -> wire::InquiryAuthorised {
        wire::InquiryAuthorised {
            lender: self.lender.to_wire(),
            until: self.until,
        }
    }

    pub(super) fn from_wire(event: &wire::InquiryAuthorised) -> Result<Self, DecodeError> {
        Ok(Self {
            lender: ParticipantId::from_wire("lender", &event.lender)?,
            until: date("until", event.until)?,
        })
    }
}

/// A step of the business date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessDateAdvanced {
    /// Before.
    pub from: u32,
    /// After.
    pub to: u32,
}

impl BusinessDateAdvanced {
    pub(super) fn to_wire(&self) -> wire::BusinessDateAdvanced {
        wire::BusinessDateAdvanced {
            from: self.from,
            to: self.to,
        }
    }

    pub(super) fn from_wire(event: &wire::BusinessDateAdvanced) -> Result<Self, DecodeError> {
        Ok(Self {
            from: date("from", event.from)?,
            to: date("to", event.to)?,
        })
    }
}

/// The terms of a loan were changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanModified {
    /// The loan.
    pub loan: LoanId,
    /// How.
    pub modification: Modification,
}

impl LoanModified {
    pub(super) fn to_wire(&self) -> wire::LoanModified {
        wire::LoanModified {
            loan: self.loan.to_wire(),
            modification: Some(self.modification.to_wire()),
        }
    }

    pub(super) fn from_wire(event: &wire::LoanModified) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &event.loan)?,
            modification: Modification::from_wire(event.modification.as_ref())?,
        })
    }
}

/// A debt was sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtAssigned {
    /// The loan.
    pub loan: LoanId,
    /// Lender before.
    pub from: ParticipantId,
    /// Lender after.
    pub to: ParticipantId,
    /// Commitment to the notice to the debtor.
    pub notice_commitment: Hash,
}

impl DebtAssigned {
    pub(super) fn to_wire(&self) -> wire::DebtAssigned {
        wire::DebtAssigned {
            loan: self.loan.to_wire(),
            from: self.from.to_wire(),
            to: self.to.to_wire(),
            notice_commitment: bytes::Bytes::copy_from_slice(self.notice_commitment.as_bytes()),
        }
    }

    pub(super) fn from_wire(event: &wire::DebtAssigned) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &event.loan)?,
            from: ParticipantId::from_wire("from", &event.from)?,
            to: ParticipantId::from_wire("to", &event.to)?,
            notice_commitment: array("notice_commitment", &event.notice_commitment).map(Hash)?,
        })
    }
}

/// A report to a credit bureau.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditFurnished {
    /// The loan.
    pub loan: LoanId,
    /// The credit bureau.
    pub bureau: ParticipantId,
    /// What was reported.
    pub kind: ReportKind,
    /// On the business date.
    pub days_past_due: u32,
    /// Of the loan's reports, from 1.
    pub number: u32,
    /// The report that is corrected or disputed; 0 for another kind.
    pub of_report: u32,
}

impl CreditFurnished {
    pub(super) fn to_wire(&self) -> wire::CreditFurnished {
        wire::CreditFurnished {
            loan: self.loan.to_wire(),
            bureau: self.bureau.to_wire(),
            kind: self.kind.to_wire(),
            days_past_due: self.days_past_due,
            number: self.number,
            of_report: self.of_report,
        }
    }

    pub(super) fn from_wire(event: &wire::CreditFurnished) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &event.loan)?,
            bureau: ParticipantId::from_wire("bureau", &event.bureau)?,
            kind: ReportKind::from_wire(event.kind)?,
            days_past_due: event.days_past_due,
            number: event.number,
            of_report: event.of_report,
        })
    }
}

/// Something stopped on a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanPaused {
    /// The loan.
    pub loan: LoanId,
    /// What, and for how long.
    pub pause: Pause,
}

impl LoanPaused {
    pub(super) fn to_wire(&self) -> wire::LoanPaused {
        wire::LoanPaused {
            loan: self.loan.to_wire(),
            pause: Some(self.pause.to_wire()),
        }
    }

    pub(super) fn from_wire(event: &wire::LoanPaused) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &event.loan)?,
            pause: Pause::from_wire(required("pause", event.pause.as_ref())?)?,
        })
    }
}

/// What a source stopped goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanResumed {
    /// The loan.
    pub loan: LoanId,
    /// Whose pause ended.
    pub source: Hash,
    /// Business date from which it goes on.
    pub date: u32,
}

impl LoanResumed {
    pub(super) fn to_wire(&self) -> wire::LoanResumed {
        wire::LoanResumed {
            loan: self.loan.to_wire(),
            source: bytes::Bytes::copy_from_slice(self.source.as_bytes()),
            date: self.date,
        }
    }

    pub(super) fn from_wire(event: &wire::LoanResumed) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &event.loan)?,
            source: array("source", &event.source).map(Hash)?,
            date: date("date", event.date)?,
        })
    }
}
