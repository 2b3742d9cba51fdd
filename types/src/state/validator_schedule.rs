//! Which validators decide the next heights.

use crate::{
    decode::DecodeError,
    encode::{FieldWriter, required},
    state::canonical_object,
    validator::ValidatorSet,
    wire,
};

/// The sets that decide the heights after a state, known one height ahead so that a header can name
/// the set after its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorSchedule {
    /// For the state after height `h`: decides `h + 1`.
    pub current: ValidatorSet,
    /// Decides `h + 2`.
    pub next: ValidatorSet,
}

impl ValidatorSchedule {
    /// A schedule without changes.
    #[must_use]
    pub fn unchanging(set: ValidatorSet) -> Self {
        Self {
            current: set.clone(),
            next: set,
        }
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.validators(1, &self.current);
        w.validators(2, &self.next);
    }

    fn from_wire(schedule: &wire::ValidatorSchedule) -> Result<Self, DecodeError> {
        let set = |field, set: Option<&wire::ValidatorSet>| {
            ValidatorSet::from_wire(required(field, set)?)
        };
        Ok(Self {
            current: set("validators.current", schedule.current.as_ref())?,
            next: set("validators.next", schedule.next.as_ref())?,
        })
    }
}

canonical_object!(ValidatorSchedule, "validator schedule");
