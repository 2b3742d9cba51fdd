//! Pins the bytes and the hashes of what validators agree on and what receipts prove: a change of any
//! splits networks that exist and voids receipts that were handed out.
//!
//! Transactions, events and state objects are pinned by the ledger, whose story makes all of them.
//!
//! After a change that is meant: `TALEA_REGENERATE=1 cargo test --release -p talea-types --test golden`.

use std::fmt::{Display, Write as _};

use bytes::Bytes;
use prost::Message;
use talea_types::{
    Batch, BatchDigest, BlockBody, BlockContent, BlockHash, BlockHeader, Certificate, ChainId,
    CommittedBlock, Hash, Outcome, ParticipantId, SecretKey, Timestamp, TransactionId,
    TransactionResult, Validator, ValidatorId, ValidatorSet, Vote, VoteKind,
    block::results_root,
    merkle::{MapProof, Terminal, list},
    receipt::{FinalityProof, Receipt, SetChange, list_proof_to_wire, map_proof_to_wire},
};

const HEIGHT: u64 = 2;
const ROUND: u32 = 1;

fn chain() -> ChainId {
    ChainId::new(Hash([1; 32]))
}

fn voting_key(number: u8) -> SecretKey {
    SecretKey::from_seed([number; 32])
}

fn validators() -> ValidatorSet {
    let validators = (1..=4).map(|number| Validator {
        participant: ParticipantId::from_bytes([number; 16]),
        voting_key: voting_key(number).public_key(),
        power: u64::from(number),
        network_key: SecretKey::from_seed([number + 100; 32]).public_key(),
        name: format!("validator-{number}"),
    });
    ValidatorSet::new(validators).unwrap()
}

fn vote(kind: VoteKind, block: Option<BlockHash>) -> Vote {
    Vote {
        kind,
        height: HEIGHT,
        round: ROUND,
        block,
        validator: ValidatorId::from_voting_key(&voting_key(1).public_key()),
    }
}

/// Of three validators.
fn certificate(height: u64, block: BlockHash) -> Certificate {
    let mut signatures: Vec<_> = (2..=4)
        .map(|number| {
            let key = voting_key(number);
            let vote = Vote {
                height,
                validator: ValidatorId::from_voting_key(&key.public_key()),
                ..vote(VoteKind::Precommit, Some(block))
            };
            (vote.validator, key.sign(&vote.signed_message(&chain())))
        })
        .collect();
    signatures.sort_by_key(|(id, _)| *id);
    Certificate {
        height,
        round: ROUND,
        block,
        signatures,
    }
}

/// To the types of this crate, the transactions of a batch are opaque.
fn batch() -> Batch {
    let transactions = [&b"first"[..], b"second"].map(Bytes::from_static);
    let author = ValidatorId::from_voting_key(&voting_key(3).public_key());
    Batch::seal(author, 9, transactions.to_vec()).unwrap()
}

fn results() -> Vec<TransactionResult> {
    let result = |number, outcome, rules: &[&str]| TransactionResult {
        transaction: TransactionId::new(Hash([number; 32])),
        outcome,
        rules: rules.iter().map(|&rule| rule.to_owned()).collect(),
    };
    vec![
        result(1, Outcome::Applied, &[]),
        result(2, Outcome::NotRefundable, &[]),
        result(3, Outcome::Applied, &["us-reg-f/hours", "us-reg-f/7-in-7"]),
    ]
}

fn content() -> BlockContent {
    let parent = BlockHash::new(Hash([2; 32]));
    let parent_certificate = certificate(HEIGHT - 1, parent);
    let batch_digests = vec![batch().digest()];
    let header = BlockHeader {
        chain: chain(),
        height: HEIGHT,
        parent,
        time: Timestamp::from_millis(1_795_305_600_000),
        proposer: ValidatorId::from_voting_key(&voting_key(1).public_key()),
        parent_round: parent_certificate.round,
        parent_certificate: Some(parent_certificate.hash()),
        batches_root: BlockContent::batches_root(&batch_digests),
        results_root: results_root(&results()),
        result_count: 3,
        state_root: Hash([3; 32]),
        validators_hash: validators().hash(),
        next_validators_hash: validators().hash(),
        rule_packs_hash: Hash([4; 32]),
        business_date: 20_779,
    };
    BlockContent {
        header,
        parent_certificate: Some(parent_certificate),
        batch_digests,
    }
}

/// Without a parent's certificate and without a batch.
fn first_header() -> BlockHeader {
    BlockHeader {
        height: 1,
        parent: BlockHash::new(chain().hash()),
        parent_round: 0,
        parent_certificate: None,
        batches_root: BlockContent::batches_root(&[]),
        results_root: results_root(&[]),
        result_count: 0,
        ..content().header
    }
}

