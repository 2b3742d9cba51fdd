//! Legal holds on an account.

use crate::{
    decode::{DecodeError, ascending},
    encode::FieldWriter,
    ids::ParticipantId,
    limits::LEGAL_HOLDS_MAX,
    state::canonical_object,
    time::Timestamp,
    wire,
};

/// The legal holds on an account: at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalHolds {
    /// Strictly ascending by who placed them, 1 to [`LEGAL_HOLDS_MAX`].
    pub holds: Vec<LegalHold>,
}

/// A legal hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegalHold {
    /// Who placed it.
    pub placed_by: ParticipantId,
    /// Code of the published list of reasons.
    pub reason: u32,
    /// When.
    pub placed_at: Timestamp,
}

impl LegalHolds {
    /// Where the hold of an organisation is, or where it would be put.
    ///
    /// # Errors
    /// The position at which one would be put, when it has none.
    pub fn position(&self, placed_by: ParticipantId) -> Result<usize, usize> {
        self.holds
            .binary_search_by_key(&placed_by, |hold| hold.placed_by)
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        for hold in &self.holds {
            w.message(1, |w| {
                w.bytes(1, hold.placed_by.as_bytes());
                w.number(2, hold.reason);
                w.time(3, hold.placed_at);
            });
        }
    }

    fn from_wire(holds: &wire::LegalHolds) -> Result<Self, DecodeError> {
        const FIELD: &str = "legal_holds.placed_by";
        ascending(FIELD, &holds.holds, LEGAL_HOLDS_MAX, |hold| {
            ParticipantId::from_wire(FIELD, &hold.placed_by)
        })?;
        let list = holds.holds.iter().map(|hold| {
            Ok(LegalHold {
                placed_by: ParticipantId::from_wire(FIELD, &hold.placed_by)?,
                reason: hold.reason,
                placed_at: Timestamp::from_millis(hold.placed_at_ms),
            })
        });
        let holds: Vec<_> = list.collect::<Result<_, DecodeError>>()?;
        if holds.is_empty() {
            return Err(DecodeError::Missing { field: FIELD });
        }
        Ok(Self { holds })
    }
}

canonical_object!(LegalHolds, "legal holds");
