//! What validators and other nodes say to one another.

use bytes::Bytes;
use talea_consensus::{ConsensusMessage, LOG_RECORD_BYTES_MAX, LogRecord, MESSAGE_BYTES_MAX};
use talea_node::bootstrap::{SnapshotReply, SnapshotRequest};
use talea_node::decoders::DECODERS;
use talea_node::replica::NodeMessage;

use super::{Bound, Target, memory::uncounted, seeds};

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target {
            name: "consensus-message",
            bytes_max: MESSAGE_BYTES_MAX + 64,
            memory: Bound::STRICT,
            seeds: seeds::consensus_messages,
            decode: consensus_message,
        },
        Target {
            name: "consensus-record",
            bytes_max: LOG_RECORD_BYTES_MAX + 64,
            memory: Bound::STRICT,
            seeds: seeds::consensus_records,
            decode: consensus_record,
        },
        Target {
            name: "node-message",
            bytes_max: 1 << 20,
            memory: Bound::STRICT,
            seeds: seeds::node_messages,
            decode: node_message,
        },
        Target::new(
            "snapshot-request",
            256,
            Bound::STRICT,
            seeds::snapshot_requests,
            snapshot_request,
        ),
        Target::new(
            "snapshot-reply",
            512 << 10,
            Bound::STRICT,
            seeds::snapshot_replies,
            snapshot_reply,
        ),
        Target {
            name: "peer-frames",
            bytes_max: 256 << 10,
            // A reader makes room for one step of 64 KiB before the bytes come, however few do: with smaller steps a
            // large frame would be moved more often while it grows.
            memory: Bound {
                times: 4,
                constant: 72 << 10,
            },
            seeds: seeds::frames,
            decode: frames,
        },
    ]
}

fn consensus_message(bytes: &Bytes) -> bool {
    let Ok(message) = ConsensusMessage::decode(bytes) else {
        return false;
    };
    uncounted(|| assert_eq!(message.encode(), bytes));
    true
}

fn consensus_record(bytes: &Bytes) -> bool {
    let Ok(record) = LogRecord::decode(bytes) else {
        return false;
    };
    uncounted(|| assert_eq!(record.encode(), bytes));
    true
}

fn node_message(bytes: &Bytes) -> bool {
    let Ok(message) = NodeMessage::decode(bytes) else {
        return false;
    };
    uncounted(|| assert_eq!(message.encode(), bytes));
    true
}

fn snapshot_request(bytes: &Bytes) -> bool {
    let Ok(request) = SnapshotRequest::decode(bytes) else {
        return false;
    };
    uncounted(|| assert_eq!(request.encode(), bytes));
    true
}

fn snapshot_reply(bytes: &Bytes) -> bool {
    let Ok(reply) = SnapshotReply::decode(bytes) else {
        return false;
    };
    uncounted(|| assert_eq!(reply.encode(), bytes));
    true
}

fn frames(bytes: &Bytes) -> bool {
    by_name("peer-frames", bytes)
}

/// Hands bytes to a reader of the node that has no public door.
pub(super) fn by_name(name: &str, bytes: &Bytes) -> bool {
    let decoder = DECODERS.iter().find(|(own, _)| *own == name);
    let (_, decode) = decoder.unwrap_or_else(|| unreachable!("{name} is a decoder of the node"));
    decode(bytes)
}
