//! The right of a lender to one credit inquiry.

use crate::{
    credit::date, decode::DecodeError, encode::FieldWriter, state::canonical_object, wire,
};

/// What a borrower allowed a lender. It is removed when it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InquiryRight {
    /// Last business date.
    pub until: u32,
}

impl InquiryRight {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.number(1, self.until);
    }

    fn from_wire(right: &wire::InquiryRight) -> Result<Self, DecodeError> {
        Ok(Self {
            until: date("inquiry_right.until", right.until)?,
        })
    }
}

canonical_object!(InquiryRight, "inquiry right");
