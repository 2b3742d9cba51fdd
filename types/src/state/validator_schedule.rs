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
    /// A change that comes later.
    pub pending: Option<PendingValidators>,
}

/// A set that will decide from a height on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingValidators {
    /// First height that it decides.
    pub height: u64,
    /// The set.
    pub set: ValidatorSet,
}

impl ValidatorSchedule {
    /// A schedule without changes.
    #[must_use]
    pub fn unchanging(set: ValidatorSet) -> Self {
        Self {
            current: set.clone(),
            next: set,
            pending: None,
        }
    }

    /// Whether a change has been decided that has not taken effect.
    #[must_use]
    pub fn is_changing(&self) -> bool {
        self.pending.is_some() || self.current != self.next
    }

    /// Moves on by one height: after it, the schedule is for the state after `height`.
    pub fn advance_to(&mut self, height: u64) {
        self.current = self.next.clone();
        let decided = height.saturating_add(2);
        if let Some(pending) = self.pending.take_if(|pending| pending.height <= decided) {
            self.next = pending.set;
        }
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.validators(1, &self.current);
        w.validators(2, &self.next);
        if let Some(pending) = &self.pending {
            w.validators(3, &pending.set);
            w.number(4, pending.height);
        }
    }

    fn from_wire(schedule: &wire::ValidatorSchedule) -> Result<Self, DecodeError> {
        let set = |field, set: Option<&wire::ValidatorSet>| {
            ValidatorSet::from_wire(required(field, set)?)
        };
        let pending = match &schedule.pending {
            Some(pending) => Some(PendingValidators {
                height: schedule.pending_height,
                set: ValidatorSet::from_wire(pending)?,
            }),
            None if schedule.pending_height == 0 => None,
            None => {
                return Err(DecodeError::Missing {
                    field: "validators.pending",
                });
            }
        };
        Ok(Self {
            current: set("validators.current", schedule.current.as_ref())?,
            next: set("validators.next", schedule.next.as_ref())?,
            pending,
        })
    }
}

canonical_object!(ValidatorSchedule, "validator schedule");
