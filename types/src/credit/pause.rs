//! What stops for a while on a loan, and why.

use super::date;
use crate::{
    decode::{DecodeError, array},
    hash::Hash,
    wire,
};

/// Something that stops, from a day on, the day itself included, until the day before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The protection, dispute or modification that asks for it. One source has one pause on a loan.
    pub source: Hash,
    /// First business date.
    pub from: u32,
    /// Business date from which it no longer holds; `None` until it is resumed.
    pub until: Option<u32>,
    /// No interest accrues.
    pub interest: bool,
    /// No fee can be charged.
    pub fees: bool,
    /// Days do not count as past due.
    pub ageing: bool,
    /// Nothing is reported to credit bureaus but corrections and dispute flags.
    pub furnishing: bool,
}

impl Pause {
    /// Whether it holds on a business date.
    #[must_use]
    pub fn covers(&self, day: u32) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    pub(crate) fn to_wire(self) -> wire::Pause {
        wire::Pause {
            source: bytes::Bytes::copy_from_slice(self.source.as_bytes()),
            from: self.from,
            until: self.until.unwrap_or_default(),
            interest: self.interest,
            fees: self.fees,
            ageing: self.ageing,
            furnishing: self.furnishing,
        }
    }

    pub(crate) fn from_wire(pause: &wire::Pause) -> Result<Self, DecodeError> {
        Ok(Self {
            source: array("pause.source", &pause.source).map(Hash)?,
            from: date("pause.from", pause.from)?,
            until: match date("pause.until", pause.until)? {
                0 => None,
                until => Some(until),
            },
            interest: pause.interest,
            fees: pause.fees,
            ageing: pause.ageing,
            furnishing: pause.furnishing,
        })
    }
}
