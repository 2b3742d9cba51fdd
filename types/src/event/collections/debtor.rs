//! Who became a debtor, and where a debtor lives.

use bytes::Bytes;

use crate::{
    decode::DecodeError, ids::ParticipantId, residence::Residence, subject::Subject, wire,
};

/// How a debtor was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtorRegistered {
    /// The account's sponsor.
    pub sponsor: ParticipantId,
    /// Where the debtor lives.
    pub residence: Residence,
}

/// Where a debtor lives from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResidenceChanged {
    /// The debtor's account, or its sponsor.
    pub by: Subject,
    /// From now on.
    pub residence: Residence,
}

impl DebtorRegistered {
    pub(super) fn to_wire(&self) -> wire::DebtorRegistered {
        wire::DebtorRegistered {
            sponsor: self.sponsor.to_wire(),
            residence: Some(self.residence.to_wire()),
        }
    }

    pub(super) fn from_wire(registered: &wire::DebtorRegistered) -> Result<Self, DecodeError> {
        Ok(Self {
            sponsor: ParticipantId::from_wire("registered.sponsor", &registered.sponsor)?,
            residence: Residence::from_wire(registered.residence.as_ref())?,
        })
    }
}

impl ResidenceChanged {
    pub(super) fn to_wire(&self) -> wire::ResidenceChanged {
        wire::ResidenceChanged {
            by: Bytes::copy_from_slice(&self.by.to_bytes()),
            residence: Some(self.residence.to_wire()),
        }
    }

    pub(super) fn from_wire(changed: &wire::ResidenceChanged) -> Result<Self, DecodeError> {
        Ok(Self {
            by: Subject::from_bytes("changed.by", &changed.by)?,
            residence: Residence::from_wire(changed.residence.as_ref())?,
        })
    }
}
