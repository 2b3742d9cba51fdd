//! What a run starts from: one of everything, well formed. Messages of the ledger are those of its golden
//! file, so that a new operation is fuzzed from the day it is pinned.

mod block;
mod file;
mod message;
mod record;

pub(super) use block::{
    bodies, certificates, chain, committed, contents, receipts, trust, validators,
};
pub(super) use file::{
    block_frames, consensus_frames, contributions, envelope_key, envelopes, genesis_documents,
    history, index_values, pack_texts, packs, pages, proof_files, record_frames, segments,
    settings, stored, transaction_files,
};
pub(super) use message::{
    batches, consensus_messages, consensus_records, error_details, events, frames, keys,
    node_messages, objects, requests, snapshot_replies, snapshot_requests, submit_batches, tokens,
    transactions,
};

pub(super) use record::{durable_records, evidence_files, snapshots, watermarks};

/// The name and the bytes of each line of a kind of the ledger's golden file.
fn golden(kind: &str) -> Vec<(String, Vec<u8>)> {
    const MESSAGES: &str = include_str!("../../../../ledger/tests/golden/messages.txt");
    let lines = MESSAGES.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let is_of_kind = words.next() == Some(kind);
        let (name, text) = (words.next()?, words.next()?);
        is_of_kind.then(|| (name.to_owned(), from_hex(text)))
    });
    lines.collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let (pairs, _) = digits.as_chunks::<2>();
    pairs.iter().map(|[high, low]| high << 4 | low).collect()
}
