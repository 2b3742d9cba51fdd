//! What an organisation may do from a height on.

use crate::{decode::DecodeError, ids::ParticipantId, time::Timestamp, wire};

/// Suspends or reinstates an organisation, renews its licence, records its evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParticipantStatus {
    /// Which.
    pub participant: ParticipantId,
    /// Whether it is suspended.
    pub suspended: bool,
    /// When its licence ends.
    pub licence_expires_at: Option<Timestamp>,
    /// When it was last evaluated, days since 1970-01-01.
    pub evaluated_on: Option<u32>,
}

impl ParticipantStatus {
    pub(super) fn to_wire(&self) -> wire::ParticipantStatus {
        wire::ParticipantStatus {
            participant: self.participant.to_wire(),
            suspended: self.suspended,
            licence_expires_at_ms: self.licence_expires_at.unwrap_or_default().millis(),
            evaluated_on: self.evaluated_on.unwrap_or_default(),
        }
    }

    pub(super) fn from_wire(change: &wire::ParticipantStatus) -> Result<Self, DecodeError> {
        Ok(Self {
            participant: ParticipantId::from_wire("status.participant", &change.participant)?,
            suspended: change.suspended,
            licence_expires_at: Timestamp::optional(change.licence_expires_at_ms),
            evaluated_on: Some(change.evaluated_on).filter(|day| *day > 0),
        })
    }
}
