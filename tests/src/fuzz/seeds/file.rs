//! Files of people and files of nodes.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use prost::Message as _;
use talea_client::privacy::EnvelopeKey;
use talea_client::{Envelope, EnvelopeError, HistoryProof, ObjectProof, ProofFile, ReceiptProof};
use talea_genesis::ceremony::Contribution;
use talea_node::config::DEFAULTS;
use talea_node::storage::block_log::{BlockLog, BlockLogOptions};
use talea_node::storage::consensus_log::ConsensusLog;
use talea_node::storage::disk::{Disk, MemDisk};
use talea_node::storage::framed_log::segment_name;
use talea_rules::{Pack, packs as rule_packs};
use talea_types::merkle::{MapProof, Terminal};
use talea_types::operation::ClockAdvance;
use talea_types::{
    AccountId, Operation, ParticipantId, SecretKey, StateKey, Subject, Timestamp, TransactionBody,
    event::Event,
};

use super::block::{chain, committed_block, network, receipt};
use super::{events, objects};

pub fn pack_texts() -> Vec<Vec<u8>> {
    rule_packs::TEXTS
        .iter()
        .map(|(_, text)| text.as_bytes().to_vec())
        .collect()
}

pub fn packs() -> Vec<Vec<u8>> {
    let texts = rule_packs::TEXTS.iter();
    let packs = texts.filter_map(|(_, text)| Pack::from_toml(text).ok());
    packs.map(|pack| pack.encode()).collect()
}

fn object_proof() -> ObjectProof {
    // An account, and a path to it of two levels.
    let map = MapProof {
        siblings: vec![talea_types::Hash([1; 32]), talea_types::Hash([2; 32])],
        terminal: Terminal::Empty,
    };
    ObjectProof {
        key: StateKey::Account(AccountId::from_bytes([1; 16])),
        value: Some(Bytes::from(objects().swap_remove(0)).slice(1..)),
        map,
        finality: receipt().finality,
    }
}

pub fn proof_files() -> Vec<Vec<u8>> {
    let decoded = events().into_iter().take(3);
    let events = decoded
        .filter_map(|event| Event::decode(&event.into()).ok())
        .collect();
    let files = [
        ProofFile::Receipt(ReceiptProof {
            transaction: Some(super::transactions().swap_remove(0).into()),
            receipt: receipt(),
        }),
        ProofFile::Object(object_proof()),
        ProofFile::History(HistoryProof {
            subject: object_proof(),
            events,
        }),
    ];
    files.iter().map(ProofFile::encode).collect()
}

pub fn envelope_key() -> EnvelopeKey {
    EnvelopeKey::of(&SecretKey::from_seed([3; 32]))
}

/// Sealing is random; a run that is to be repeated takes what was sealed once.
pub fn envelopes() -> Vec<Vec<u8>> {
    static SEALED: &[u8] = include_bytes!("envelope.bin");
    vec![SEALED.to_vec()]
}

pub fn genesis_documents() -> Vec<Vec<u8>> {
    vec![network().localnet.document.to_toml().into_bytes()]
}

pub fn contributions() -> Vec<Vec<u8>> {
    let document = &network().localnet.document;
    let contribution = document.participants.iter().map(|participant| {
        let participant = participant.clone();
        Contribution::new(document.network.name.clone(), participant)
            .to_toml()
            .into_bytes()
    });
    contribution.collect()
}

/// Of two signers: signed by nobody, by one, by both.
pub fn transaction_files() -> Vec<Vec<u8>> {
    let keys = [5, 6].map(|seed| SecretKey::from_seed([seed; 32]));
    let mut signers = keys.each_ref().map(SecretKey::public_key).to_vec();
    signers.sort_unstable();
    let body = TransactionBody {
        signers,
        author: Subject::Participant(ParticipantId::from_bytes([4; 16])),
        nonce: 3,
        expires_at: Timestamp::from_millis(1_800_000_060_000),
        operation: Operation::ClockAdvance(ClockAdvance { by_ms: 1 }),
    };
    let good =
        |error: EnvelopeError| -> ! { unreachable!("two keys sign one transaction: {error}") };
    let mut file = Envelope::new(chain(), &body).unwrap_or_else(|error| good(error));
    let mut files = vec![file.to_text().into_bytes()];
    for key in &keys {
        file.sign(key).unwrap_or_else(|error| good(error));
        files.push(file.to_text().into_bytes());
    }
    files
}

pub fn settings() -> Vec<Vec<u8>> {
    vec![DEFAULTS.as_bytes().to_vec()]
}

fn empty_disk() -> Arc<dyn Disk> {
    Arc::new(MemDisk::new())
}

fn first_segment(disk: &Arc<dyn Disk>) -> Vec<u8> {
    let read = || -> std::io::Result<Vec<u8>> {
        let file = disk.open(&Path::new("log").join(segment_name(0)))?;
        let mut bytes = vec![0; file.length()? as usize];
        file.read_at(0, &mut bytes)?;
        Ok(bytes)
    };
    read().unwrap_or_else(|error| unreachable!("a disk in memory works: {error}"))
}

