//! The events of a block, with their bytes in one buffer.

use bytes::Bytes;
use talea_types::{Event, Hash};

/// An event and its canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// The event.
    pub event: Event,
    /// Its canonical bytes.
    pub encoded: Bytes,
}

/// Bytes of the event of a transfer.
const TYPICAL_BYTES: usize = 224;

/// Events in the order in which they happened.
#[derive(Default)]
pub(crate) struct EventLog {
    /// Their bytes are not set yet.
    records: Vec<EventRecord>,
    /// Where the bytes of each begin.
    starts: Vec<usize>,
    buffer: Vec<u8>,
}

impl EventLog {
    /// Makes room for events.
    pub(crate) fn reserve(&mut self, events: usize) {
        self.records.reserve(events);
        self.starts.reserve(events);
        self.buffer.reserve(events.saturating_mul(TYPICAL_BYTES));
    }

    /// Adds an event and returns the hash of its bytes.
    pub(crate) fn push(&mut self, event: Event) -> Hash {
        let start = self.buffer.len();
        event.encode_into(&mut self.buffer);
        let hash = Event::hash_of(self.buffer.get(start..).unwrap_or_default());
        self.starts.push(start);
        self.records.push(EventRecord {
            event,
            encoded: Bytes::new(),
        });
        hash
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Forgets what came after so many.
    pub(crate) fn truncate(&mut self, length: usize) {
        if let Some(start) = self.starts.get(length) {
            self.buffer.truncate(*start);
        }
        self.starts.truncate(length);
        self.records.truncate(length);
    }

    pub(crate) fn finish(mut self) -> Vec<EventRecord> {
        let buffer = Bytes::from(self.buffer);
        let ends = self.starts.iter().skip(1).copied().chain([buffer.len()]);
        let ranges = self.starts.iter().copied().zip(ends);
        for (record, (start, end)) in self.records.iter_mut().zip(ranges) {
            record.encoded = buffer.slice(start..end);
        }
        self.records
    }
}
