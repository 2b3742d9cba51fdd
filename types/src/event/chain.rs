//! The chain over a subject's events.

use super::{Event, hash};
use crate::{
    decode::DecodeError,
    encode::{FieldWriter, required},
    hash::Hash,
    merkle::node::EVENT_CHAIN,
    subject::Subject,
    wire,
};

/// Where a subject's history ends: the hash of its newest event with all before it, and their number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventChain {
    head: Hash,
    length: u64,
}

/// Why events are not the history that a state object commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// An event of somebody else.
    #[error("event {position} is of {found}, not of {expected}")]
    OtherSubject {
        /// Position in the list.
        position: u64,
        /// Whose history it should be.
        expected: Subject,
        /// Whose event it is.
        found: Subject,
    },
    /// An event is missing, doubled or out of order.
    #[error("event {position} has sequence {found}; events are missing or out of order")]
    Sequence {
        /// Position in the history.
        position: u64,
        /// Its sequence.
        found: u64,
    },
    /// More or fewer events than the state object says.
    #[error("the history has {found} events; the state object says {expected}")]
    Length {
        /// In the state object.
        expected: u64,
        /// In the list.
        found: u64,
    },
    /// The right number of events, but not these.
    #[error("the events lead to head {computed}; the state object says {expected}")]
    Head {
        /// In the state object.
        expected: Hash,
        /// That the events lead to.
        computed: Hash,
    },
}

impl EventChain {
    /// The hash of the newest event with all before it; zero when there is none.
    #[must_use]
    pub const fn head(&self) -> Hash {
        self.head
    }

    /// How many events there are: the sequence of the next.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Adds the event with this hash.
    pub fn append(&mut self, event: &Hash) {
        self.head = EVENT_CHAIN.pair(self.head.as_bytes(), event.as_bytes());
        self.length = self.length.saturating_add(1);
    }

    pub(crate) fn write(&self, field: u32, w: &mut FieldWriter<'_>) {
        w.message(field, |w| {
            if self.length > 0 {
                w.bytes(1, self.head.as_bytes());
                w.number(2, self.length);
            }
        });
    }

    /// As a wire message; an empty chain is an empty message.
    #[must_use]
    pub fn to_wire(&self) -> wire::EventChain {
        if self.length == 0 {
            return wire::EventChain::default();
        }
        wire::EventChain {
            head: self.head.0.to_vec().into(),
            length: self.length,
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] when it is missing, or half of it is.
    pub fn from_wire(chain: Option<&wire::EventChain>) -> Result<Self, DecodeError> {
        let chain = required("events", chain)?;
        if chain.length == 0 && chain.head.is_empty() {
            return Ok(Self::default());
        }
        if chain.length == 0 {
            return Err(DecodeError::Missing {
                field: "events.length",
            });
        }
        Ok(Self {
            head: hash("events.head", &chain.head)?,
            length: chain.length,
        })
    }
}

/// Verifies that `events` are the whole history of `subject`, whose state object holds `chain`: exactly
/// these, and no others.
///
/// # Errors
/// [`HistoryError`] with the first difference.
pub fn verify_complete(
    subject: Subject,
    events: &[Event],
    chain: &EventChain,
) -> Result<(), HistoryError> {
    verify_continuation(subject, &EventChain::default(), events, chain)
}

/// Verifies that `events` are all that was added to the history of `subject` between two states of it.
///
/// # Errors
/// [`HistoryError`] with the first difference.
pub fn verify_continuation(
    subject: Subject,
    before: &EventChain,
    events: &[Event],
    after: &EventChain,
) -> Result<(), HistoryError> {
    let mut chain = *before;
    let mut buffer = Vec::with_capacity(512);
    for event in events {
        let position = chain.length;
        if event.subject != subject {
            return Err(HistoryError::OtherSubject {
                position,
                expected: subject,
                found: event.subject,
            });
        }
        if event.sequence != position {
            return Err(HistoryError::Sequence {
                position,
                found: event.sequence,
            });
        }
        buffer.clear();
        event.encode_into(&mut buffer);
        chain.append(&Event::hash_of(&buffer));
    }
    if chain.length != after.length {
        return Err(HistoryError::Length {
            expected: after.length,
            found: chain.length,
        });
    }
    if chain.head != after.head {
        return Err(HistoryError::Head {
            expected: after.head,
            computed: chain.head,
        });
    }
    Ok(())
}
