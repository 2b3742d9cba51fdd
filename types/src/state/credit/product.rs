//! A published product.

use crate::{
    credit::ProductTerms, decode::DecodeError, encode::FieldWriter, ids::ParticipantId,
    state::canonical_object, wire,
};

/// The terms of a kind of loan. It never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Who lends on these terms.
    pub publisher: ParticipantId,
    /// The terms.
    pub terms: ProductTerms,
}

impl Product {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.whole(&wire::Product {
            publisher: self.publisher.to_wire(),
            terms: Some(self.terms.to_wire()),
        });
    }

    fn from_wire(product: &wire::Product) -> Result<Self, DecodeError> {
        Ok(Self {
            publisher: ParticipantId::from_wire("product.publisher", &product.publisher)?,
            terms: ProductTerms::from_wire(product.terms.as_ref())?,
        })
    }
}

canonical_object!(Product, "product");
