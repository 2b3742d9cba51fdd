//! Transactions, what peers send, what clients ask.

use bytes::Bytes;
use prost::Message as _;
use talea_consensus::{
    ConsensusMessage, ContentVerdict, LockCertificate, LogRecord, RoundCertificate, RoundReason,
    RoundVote, SignedProposal, SignedVote,
};
use talea_node::bootstrap::{
    ChunkPosition, RefusalReason, SnapshotOffer, SnapshotReply, SnapshotRequest,
};
use talea_node::limits::bootstrap::CHUNK_BYTES;
use talea_node::replica::NodeMessage;
use talea_node::snapshot::{Seal, SnapshotName};
use talea_proto::{ApiError, api, convert};
use talea_types::access::{ReaderStatement, ReaderToken};
use talea_types::{
    AccountId, Batch, BatchDigest, CaseId, Hash, LoanId, ParticipantId, SecretKey, Signature,
    StateKey, Subject, Timestamp, TransactionId, ValidatorId, Vote, VoteKind, wire,
};

use super::block::{block_hash, chain, content};
use super::golden;
use crate::fuzz::ledger::object_number;

const HEIGHT: u64 = 7;

/// The signed message of each operation, with signatures that nobody made: decoding does not ask.
pub fn transactions() -> Vec<Vec<u8>> {
    let tag_and_chain = b"talea/transaction/v1".len() + 32;
    let signed = golden("signed").into_iter().map(|(_, message)| {
        let body = Bytes::from(message).slice(tag_and_chain..);
        let signers = wire::TransactionBody::decode(body.clone());
        let signers = signers.map_or(1, |body| body.signers.len());
        let signatures = vec![Bytes::from_static(&[9; 64]); signers];
        wire::SignedTransaction { body, signatures }.encode_to_vec()
    });
    signed.collect()
}

/// Batches of one, three and all of them.
pub fn batches() -> Vec<Vec<u8>> {
    let all: Vec<Bytes> = transactions().into_iter().map(Bytes::from).collect();
    let batch = |transactions: &[Bytes]| {
        let author = ValidatorId::from_bytes([3; 16]);
        let batch = Batch::seal(author, HEIGHT, transactions.to_vec());
        batch.map(|batch| batch.encoded().to_vec()).ok()
    };
    [&all[..1], &all[..3], &all[..]]
        .into_iter()
        .filter_map(batch)
        .collect()
}

pub fn events() -> Vec<Vec<u8>> {
    golden("event")
        .into_iter()
        .map(|(_, bytes)| bytes)
        .collect()
}

/// Each with the number of its kind in front.
pub fn objects() -> Vec<Vec<u8>> {
    let numbered =
        |(name, bytes): (String, Vec<u8>)| Some([&[object_number(&name)?][..], &bytes].concat());
    golden("object").into_iter().filter_map(numbered).collect()
}

fn state_keys() -> Vec<StateKey> {
    let account = AccountId::from_bytes([1; 16]);
    let participant = ParticipantId::from_bytes([2; 16]);
    let hash = Hash([3; 32]);
    vec![
        StateKey::Account(account),
        StateKey::Participant(participant),
        StateKey::RefundRight(TransactionId::new(hash), 3),
        StateKey::Network,
        StateKey::Clock,
        StateKey::Validators,
        StateKey::Governance,
        StateKey::Credential(account, participant),
        StateKey::Envelope(hash),
        StateKey::Tombstone(account, hash),
        StateKey::LoggedRead(Subject::Case(CaseId::from_bytes([5; 16])), participant),
        StateKey::Loan(LoanId::from_bytes([4; 16])),
        StateKey::Complaint(account, 2),
    ]
}

pub fn keys() -> Vec<Vec<u8>> {
    state_keys().iter().map(StateKey::to_bytes).collect()
}

pub fn tokens() -> Vec<Vec<u8>> {
    let key = SecretKey::from_seed([1; 32]);
    let statement = ReaderStatement {
        chain: chain(),
        reader: Subject::Participant(ParticipantId::from_bytes([2; 16])),
        audience: key.public_key(),
        expires_at: Timestamp::from_millis(1_800_000_000_000),
        key: key.public_key(),
    };
    let token = ReaderToken::sign(statement, &key);
    token
        .map(|token| token.encoded().to_vec())
        .into_iter()
        .collect()
}

fn signature() -> Signature {
    Signature::from_bytes([8; 64])
}

fn validator(number: u8) -> ValidatorId {
    ValidatorId::from_bytes([number; 16])
}

fn proposal() -> SignedProposal {
    SignedProposal {
        height: HEIGHT,
        round: 2,
        lock_round: Some(1),
        block_hash: block_hash(),
        content: content().encode(),
        proposer: validator(1),
        signature: signature(),
    }
}

fn vote() -> SignedVote {
    SignedVote {
        vote: Vote {
            kind: VoteKind::Precommit,
            height: HEIGHT,
            round: 2,
            block: Some(block_hash()),
            validator: validator(1),
        },
        signature: signature(),
    }
}

fn lock() -> LockCertificate {
    LockCertificate {
        height: HEIGHT,
        round: 1,
        block_hash: block_hash(),
        signatures: (1..=3)
            .map(|number| (validator(number), signature()))
            .collect(),
    }
}

pub fn consensus_messages() -> Vec<Vec<u8>> {
    let vote_of = |number, block_hash| RoundVote {
        kind: VoteKind::Prevote,
        block_hash,
        validator: validator(number),
        signature: signature(),
    };
    let round = RoundCertificate {
        height: HEIGHT,
        round: 1,
        reason: RoundReason::Skip,
        votes: vec![vote_of(1, None), vote_of(2, Some(block_hash()))],
    };
    let messages = [
        ConsensusMessage::Proposal(proposal()),
        ConsensusMessage::Vote(vote()),
        ConsensusMessage::Lock(lock()),
        ConsensusMessage::Round(round),
    ];
    messages
        .iter()
        .map(|message| message.encode().to_vec())
        .collect()
}

