//! What all clients share: one that takes what it can get, and a second that is served.

mod api_support;

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use api_support::{GRPC, TestNode, start_with};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use talea_node::config::GrpcConfig;
use talea_proto::{
    ApiError, LedgerClient,
    api::{self, TransactionState, WaitFor},
    errors::reason,
    limits::REQUEST_BYTES_MAX,
};
use tokio::{io::AsyncReadExt as _, net::TcpStream};
use tonic::{Code, Status, body::Body, codegen::http, transport::Channel};
use tower::{Service as _, ServiceExt as _};

/// Numbers of the two clients.
const GREEDY: u8 = 1;
const MODEST: u8 = 2;

const CONFIG: GrpcConfig = GrpcConfig {
    connections_max: 128,
    streams_per_connection_max: 1_024,
    watchers_max: 9,
    ..GRPC
};

fn assert_held_enough(status: &Status) {
    let error = ApiError::from_status(status);
    assert_eq!(
        (error.code, error.reason.as_str()),
        (Code::ResourceExhausted, reason::TOO_MANY_CALLS),
        "{status}"
    );
}

/// The second client pays.
async fn assert_served(node: &TestNode) {
    let mut modest = LedgerClient::new(node.channel_of(MODEST).await);
    let request = api::SubmitRequest {
        transaction: node.chain.transaction(0).encoded().clone(),
        wait: WaitFor::Accepted.into(),
        timeout_ms: 0,
    };
    let answer = modest.submit(request).await.unwrap().into_inner();
    assert_eq!(answer.status.unwrap().state(), TransactionState::Accepted);
}

#[tokio::test]
async fn connections() {
    let config = GrpcConfig {
        connections_max: 9,
        ..CONFIG
    };
    let node = start_with(config).await;
    // On all of which it has said nothing yet.
    let mut held = Vec::new();
    for _ in 0..9 {
        held.push(TcpStream::connect(node.server.address).await.unwrap());
    }
    let mut closed = 0;
    for stream in &mut held {
        let read = tokio::time::timeout(Duration::from_millis(300), stream.read_u8());
        closed += usize::from(matches!(read.await, Ok(Err(_))));
    }
    assert_eq!(closed, 4, "five of nine are its share");
    assert_served(&node).await;
}

#[tokio::test]
async fn watchers() {
    let node = start_with(CONFIG).await;
    let mut watching = Vec::new();
    let refused = loop {
        // More connections do not help.
        let mut greedy = LedgerClient::new(node.channel_of(GREEDY).await);
        match greedy
            .watch_blocks(api::WatchBlocksRequest::default())
            .await
        {
            Ok(stream) => watching.push((stream, greedy)),
            Err(status) => break status,
        }
    };
    assert_held_enough(&refused);
    assert_eq!(watching.len(), 5);
    let mut modest = LedgerClient::new(node.channel_of(MODEST).await);
    let watch = modest.watch_blocks(api::WatchBlocksRequest::default());
    let mut blocks = watch.await.unwrap().into_inner();
    node.chain.commit();
    assert!(blocks.message().await.unwrap().unwrap().header.is_some());
}

#[tokio::test]
async fn streams_of_submissions() {
    let node = start_with(CONFIG).await;
    let mut held = Vec::new();
    let refused = loop {
        let mut greedy = LedgerClient::new(node.channel_of(GREEDY).await);
        let mut open = async || greedy.submit_stream(futures::stream::pending()).await;
        match (open().await, open().await, open().await, open().await) {
            (Ok(a), Ok(b), Ok(c), Ok(d)) => held.push(([a, b, c, d], greedy)),
            (.., Err(status)) => break status,
            _ => unreachable!("a multiple of four is its share"),
        }
    };
    assert_held_enough(&refused);
    assert_eq!(held.len() * 4, 128, "half of the places");
    let mut modest = LedgerClient::new(node.channel_of(MODEST).await);
    let batch = api::SubmitBatch {
        transactions: vec![node.chain.transaction(0).encoded().clone()],
    };
    let answers = modest.submit_stream(futures::stream::iter([batch])).await;
    let update = answers.unwrap().into_inner().message().await.unwrap();
    let status = &update.unwrap().statuses[0];
    assert_eq!(status.state(), TransactionState::Accepted);
}

/// A body that begins and does not end.
struct Unfinished(Option<Bytes>);

impl HttpBody for Unfinished {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.0.take() {
            Some(begun) => Poll::Ready(Some(Ok(Frame::data(begun)))),
            None => Poll::Pending,
        }
    }
}

