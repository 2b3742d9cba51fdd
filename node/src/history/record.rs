//! How the results and events of a block are stored.

use bytes::Bytes;
use prost::Message;
use talea_ledger::EventRecord;
use talea_types::TransactionResult;
use talea_types::event::Event;
use talea_types::receipt::{FinalityProof, SetChange};
use talea_types::wire::{self, decode_canonical};

use crate::interface::CommittedRecord;
use crate::limits::storage::VALUE_BYTES_MAX;

#[derive(Clone, PartialEq, Message)]
struct Stored {
    #[prost(message, repeated, tag = "1")]
    results: Vec<wire::TransactionResult>,
    /// Canonical bytes of each event.
    #[prost(bytes = "bytes", repeated, tag = "2")]
    events: Vec<Bytes>,
}

/// What executing a block gave.
pub(super) struct StoredRecord {
    pub(super) results: Vec<TransactionResult>,
    pub(super) events: Vec<EventRecord>,
}

pub(super) fn encode(record: &CommittedRecord) -> Vec<u8> {
    let results = record
        .results
        .iter()
        .map(TransactionResult::to_wire)
        .collect();
    let events = record
        .events
        .iter()
        .map(|event| event.encoded.clone())
        .collect();
    Stored { results, events }.encode_to_vec()
}

pub(super) fn decode(bytes: &[u8]) -> Option<StoredRecord> {
    let stored = Stored::decode(bytes).ok()?;
    let results = stored
        .results
        .iter()
        .map(TransactionResult::from_wire)
        .collect::<Result<_, _>>()
        .ok()?;
    let events = stored
        .events
        .iter()
        .map(|encoded| {
            Some(EventRecord {
                event: Event::decode(encoded).ok()?,
                encoded: encoded.clone(),
            })
        })
        .collect::<Option<_>>()?;
    Some(StoredRecord { results, events })
}

/// The change of the validator set that a block brings, if it does.
pub(super) fn set_change(record: &CommittedRecord) -> Option<SetChange> {
    let next = record.next_validators.clone()?;
    let header = record.body.content.header.clone();
    Some(SetChange {
        header,
        certificate: record.certificate.clone(),
        next,
    })
}

/// A set change is stored as a finality proof with it as the only change.
pub(super) fn encode_set_change(change: &SetChange) -> Vec<u8> {
    let proof = FinalityProof {
        set_changes: vec![change.clone()],
        header: change.header.clone(),
        certificate: change.certificate.clone(),
    };
    proof.to_wire().encode_to_vec()
}

pub(super) fn decode_set_change(bytes: &[u8]) -> Option<SetChange> {
    let bytes = Bytes::copy_from_slice(bytes);
    let proof: wire::FinalityProof =
        decode_canonical("set change", &bytes, VALUE_BYTES_MAX).ok()?;
    FinalityProof::from_wire(&proof).ok()?.set_changes.pop()
}
