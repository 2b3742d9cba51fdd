//! What a client can send to the gRPC port that is not a good transaction: each gets a typed refusal, and
//! a good client is served all the while.

use std::time::Duration;

use bytes::{Buf as _, BufMut as _, Bytes};
use talea_client::ApiError;
use talea_proto::{LedgerClient, api, errors::reason, limits as api_limits};
use talea_types::{SignedTransaction, limits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::network::{Cluster, PATIENCE, VALIDATORS};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_clients_get_typed_refusals_and_others_are_served() {
    let mut cluster = Cluster::start().await;
    let mut balances = cluster.funded();
    let endpoint = cluster.endpoints()[0].clone();
    let client = cluster.client(0);

    other_protocols(&endpoint).await;
    cluster.pay(20, &mut balances).await;

    let channel = Channel::from_shared(endpoint.clone()).unwrap();
    let channel = channel.connect().await.unwrap();
    broken_requests(&channel).await;
    cluster.pay(20, &mut balances).await;

    let good = cluster.payments(1, &mut balances).remove(0);
    let settled = client.submit(&good, PATIENCE).await.unwrap();
    let cases = broken_transactions(&cluster, &good);
    let mut ledger = LedgerClient::new(channel);
    for (what, bytes, code, reasons) in cases {
        let error = submit(&mut ledger, bytes).await.unwrap_err();
        assert_eq!(error.code, code, "{what}: {error}");
        assert!(reasons.contains(&error.reason.as_str()), "{what}: {error}");
    }

    // A replay, at every node: the first outcome, and nothing applied again.
    for index in 0..VALIDATORS {
        let again = cluster.client(index).submit(&good, PATIENCE).await.unwrap();
        assert_eq!(again, settled);
    }
    cluster.pay(200, &mut balances).await;
    cluster.check(&balances).await;
    cluster.network.stop();
}

/// Garbage, HTTP/1, a preface and then nonsense, half a frame and then silence.
async fn other_protocols(endpoint: &str) {
    let address = endpoint.strip_prefix("http://").unwrap();
    let preface = &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..];
    let nonsense = [preface, &[0xff; 512]].concat();
    // A HEADERS frame that announces more than comes.
    let half = [preface, &[0, 0x40, 0, 1, 4, 0, 0, 0, 1, 0x82]].concat();
    let http1 = b"POST /talea.api.v1.Ledger/Submit HTTP/1.1\r\nHost: node\r\n\r\n".to_vec();
    for bytes in [vec![0xff; 4_096], http1, nonsense] {
        let mut socket = TcpStream::connect(address).await.unwrap();
        // The node may close it before all is written.
        let _ = socket.write_all(&bytes).await;
        let mut answer = Vec::new();
        let closed = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut answer));
        // A reset is as good as an end.
        let _ = closed.await.expect("the connection is closed");
    }
    let mut silent = TcpStream::connect(address).await.unwrap();
    silent.write_all(&half).await.unwrap();
}

/// Requests that are no protobuf messages of the contract, or too large for it.
async fn broken_requests(channel: &Channel) {
    let transaction = [&[0x0a, 100][..], &[7; 20]].concat();
    let wrong_type = vec![0x08, 0x01];
    let endless_varint = vec![0xff; 64];
    for bytes in [transaction, wrong_type, endless_varint] {
        let status = raw_submit(channel, bytes).await.unwrap_err();
        let typed = matches!(status.code(), Code::Internal | Code::InvalidArgument);
        assert!(typed, "{status:?}");
    }
    let too_large = vec![0; api_limits::REQUEST_BYTES_MAX + 1];
    let status = raw_submit(channel, too_large).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert!(
        !ApiError::from_status(&status).reason.is_empty(),
        "{status:?}"
    );
}

type Case = (&'static str, Bytes, Code, &'static [&'static str]);

/// Bytes that are nearly `good`.
fn broken_transactions(cluster: &Cluster, good: &SignedTransaction) -> Vec<Case> {
    const NOT_CANONICAL: &[&str] = &[reason::NOT_CANONICAL, reason::MALFORMED];
    let encoded = good.encoded();
    let with = |more: &[u8]| Bytes::from([encoded.as_ref(), more].concat());
    // The first length, written with one byte more than needed.
    let mut padded = encoded.to_vec();
    let last = padded.iter().skip(1).position(|byte| *byte < 0x80).unwrap() + 1;
    padded[last] |= 0x80;
    padded.insert(last + 1, 0);
    let altered = cluster.badly_signed_payment();
    let expired = cluster.expired_payment();
    let body = good.body();
    let other = &cluster.keys.operator().key;
    let mut foreign = body.clone();
    foreign.signers = vec![other.public_key()];
    foreign.nonce += 1;
    let chain = cluster.network.file().chain_id;
    let foreign = SignedTransaction::sign(&chain, &foreign, &[other]).unwrap();
    let code = Code::InvalidArgument;
    vec![
        (
            "nothing",
            Bytes::new(),
            code,
            &[
                reason::MALFORMED,
                reason::FIELD_MISSING,
                reason::FIELD_INVALID,
            ],
        ),
        (
            "noise",
            Bytes::from_static(&[0xa5; 300]),
            code,
            &[reason::MALFORMED],
        ),
        (
            "truncated",
            encoded.slice(..encoded.len() - 1),
            code,
            &[reason::MALFORMED],
        ),
        ("trailing byte", with(&[0]), code, NOT_CANONICAL),
        (
            "unknown field",
            with(&[0xf8, 0x3f, 0x01]),
            code,
            NOT_CANONICAL,
        ),
        (
            "a length that is not minimal",
            padded.into(),
            code,
            NOT_CANONICAL,
        ),
        (
            "too large",
            vec![0; limits::TRANSACTION_BYTES_MAX + 1].into(),
            code,
            &[reason::TOO_LARGE],
        ),
        (
            "altered signature",
            altered,
            code,
            &[reason::SIGNATURE_INVALID],
        ),
        (
            "expired",
            expired.encoded().clone(),
            Code::FailedPrecondition,
            &["EXPIRED"],
        ),
        (
            "signed by somebody else",
            foreign.encoded().clone(),
            Code::FailedPrecondition,
            &["UNAUTHORISED"],
        ),
    ]
}

async fn submit(ledger: &mut LedgerClient<Channel>, bytes: Bytes) -> Result<(), ApiError> {
    let mut request = Request::new(api::SubmitRequest {
        transaction: bytes,
        ..Default::default()
    });
    request.set_timeout(Duration::from_secs(30));
    let answer = ledger.submit(request).await;
    answer
        .map(drop)
        .map_err(|status| ApiError::from_status(&status))
}

/// Calls `Submit` with bytes that need not be a message.
async fn raw_submit(channel: &Channel, bytes: Vec<u8>) -> Result<Bytes, Status> {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let path = "/talea.api.v1.Ledger/Submit".parse().unwrap();
    let answer = grpc.unary(Request::new(Bytes::from(bytes)), path, RawCodec);
    Ok(answer.await?.into_inner())
}

/// Messages as they are.
struct RawCodec;

impl Codec for RawCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = buffer.remaining();
        Ok(Some(buffer.copy_to_bytes(length)))
    }
}