/// Begins a request of so many bytes; the answer says how it ended.
async fn begin(mut channel: Channel, method: &str, bytes: usize) -> Result<(), Status> {
    // Not compressed; the length of the message, which is one more than what comes.
    let length = u32::try_from(bytes + 1).unwrap().to_be_bytes();
    let begun = [&[0][..], &length, &vec![7; bytes]].concat();
    let request = http::Request::post(format!("http://node/talea.api.v1.{method}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::new(Unfinished(Some(begun.into()))))
        .unwrap();
    let answer = channel.ready().await.unwrap().call(request).await.unwrap();
    Status::from_header_map(answer.headers()).map_or(Ok(()), Err)
}

/// Begins so many requests on connections of the first client; those that were refused at once.
async fn hold_unfinished(
    node: &TestNode,
    method: &'static str,
    bytes: usize,
    count: usize,
) -> Vec<Status> {
    let (sender, mut refused) = tokio::sync::mpsc::unbounded_channel();
    let mut begun = 0;
    while begun < count {
        let channel = node.channel_of(GREEDY).await;
        let here = (count - begun).min(500);
        for _ in 0..here {
            let (channel, sender) = (channel.clone(), sender.clone());
            tokio::spawn(async move {
                if let Err(status) = begin(channel, method, bytes).await {
                    let _ = sender.send(status);
                }
            });
        }
        begun += here;
    }
    let mut all = Vec::new();
    let quiet = Duration::from_secs(3);
    while let Ok(Some(status)) = tokio::time::timeout(quiet, refused.recv()).await {
        all.push(status);
    }
    all
}

#[tokio::test]
async fn bytes_of_unfinished_requests() {
    let node = start_with(CONFIG).await;
    // As much as there is for all.
    let bytes = REQUEST_BYTES_MAX - 100;
    let refused = hold_unfinished(&node, "Ledger/Submit", bytes, 256).await;
    assert!((120..=140).contains(&refused.len()), "{}", refused.len());
    assert_held_enough(&refused[0]);
    assert_served(&node).await;
}

#[tokio::test]
async fn requests_that_read() {
    let node = start_with(CONFIG).await;
    let refused = hold_unfinished(&node, "Ledger/GetBlock", 1, 1_024).await;
    assert_eq!(refused.len(), 512);
    assert_held_enough(&refused[0]);
    let mut modest = LedgerClient::new(node.channel_of(MODEST).await);
    let genesis = modest.get_genesis(api::GetGenesisRequest {}).await;
    assert_eq!(genesis.unwrap().into_inner().document, "genesis");
    // Who reads takes no place of those who submit.
    let own = node.channel_of(GREEDY).await;
    let answer = begin(own, "Ledger/Submit", 1);
    let waits = tokio::time::timeout(Duration::from_millis(200), answer).await;
    assert!(waits.is_err(), "the rest of it is waited for");
}

#[tokio::test]
async fn requests_that_submit() {
    let node = start_with(CONFIG).await;
    let refused = hold_unfinished(&node, "Ledger/Submit", 1, 8_200).await;
    assert_eq!(refused.len(), 8);
    assert_held_enough(&refused[0]);
    assert_served(&node).await;
}

#[tokio::test]
async fn a_request_that_does_not_come_whole_ends_soon() {
    let node = start_with(CONFIG).await;
    for method in ["Ledger/Submit", "Ledger/WatchBlocks"] {
        let answer = begin(node.channel().await, method, 10);
        let answer = tokio::time::timeout(Duration::from_secs(15), answer).await;
        let status = answer.expect("long before the deadline of the call");
        let error = ApiError::from_status(&status.unwrap_err());
        assert_eq!(error.reason, reason::TOO_MANY_CALLS);
        assert!(error.message.contains("did not come whole"), "{error}");
    }
}

#[tokio::test]
async fn an_idle_stream_of_submissions_ends_and_one_that_waits_does_not() {
    let config = GrpcConfig {
        stream_idle_ms_max: 200,
        ..CONFIG
    };
    let node = start_with(config).await;
    let mut ledger = node.ledger().await;
    let idle = ledger.submit_stream(futures::stream::pending()).await;
    let ended = idle.unwrap().into_inner().message().await.unwrap_err();
    let error = ApiError::from_status(&ended);
    assert_eq!(
        (error.code, error.reason.as_str()),
        (Code::Unavailable, reason::STREAM_IDLE)
    );
    let (sender, messages) = tokio::sync::mpsc::channel(1);
    let transactions = vec![node.chain.transaction(0).encoded().clone()];
    sender
        .send(api::SubmitBatch { transactions })
        .await
        .unwrap();
    let messages = tokio_stream::wrappers::ReceiverStream::new(messages);
    let mut updates = ledger.submit_stream(messages).await.unwrap().into_inner();
    let accepted = updates.message().await.unwrap().unwrap();
    assert_eq!(accepted.statuses[0].state(), TransactionState::Accepted);
    let silence = tokio::time::timeout(Duration::from_secs(1), updates.message());
    assert!(silence.await.is_err(), "the transaction is waited for");
    node.chain.commit();
    let committed = updates.message().await.unwrap().unwrap();
    assert_eq!(committed.statuses[0].state(), TransactionState::Committed);
    let error = ApiError::from_status(&updates.message().await.unwrap_err());
    assert_eq!(error.reason, reason::STREAM_IDLE);
}

#[tokio::test]
async fn a_submitter_that_reads_no_answers_is_dropped() {
    let node = start_with(CONFIG).await;
    let mut ledger = node.ledger().await;
    let batch = api::SubmitBatch {
        transactions: vec![Bytes::from_static(&[7; 100]); 1_000],
    };
    let batches = futures::stream::repeat(batch);
    let mut updates = ledger.submit_stream(batches).await.unwrap().into_inner();
    // Longer than a reader may take nothing.
    tokio::time::sleep(Duration::from_secs(13)).await;
    let ended = loop {
        match updates.message().await {
            Ok(update) => assert!(update.is_some(), "it ends with a reason"),
            Err(status) => break status,
        }
    };
    assert_held_enough(&ended);
    assert!(ended.message().contains("too slowly"), "{ended}");
}
