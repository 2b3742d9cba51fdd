//! A registered agreement, and where it stands.

use crate::{
    amount::Amount,
    credit::{AgreementTerms, amount},
    decode::DecodeError,
    encode::FieldWriter,
    ids::ParticipantId,
    state::canonical_object,
    wire,
};

/// An agreement of those who fund loans together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Who lends under it.
    pub lender: ParticipantId,
    /// What was agreed. It never changes.
    pub terms: AgreementTerms,
    /// Principal of its loans that were paid out and are not closed or sold.
    pub outstanding: Amount,
    /// What the guarantor has paid so far.
    pub first_loss_paid: Amount,
}

impl Agreement {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.whole(&wire::Agreement {
            lender: self.lender.to_wire(),
            terms: Some(self.terms.to_wire()),
            outstanding: self.outstanding.minor_units(),
            first_loss_paid: self.first_loss_paid.minor_units(),
        });
    }

    fn from_wire(agreement: &wire::Agreement) -> Result<Self, DecodeError> {
        Ok(Self {
            lender: ParticipantId::from_wire("agreement.lender", &agreement.lender)?,
            terms: AgreementTerms::from_wire(agreement.terms.as_ref())?,
            outstanding: amount("agreement.outstanding", agreement.outstanding)?,
            first_loss_paid: amount("agreement.first_loss_paid", agreement.first_loss_paid)?,
        })
    }
}

canonical_object!(Agreement, "agreement");
