//! A snapshot of a small network, and what lies in the files of a node.

use std::path::Path;
use std::sync::LazyLock;

use prost::encoding::bytes::encode;
use talea_consensus::{Evidence, SignedVote};
use talea_ledger::{BlockContext, Ledger};
use talea_node::kept_evidence::KeptEvidence;
use talea_node::snapshot::{SnapshotHead, write};
use talea_node::storage::checkpoint::StateObject;
use talea_node::storage::disk::MemDisk;
use talea_types::receipt::FinalityProof;
use talea_types::{BlockHash, BlockHeader, Hash, Vote, VoteKind};

use super::block::{certificate_for, chain, content, network, receipt};
use crate::state_objects::objects_of;

/// The state after an empty first block, and what decided it.
fn first_block() -> (SnapshotHead, Vec<StateObject>) {
    let record = &network().localnet.record;
    let good = |error: &dyn std::fmt::Display| -> ! { unreachable!("genesis is good: {error}") };
    let mut ledger = Ledger::genesis(&record.to_ledger()).unwrap_or_else(|error| good(&error));
    let context = BlockContext {
        height: 1,
        time: content().header.time,
    };
    let execution = ledger
        .execute(&context, &[])
        .unwrap_or_else(|error| good(&error));
    let header = BlockHeader {
        height: 1,
        time: context.time,
        results_root: execution.results_root,
        state_root: execution.state_root,
        next_validators_hash: execution.next_validators_hash,
        rule_packs_hash: execution.rule_packs_hash,
        business_date: execution.business_date,
        ..content().header
    };
    ledger.commit(execution);
    let objects = objects_of(&ledger);
    let head = SnapshotHead {
        finality: FinalityProof {
            set_changes: Vec::new(),
            certificate: certificate_for(1, header.hash()),
            header,
        },
        trail: Vec::new(),
    };
    (head, objects)
}

/// The frames of a file as the fields of a message: the number is the kind.
fn as_message(head: &SnapshotHead, objects: &[StateObject]) -> Vec<u8> {
    const FILE_HEADER_BYTES: usize = 12;
    const CHECKSUM_BYTES: usize = 16;
    let disk = MemDisk::new();
    let objects = objects.iter().cloned().map(Ok);
    let path = write(&disk, Path::new("snapshots"), head, objects)
        .unwrap_or_else(|error| unreachable!("a disk in memory works: {error}"));
    let bytes = disk.content(&path).unwrap_or_default();
    let mut rest = bytes.get(FILE_HEADER_BYTES..).unwrap_or_default();
    let mut message = Vec::new();
    while let Some(([kind, length @ ..], after)) = rest.split_first_chunk::<5>() {
        let length = u32::from_le_bytes(*length) as usize;
        let (payload, after) = after.split_at(length);
        encode(u32::from(*kind), &payload.to_vec(), &mut message);
        rest = &after[CHECKSUM_BYTES..];
    }
    message
}

/// One that is believed, and one with everything that a head can have.
pub fn snapshots() -> Vec<Vec<u8>> {
    static SNAPSHOTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let (head, objects) = first_block();
        let full = SnapshotHead {
            finality: receipt().finality,
            trail: vec![head.header().clone()],
        };
        vec![
            as_message(&head, &objects),
            as_message(&full, &objects[..2]),
        ]
    });
    SNAPSHOTS.clone()
}

/// Two votes of one validator, as they are kept.
pub fn evidence_files() -> Vec<Vec<u8>> {
    let validator = &network().localnet.validators[0];
    let signed = |block: Option<u8>| {
        let vote = Vote {
            kind: VoteKind::Prevote,
            height: 5,
            round: 1,
            block: block.map(|byte| BlockHash::new(Hash([byte; 32]))),
            validator: validator.id,
        };
        let signature = validator.voting_key.sign(&vote.signed_message(&chain()));
        SignedVote { vote, signature }
    };
    let evidence = Evidence::Votes {
        first: signed(None),
        second: signed(Some(7)),
    };
    let kept = serde_json::to_vec_pretty(&KeptEvidence::new(&evidence, &chain()));
    vec![kept.unwrap_or_else(|error| unreachable!("it is plain data: {error}"))]
}

/// Contents of the record of the base and of the voting record.
pub fn durable_records() -> Vec<Vec<u8>> {
    let base = format!("base 500 {} 3", "ee".repeat(32));
    [base.as_str(), "fresh", "started 12"]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
}

/// Slots that claim less than the log has, or nothing.
pub fn watermarks() -> Vec<Vec<u8>> {
    let slots = |words: [u64; 6]| words.map(u64::to_le_bytes).concat();
    vec![slots([1, 0, 100, 2, 1, 100]), slots([0; 6])]
}
