//! The events of a block, with their bytes in one buffer.

use std::sync::Arc;

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
    /// Where those of the last one's detail begin, if it is known.
    detail: Option<usize>,
    buffer: Vec<u8>,
}

impl EventLog {
    /// Makes room for events.
    pub(crate) fn reserve(&mut self, events: usize) {
        self.records.reserve(events);
        self.starts.reserve(events);
        self.buffer.reserve(events.saturating_mul(TYPICAL_BYTES));
    }

    /// Adds an event and returns the hash of its bytes. What happened is encoded once for all those in a
    /// row who share it.
    pub(crate) fn push(&mut self, event: Event) -> Hash {
        let start = self.buffer.len();
        let shared = self
            .records
            .last()
            .filter(|last| Arc::ptr_eq(&last.event.detail, &event.detail))
            .and(self.detail);
        event.encode_head_into(&mut self.buffer);
        self.detail = Some(self.buffer.len());
        match shared {
            Some(detail) => self.buffer.extend_from_within(detail..start),
            None => event.detail.encode_into(&mut self.buffer),
        }
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
            self.detail = None;
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

#[cfg(test)]
mod tests {
    use talea_types::{
        AccountId, EventDetail, Subject, Timestamp,
        event::{BusinessDateAdvanced, CreditEvent},
    };

    use super::*;

    #[test]
    fn what_is_shared_is_encoded_as_if_it_were_not() {
        let advanced = |date| {
            let advanced = BusinessDateAdvanced {
                from: 20_000,
                to: date,
            };
            Arc::new(EventDetail::Credit(CreditEvent::BusinessDateAdvanced(
                advanced,
            )))
        };
        let (one, other) = (advanced(20_000), advanced(20_001));
        let mut log = EventLog::default();
        let push = |log: &mut EventLog, number: u8, detail: &Arc<EventDetail>| {
            let event = Event {
                subject: Subject::Account(AccountId::from_bytes([number; 16])),
                sequence: number.into(),
                height: 1,
                time: Timestamp::from_millis(7),
                cause: None,
                detail: Arc::clone(detail),
            };
            let hash = Event::hash_of(&event.encode());
            assert_eq!(log.push(event), hash);
        };
        for (number, detail) in [(1, &one), (2, &one), (3, &one), (4, &other), (5, &other)] {
            push(&mut log, number, detail);
        }
        log.truncate(4);
        for (number, detail) in [(6, &other), (7, &other), (8, &one)] {
            push(&mut log, number, detail);
        }
        let records = log.finish();
        assert_eq!(records.len(), 7);
        for record in records {
            assert_eq!(record.encoded, record.event.encode());
        }
    }
}