/// The first segment of a block log and of a consensus log.
pub fn segments() -> Vec<Vec<u8>> {
    let (block_log, consensus_log) = (empty_disk(), empty_disk());
    let block = committed_block();
    let hash = *block.body.content.header.hash().as_bytes();
    let options = BlockLogOptions {
        first_height: 2,
        ..BlockLogOptions::new([7; 16])
    };
    let written = BlockLog::open(&block_log, Path::new("log"), options).and_then(|(mut log, _)| {
        log.append_body(2, hash, &block.body.encode())?;
        log.append_commit(2, hash, &block.certificate.encode())?;
        log.sync()
    });
    written.unwrap_or_else(|error| unreachable!("a new log takes a block: {error}"));
    let written =
        ConsensusLog::open(&consensus_log, Path::new("log"), [7; 16]).and_then(|(mut log, _)| {
            for record in super::consensus_records() {
                log.append(7, &record)?;
            }
            log.sync()
        });
    written.unwrap_or_else(|error| unreachable!("a new log takes records: {error}"));
    vec![first_segment(&block_log), first_segment(&consensus_log)]
}

/// A frame for `disk_of_frames`.
fn frame(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let payload = parts.concat();
    let length = u16::try_from(payload.len())
        .unwrap_or(u16::MAX)
        .to_le_bytes();
    [&[kind], &length[..], &payload].concat()
}

/// A body and its decision: see the record format of the block log.
pub fn block_frames() -> Vec<Vec<u8>> {
    let height = 1_u64.to_le_bytes();
    let body = frame(1, &[&height, &[5; 32], &super::bodies().swap_remove(0)]);
    // The body's frame is the first of segment 0; its payload has no chain value and no head.
    let length = u32::try_from(body.len() - 3)
        .unwrap_or(u32::MAX)
        .to_le_bytes();
    let position = [0_u32.to_le_bytes(), 80_u32.to_le_bytes(), length].concat();
    let certificate = super::certificates().swap_remove(0);
    let commit = frame(2, &[&height, &[5; 32], &position, &certificate]);
    vec![[body, commit].concat()]
}

pub fn consensus_frames() -> Vec<Vec<u8>> {
    let height = 2_u64.to_le_bytes();
    let records = super::consensus_records();
    let mut frames = frame(2, &[&height]);
    frames.extend(
        records
            .iter()
            .flat_map(|record| frame(1, &[&height, record])),
    );
    vec![frames]
}

/// Three records in a row: see the format of the record log.
pub fn record_frames() -> Vec<Vec<u8>> {
    let record = history().swap_remove(0);
    let frames = (61_u64..64).flat_map(|height| frame(1, &[&height.to_le_bytes(), &record]));
    vec![frames.collect()]
}

/// A page of two objects, a checkpoint's record and an intent.
pub fn pages() -> Vec<Vec<u8>> {
    let object = |last: u8| {
        let mut path = [0; 32];
        path[31] = last;
        [
            &path[..],
            &2_u32.to_be_bytes(),
            &3_u32.to_be_bytes(),
            b"k1",
            b"abc",
        ]
        .concat()
    };
    let page = [7_u16.to_be_bytes().to_vec(), 9_u64.to_be_bytes().to_vec()].concat();
    let record = [
        &9_u64.to_be_bytes()[..],
        &[4; 32],
        &2_u64.to_be_bytes(),
        &page,
    ]
    .concat();
    let intent = [
        &9_u64.to_be_bytes()[..],
        &1_u32.to_be_bytes(),
        &[0, 8],
        &page,
    ]
    .concat();
    vec![[object(1), object(2)].concat(), record, intent]
}

/// A manifest with a run and garbage, and a chunk of two entries.
pub fn index_values() -> Vec<Vec<u8>> {
    let number = |number: u64| number.to_be_bytes().to_vec();
    let run = [
        number(1),
        1_u32.to_be_bytes().to_vec(),
        1_u32.to_be_bytes().to_vec(),
    ]
    .concat();
    let manifest = [vec![1], number(9), number(2), number(1), run, number(0)].concat();
    vec![manifest, vec![6; 56]]
}

/// A short value with its checksum, and the head of a long one.
pub fn stored() -> Vec<Vec<u8>> {
    let long = [
        &[1][..],
        &[3; 16],
        &5_u64.to_be_bytes(),
        &9_000_u32.to_be_bytes(),
    ]
    .concat();
    vec![[&[0][..], &[3; 16], b"value"].concat(), long]
}

/// Results and events of a block, and a change of the set.
pub fn history() -> Vec<Vec<u8>> {
    static RECORD: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let receipt = receipt();
        let result = receipt.result.to_wire().encode_to_vec();
        let mut record = Vec::new();
        prost::encoding::bytes::encode(1, &result, &mut record);
        for event in events().into_iter().take(3) {
            prost::encoding::bytes::encode(2, &event, &mut record);
        }
        record
    });
    vec![RECORD.clone(), receipt().finality.to_wire().encode_to_vec()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use talea_client::privacy::SealedEnvelope;

    /// Made anew by `TALEA_REGENERATE=1 cargo test --release -p talea-tests --lib`.
    #[test]
    fn the_sealed_envelope_opens() {
        let (account, content) = (AccountId::from_bytes([1; 16]), b"statement");
        if std::env::var_os("TALEA_REGENERATE").is_some() {
            let recipients = [envelope_key().public()];
            let sealed = SealedEnvelope::seal(account, content, &recipients).unwrap();
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fuzz/seeds/envelope.bin");
            std::fs::write(path, sealed.encoded()).unwrap();
        }
        let sealed = SealedEnvelope::decode(envelopes().swap_remove(0).into()).unwrap();
        assert_eq!(sealed.account(), account);
        assert_eq!(sealed.open(&envelope_key()).unwrap()[..], content[..]);
    }
}