pub fn consensus_records() -> Vec<Vec<u8>> {
    let verdict = ContentVerdict {
        height: HEIGHT,
        round: 2,
        block_hash: block_hash(),
        content_digest: Hash([6; 32]),
        proposer: validator(1),
        valid: true,
    };
    let records = [
        LogRecord::Started { height: HEIGHT },
        LogRecord::Proposal(proposal()),
        LogRecord::Vote(vote()),
        LogRecord::Lock(lock()),
        LogRecord::Content(verdict),
        LogRecord::Timeout {
            height: HEIGHT,
            round: 2,
            step: talea_consensus::timeouts::Step::Prevote,
        },
    ];
    records
        .iter()
        .map(|record| record.encode().to_vec())
        .collect()
}

pub fn node_messages() -> Vec<Vec<u8>> {
    let digest = BatchDigest::new(Hash([9; 32]));
    let first = |mut all: Vec<Vec<u8>>| Bytes::from(all.swap_remove(0));
    let messages = [
        NodeMessage::Consensus(first(consensus_messages())),
        NodeMessage::Batch(first(batches())),
        NodeMessage::Ack(vec![digest; 3]),
        NodeMessage::FetchBatch(digest),
        NodeMessage::MissingBatch(digest),
        NodeMessage::Status { height: HEIGHT },
        NodeMessage::RequestBlocks { from: 1, to: 9 },
        NodeMessage::Blocks {
            from: HEIGHT,
            blocks: vec![first(super::committed()); 2],
        },
        NodeMessage::SnapshotRequest(first(snapshot_requests())),
        NodeMessage::SnapshotReply(first(snapshot_replies())),
    ];
    messages
        .iter()
        .map(|message| message.encode().to_vec())
        .collect()
}

const CHUNK: ChunkPosition = ChunkPosition {
    name: SnapshotName {
        height: HEIGHT,
        root: Hash([9; 32]),
    },
    seal: Seal([8; 16]),
    offset: CHUNK_BYTES,
};

pub fn snapshot_requests() -> Vec<Vec<u8>> {
    let requests = [SnapshotRequest::List, SnapshotRequest::Chunk(CHUNK)];
    requests
        .iter()
        .map(|request| request.encode().to_vec())
        .collect()
}

pub fn snapshot_replies() -> Vec<Vec<u8>> {
    let offer = SnapshotOffer {
        name: CHUNK.name,
        seal: CHUNK.seal,
        bytes: 1 << 30,
    };
    let replies = [
        SnapshotReply::Snapshots(vec![offer; 3]),
        SnapshotReply::Chunk(CHUNK, Bytes::from_static(b"objects")),
        SnapshotReply::Refused(CHUNK, RefusalReason::Busy),
    ];
    replies
        .iter()
        .map(|reply| reply.encode().to_vec())
        .collect()
}

/// Two messages on a stream of each priority.
pub fn frames() -> Vec<Vec<u8>> {
    let message = consensus_messages().swap_remove(1);
    let length = u32::try_from(message.len())
        .unwrap_or(u32::MAX)
        .to_le_bytes();
    let frame = [&length[..], &message].concat();
    (0..3_u8)
        .map(|priority| [&[priority][..], &frame, &frame].concat())
        .collect()
}

pub fn requests() -> Vec<Vec<u8>> {
    let id = Bytes::from_static(&[7; 32]);
    let subject = convert::subject_to_api(&Subject::Account(AccountId::from_bytes([1; 16])));
    let transaction = Bytes::from(transactions().swap_remove(0));
    let submit = api::SubmitRequest {
        transaction,
        ..Default::default()
    };
    let by_id = api::GetTransactionRequest {
        id: id.clone(),
        ..Default::default()
    };
    let receipt = api::GetReceiptRequest { id };
    let nonces = api::GetNoncesRequest {
        author: Some(subject.clone()),
    };
    let list = api::ListEventsRequest {
        subject: Some(subject.clone()),
        ..Default::default()
    };
    let watch = api::WatchEventsRequest {
        subject: Some(subject),
        ..Default::default()
    };
    let mut all = vec![
        [&[0][..], &submit.encode_to_vec()].concat(),
        [&[1][..], &by_id.encode_to_vec()].concat(),
        [&[2][..], &receipt.encode_to_vec()].concat(),
        [&[3][..], &nonces.encode_to_vec()].concat(),
        [&[5][..], &list.encode_to_vec()].concat(),
        [&[6][..], &watch.encode_to_vec()].concat(),
        [
            &[7][..],
            &api::WatchBlocksRequest::default().encode_to_vec(),
        ]
        .concat(),
        [&[8][..], &api::GetBlockRequest::default().encode_to_vec()].concat(),
        vec![9],
    ];
    all.extend(state_keys().iter().map(|key| {
        let key = Some(convert::state_key_to_api(key));
        [
            &[4][..],
            &api::GetStateRequest { key, prove: true }.encode_to_vec(),
        ]
        .concat()
    }));
    all
}

pub fn submit_batches() -> Vec<Vec<u8>> {
    let transactions = transactions().into_iter().map(Bytes::from).collect();
    vec![api::SubmitBatch { transactions }.encode_to_vec()]
}

pub fn error_details() -> Vec<Vec<u8>> {
    let errors = [
        ApiError::invalid("subject", "it is missing"),
        ApiError::denied("this record is for its holder"),
    ];
    let details = errors.map(|error| tonic::Status::from(error).details().to_vec());
    details
        .into_iter()
        .filter(|details| !details.is_empty())
        .collect()
}