fn committed_block() -> CommittedBlock {
    let content = content();
    CommittedBlock {
        certificate: certificate(HEIGHT, content.header.hash()),
        body: BlockBody {
            content,
            batches: vec![batch()],
        },
    }
}

/// With one change of the set before the block.
fn receipt() -> Receipt {
    let header = BlockHeader {
        height: HEIGHT + 1,
        ..content().header
    };
    let change = SetChange {
        header: content().header,
        certificate: certificate(HEIGHT, content().header.hash()),
        next: validators(),
    };
    let leaves: Vec<Hash> = results().iter().map(TransactionResult::hash).collect();
    Receipt {
        result: results().swap_remove(2),
        inclusion: list::prove(&leaves, 2).unwrap(),
        finality: FinalityProof {
            set_changes: vec![change],
            certificate: certificate(header.height, header.hash()),
            header,
        },
    }
}

#[derive(Default)]
struct Golden(String);

impl Golden {
    fn bytes(&mut self, name: &str, bytes: &[u8]) {
        self.text(&format!("bytes {name}"), hex::encode(bytes));
    }

    fn hash(&mut self, name: &str, hash: impl Display) {
        self.text(&format!("hash {name}"), hash);
    }

    fn text(&mut self, name: &str, value: impl Display) {
        writeln!(self.0, "{name} {value}").unwrap();
    }
}

fn votes(golden: &mut Golden) {
    let block = Some(content().header.hash());
    for (name, kind, block) in [
        ("prevote", VoteKind::Prevote, block),
        ("prevote-nil", VoteKind::Prevote, None),
        ("precommit", VoteKind::Precommit, block),
        ("precommit-nil", VoteKind::Precommit, None),
    ] {
        let message = vote(kind, block).signed_message(&chain());
        golden.text(&format!("signed {name}"), hex::encode(message));
    }
}

fn blocks(golden: &mut Golden) {
    golden.bytes("batch", batch().encoded());
    golden.hash("batch", batch().digest());
    let digests: Vec<BatchDigest> = (1..=3)
        .map(|byte| BatchDigest::new(Hash([byte; 32])))
        .collect();
    golden.hash("batches", BlockContent::batches_root(&digests));
    for (number, result) in results().iter().enumerate() {
        golden.bytes(
            &format!("result-{number}"),
            &result.to_wire().encode_to_vec(),
        );
        golden.hash(&format!("result-{number}"), result.hash());
    }
    golden.hash("results", results_root(&results()));
    for (name, header) in [("header", content().header), ("header-1", first_header())] {
        golden.bytes(name, &header.to_wire().encode_to_vec());
        golden.hash(name, header.hash());
    }
    golden.bytes("block-content", &content().encode());
    golden.bytes("block-body", &committed_block().body.encode());
    golden.bytes("committed-block", &committed_block().encode());
}

fn proofs(golden: &mut Golden) {
    golden.bytes("validator-set", &validators().to_wire().encode_to_vec());
    golden.hash("validator-set", validators().hash());
    let certificate = committed_block().certificate;
    golden.bytes("certificate", &certificate.encode());
    golden.hash("certificate", certificate.hash());
    let list = list_proof_to_wire(&receipt().inclusion);
    golden.bytes("list-proof", &list.encode_to_vec());
    let leaf = Terminal::Leaf {
        path: Hash([6; 32]),
        value_hash: Hash([7; 32]),
    };
    for (name, terminal) in [("leaf", leaf), ("empty", Terminal::Empty)] {
        let proof = MapProof {
            siblings: vec![Hash([8; 32]), Hash([9; 32])],
            terminal,
        };
        let proof = map_proof_to_wire(&proof).encode_to_vec();
        golden.bytes(&format!("map-proof-{name}"), &proof);
    }
    let finality = receipt().finality.to_wire();
    golden.bytes("finality-proof", &finality.encode_to_vec());
    golden.bytes("receipt", &receipt().encode());
}

#[test]
fn blocks_votes_and_receipts_have_these_bytes() {
    let mut golden = Golden::default();
    votes(&mut golden);
    blocks(&mut golden);
    proofs(&mut golden);
    let Golden(found) = golden;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/blocks.txt");
    if std::env::var_os("TALEA_REGENERATE").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let pinned = std::fs::read_to_string(path).unwrap();
    for (found, pinned) in found.lines().zip(pinned.lines()) {
        assert_eq!(
            found, pinned,
            "the bytes of a message changed; if that is meant, it is a new protocol version: run \
             TALEA_REGENERATE=1 cargo test --release -p talea-types --test golden"
        );
    }
    assert_eq!(found.lines().count(), pinned.lines().count());
}

/// What is pinned is what is read.
#[test]
fn what_is_pinned_reads_back() {
    let block = committed_block();
    assert_eq!(CommittedBlock::decode(&block.encode()).unwrap(), block);
    let receipt = receipt();
    assert_eq!(Receipt::decode(&receipt.encode()).unwrap(), receipt);
}
