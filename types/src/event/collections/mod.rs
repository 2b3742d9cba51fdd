//! What can happen to a debtor and in a case.

use crate::{
    decode::DecodeError, encode::FieldWriter, ids::ParticipantId, residence::Residence,
    subject::Subject, wire,
};
use wire::event::Detail;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CollectionsEvent {
    /// The holder of an account was registered as a debtor.
    DebtorRegistered(DebtorRegistered),
    /// The debtor's residence was changed.
    ResidenceChanged(ResidenceChanged),
}

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

impl CollectionsEvent {
    pub(super) fn write(&self, w: &mut FieldWriter<'_>) {
        match self {
            Self::DebtorRegistered(registered) => w.message(60, |w| {
                w.bytes(1, registered.sponsor.as_bytes());
                registered.residence.write(2, w);
            }),
            Self::ResidenceChanged(changed) => w.message(61, |w| {
                w.bytes(1, changed.by.to_bytes());
                changed.residence.write(2, w);
            }),
        }
    }

    /// `None` for a detail of another group.
    pub(super) fn from_wire(detail: &Detail) -> Result<Option<Self>, DecodeError> {
        Ok(Some(match detail {
            Detail::DebtorRegistered(registered) => Self::DebtorRegistered(DebtorRegistered {
                sponsor: ParticipantId::from_wire("registered.sponsor", &registered.sponsor)?,
                residence: Residence::from_wire(registered.residence.as_ref())?,
            }),
            Detail::ResidenceChanged(changed) => Self::ResidenceChanged(ResidenceChanged {
                by: Subject::from_bytes("changed.by", &changed.by)?,
                residence: Residence::from_wire(changed.residence.as_ref())?,
            }),
            _ => return Ok(None),
        }))
    }
}
