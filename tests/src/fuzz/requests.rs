//! gRPC requests: what the transport decodes, and how the node reads its fields.

use bytes::Bytes;
use prost::Message;
use talea_proto::{ApiError, api, codec, convert, limits};
use talea_types::TransactionId;
use talea_types::wire::shape::Shaped;

use super::{Bound, Target, memory::uncounted, seeds};

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target {
            name: "request",
            bytes_max: limits::REQUEST_BYTES_MAX,
            memory: Bound::STRICT,
            seeds: seeds::requests,
            decode: request,
        },
        Target {
            name: "submit-batch",
            bytes_max: limits::SUBMIT_BATCH_BYTES_MAX,
            memory: Bound::STRICT,
            seeds: seeds::submit_batches,
            decode: submit_batch,
        },
        Target {
            name: "error-details",
            bytes_max: 16 << 10,
            // The library's own messages: a violation of no field is two bytes on the wire and takes 90. They come in
            // a header, which is bounded, so that an answer takes two MiB at most.
            memory: Bound {
                times: 128,
                constant: 64 << 10,
            },
            seeds: seeds::error_details,
            decode: error_details,
        },
    ]
}

/// The first byte says which call it is; the rest is the message.
fn request(bytes: &Bytes) -> bool {
    let Some(call) = bytes.first() else {
        return false;
    };
    let message = bytes.slice(1..);
    match call % 10 {
        0 => read::<api::SubmitRequest>(message, |_| true),
        1 => read::<api::GetTransactionRequest>(message, |request| id(&request.id)),
        2 => read::<api::GetReceiptRequest>(message, |request| id(&request.id)),
        3 => read::<api::GetNoncesRequest>(message, |request| subject(request.author.as_ref())),
        4 => read::<api::GetStateRequest>(message, |request| key(request.key.as_ref())),
        5 => read::<api::ListEventsRequest>(message, |request| subject(request.subject.as_ref())),
        6 => read::<api::WatchEventsRequest>(message, |request| subject(request.subject.as_ref())),
        7 => read::<api::WatchBlocksRequest>(message, |_| true),
        8 => read::<api::GetBlockRequest>(message, |_| true),
        _ => read::<api::GetStatusRequest>(message, |_| true),
    }
}

fn read<M>(bytes: Bytes, read: impl FnOnce(&M) -> bool) -> bool
where
    M: Message + Default + Shaped,
{
    codec::decode::<M>(bytes).is_ok_and(|message| read(&message))
}

fn id(bytes: &Bytes) -> bool {
    let read = TransactionId::from_wire("id", bytes);
    read.is_ok_and(|id| id.to_wire() == bytes)
}

fn subject(subject: Option<&api::Subject>) -> bool {
    let Ok(read) = convert::subject_from_api(subject) else {
        return false;
    };
    uncounted(|| assert_eq!(Some(&convert::subject_to_api(&read)), subject));
    true
}

fn key(key: Option<&api::StateKey>) -> bool {
    let Ok(read) = convert::state_key_from_api(key) else {
        return false;
    };
    uncounted(|| assert_eq!(Some(&convert::state_key_to_api(&read)), key));
    true
}

fn submit_batch(bytes: &Bytes) -> bool {
    codec::decode::<api::SubmitBatch>(bytes.clone()).is_ok()
}

/// What a client reads from a node's refusal.
fn error_details(bytes: &Bytes) -> bool {
    let status = tonic::Status::with_details(tonic::Code::Internal, "refused", bytes.clone());
    !ApiError::from_status(&status).reason.is_empty()
}
