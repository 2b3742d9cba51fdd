//! A complaint of a debtor.

use crate::{
    decode::DecodeError, encode::FieldWriter, ids::ParticipantId, state::canonical_object,
    time::Timestamp, wire,
};

/// A complaint. It is in the state until it is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// About whom.
    pub against: ParticipantId,
    /// Since when.
    pub opened_at: Timestamp,
    /// By when it must be acknowledged; `None` when it was, or need not be.
    pub acknowledge_by: Option<Timestamp>,
    /// By when it must be resolved; `None` when no rule says.
    pub resolve_by: Option<Timestamp>,
    /// Whether one of these times passed without an answer.
    pub overdue: bool,
}

impl Complaint {
    /// When it becomes overdue by itself.
    #[must_use]
    pub fn overdue_at(&self) -> Option<Timestamp> {
        let deadlines = self.acknowledge_by.into_iter().chain(self.resolve_by);
        deadlines.min().filter(|_| !self.overdue)
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.against.as_bytes());
        w.time(2, self.opened_at);
        w.time(3, self.acknowledge_by.unwrap_or_default());
        w.time(4, self.resolve_by.unwrap_or_default());
        w.number(5, self.overdue);
    }

    fn from_wire(complaint: &wire::Complaint) -> Result<Self, DecodeError> {
        Ok(Self {
            against: ParticipantId::from_wire("complaint.against", &complaint.against)?,
            opened_at: Timestamp::from_millis(complaint.opened_at_ms),
            acknowledge_by: Timestamp::optional(complaint.acknowledge_by_ms),
            resolve_by: Timestamp::optional(complaint.resolve_by_ms),
            overdue: complaint.overdue,
        })
    }
}

canonical_object!(Complaint, "complaint");
