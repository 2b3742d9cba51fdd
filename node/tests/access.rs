//! Who may read what over gRPC: every cell of the matrix through the node, tokens that are worth nothing,
//! and a read that is recorded first.

mod api_support;
mod records;

use std::{sync::Arc, time::Duration};

use api_support::{TestNode, key, start};
use talea_client::{Client, ClientError, Options, Reader};
use talea_proto::{ApiError, LedgerClient, READER_METADATA, api, convert, reason};
use talea_types::{
    ChainId, Hash, ParticipantId, SecretKey, Subject,
    access::{ReaderStatement, ReaderToken},
    limits::READER_TOKEN_MS_MAX,
    operation::DataPurpose,
    state::StateKey,
};
use tonic::{Code, Request, metadata::MetadataValue, transport::Channel};

const OPERATOR: u8 = 1;

/// The statement that the operator makes for the node of the tests.
fn statement(node: &TestNode) -> ReaderStatement {
    ReaderStatement {
        chain: node.chain.chain,
        reader: node.chain.operator(),
        audience: key(4).public_key(),
        expires_at: node.chain.ledger.read().time().plus_millis(300_000),
        key: key(OPERATOR).public_key(),
    }
}

fn shown<T>(message: T, token: &[u8]) -> Request<T> {
    let mut request = Request::new(message);
    let token = MetadataValue::from_bytes(token);
    request.metadata_mut().insert_bin(READER_METADATA, token);
    request
}

fn own_record(node: &TestNode) -> api::GetStateRequest {
    let Subject::Participant(operator) = node.chain.operator() else {
        unreachable!()
    };
    api::GetStateRequest {
        key: Some(convert::state_key_to_api(&StateKey::Participant(operator))),
        prove: false,
    }
}

/// What the node says to a reader of the operator's record.
async fn ask(node: &TestNode, statement: ReaderStatement, secret: &SecretKey) -> (Code, String) {
    let token = ReaderToken::sign(statement, secret).unwrap();
    let request = shown(own_record(node), token.encoded());
    said(node.ledger().await.get_state(request).await)
}

fn said<T>(answer: Result<T, tonic::Status>) -> (Code, String) {
    match answer {
        Ok(_) => (Code::Ok, String::new()),
        Err(status) => {
            let error = ApiError::from_status(&status);
            (error.code, error.reason)
        }
    }
}

fn unauthenticated(reason: &str) -> (Code, String) {
    (Code::Unauthenticated, reason.to_owned())
}

fn ok() -> (Code, String) {
    (Code::Ok, String::new())
}

#[tokio::test]
async fn a_token_made_by_the_time_that_is_told_is_good_while_the_state_is_ahead() {
    let node = start().await;
    let statement = statement(&node);
    let later = statement.expires_at.plus_millis(1);
    node.chain.run_ahead_to(later.millis());
    assert_eq!(node.chain.ledger.read().time(), later);
    assert_eq!(ask(&node, statement, &key(OPERATOR)).await, ok());
}

#[tokio::test]
async fn tokens_that_are_worth_nothing() {
    let node = start().await;
    let good = statement(&node);
    let operator = key(OPERATOR);
    assert_eq!(ask(&node, good, &operator).await, ok());
    // Remembered, and as good.
    assert_eq!(ask(&node, good, &operator).await, ok());

    let chain = ChainId::new(Hash([9; 32]));
    let audience = key(5).public_key();
    let now = node.chain.ledger.read().time();
    let stranger = Subject::Participant(ParticipantId::from_bytes([9; 16]));
    let furthest = now.plus_millis(READER_TOKEN_MS_MAX);
    for (statement, reason) in [
        (ReaderStatement { chain, ..good }, reason::TOKEN_INVALID),
        (ReaderStatement { audience, ..good }, reason::TOKEN_INVALID),
        (
            ReaderStatement {
                expires_at: furthest.plus_millis(1),
                ..good
            },
            reason::TOKEN_INVALID,
        ),
        (
            ReaderStatement {
                expires_at: now,
                ..good
            },
            reason::TOKEN_EXPIRED,
        ),
        (
            ReaderStatement {
                reader: stranger,
                ..good
            },
            reason::READER_UNKNOWN,
        ),
    ] {
        let found = ask(&node, statement, &operator).await;
        assert_eq!(found, unauthenticated(reason), "{statement:?}");
    }
    let longest = ReaderStatement {
        expires_at: furthest,
        ..good
    };
    assert_eq!(ask(&node, longest, &operator).await, ok());
    // Somebody else's key.
    assert_eq!(
        ask(&node, good, &key(2)).await,
        unauthenticated(reason::READER_UNKNOWN)
    );

    // Bytes that are no token, a signature that is not of the key, no token, two tokens.
    let token = ReaderToken::sign(good, &operator).unwrap();
    let mut forged = token.encoded().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    for bytes in [b"garbage".as_slice(), b"", &forged] {
        let request = shown(own_record(&node), bytes);
        let found = said(node.ledger().await.get_state(request).await);
        assert_eq!(found, unauthenticated(reason::TOKEN_INVALID), "{bytes:?}");
    }
    let nobody = node.ledger().await.get_state(own_record(&node)).await;
    assert_eq!(said(nobody), unauthenticated(reason::READER_REQUIRED));
    let mut twice = shown(own_record(&node), token.encoded());
    let other = MetadataValue::from_bytes(token.encoded());
    twice.metadata_mut().append_bin(READER_METADATA, other);
    let found = said(node.ledger().await.get_state(twice).await);
    assert_eq!(found, unauthenticated(reason::TOKEN_INVALID));
}

/// A key that was rotated away reads nothing more, also with a token that was good, also on an open stream.
#[tokio::test]
async fn a_key_that_was_rotated_away_reads_nothing() {
    let node = start().await;
    let good = statement(&node);
    assert_eq!(ask(&node, good, &key(OPERATOR)).await, ok());
    let token = ReaderToken::sign(good, &key(OPERATOR)).unwrap();
    let mut ledger = node.ledger().await;
    let request = api::WatchEventsRequest {
        subject: Some(convert::subject_to_api(&node.chain.operator())),
        from_sequence: 0,
    };
    let request = shown(request, token.encoded());
    let mut events = ledger.watch_events(request).await.unwrap().into_inner();

    node.chain.rotate_operator_key(&key(8));
    node.chain.commit();
    let ended = loop {
        match events.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the stream ended without a word"),
            Err(status) => break ApiError::from_status(&status).reason,
        }
    };
    assert_eq!(ended, reason::READER_UNKNOWN);
    assert_eq!(
        ask(&node, good, &key(OPERATOR)).await,
        unauthenticated(reason::READER_UNKNOWN)
    );
    assert_eq!(ask(&node, statement(&node), &key(8)).await, ok());
}

/// The SDK makes tokens and records reads by itself.
#[tokio::test]
async fn a_read_is_recorded_then_served() {
    let node = start().await;
    let world = records::World::install(&node);
    // Blocks come while the SDK waits for them.
    let chain = Arc::clone(&node.chain);
    let blocks = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
            chain.commit();
        }
    });
    let client = Client::new(&Options::new([format!("http://{}", node.server.address)])).unwrap();
    let debtor = Subject::Debtor(world.unlogged());
    let key_of = StateKey::Debtor(world.unlogged());
    let (regulator, secret) = world.regulator();

    let refused = |answer: Result<_, ClientError>| match answer {
        Err(ClientError::Refused(error)) => error.reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refused(client.state(&key_of).await),
        reason::READER_REQUIRED
    );
    // Without a purpose nothing can be recorded.
    let silent = client.read_as(Reader::new(regulator, secret.clone()));
    assert_eq!(
        refused(silent.state(&key_of).await),
        reason::READ_NOT_LOGGED
    );
    let reader = Reader::for_purpose(regulator, vec![secret], DataPurpose::Supervision);
    let reading = client.read_as(reader);
    assert!(reading.state(&key_of).await.unwrap().is_some());
    // Recorded once: for a day it is enough.
    assert!(reading.state(&key_of).await.unwrap().is_some());
    assert!(silent.state(&key_of).await.unwrap().is_some());
    let (events, length) = reading.events(&debtor, 0, 10).await.unwrap();
    assert_eq!((events.len(), length), (1, 1));
    assert_eq!(
        format!("{:?}", events[0].detail)
            .matches("RecordRead")
            .count(),
        2
    );
    blocks.abort();
}

/// Every role, every kind of record, every relation: as the matrix says, read apart from the code.
#[tokio::test]
async fn every_cell_of_the_matrix() {
    let node = start().await;
    let world = records::World::install(&node);
    node.chain.commit();
    let mut ledger = node.ledger().await;
    let mut asked = 0;
    for reader in world.readers() {
        let token = reader.token.as_ref();
        for record in world.records(&reader) {
            let cell = records::cell(record.kind, reader.column);
            let expected = match cell.as_str() {
                "all" => true,
                "-" => false,
                own => own.split('+').any(|one| record.relations.contains(&one)),
            };
            let what = format!("{} {record:?}: {cell}", reader.column);
            for found in answers(&mut ledger, token, &record).await {
                asked += 1;
                match expected {
                    true => assert_eq!(found, ok(), "{what}"),
                    false if token.is_none() => {
                        assert_eq!(found, unauthenticated(reason::READER_REQUIRED), "{what}");
                    }
                    false => {
                        let denied = (Code::PermissionDenied, reason::DENIED.to_owned());
                        assert_eq!(found, denied, "{what}");
                    }
                }
            }
        }
    }
    // 12 readers, 15 kinds, and their relations.
    assert!(asked > 900, "{asked}");
}

/// What the node says, by each call that serves the record.
async fn answers(
    ledger: &mut LedgerClient<Channel>,
    token: Option<&bytes::Bytes>,
    record: &records::TestRecord,
) -> Vec<(Code, String)> {
    fn with<T>(message: T, token: Option<&bytes::Bytes>) -> Request<T> {
        match token {
            Some(token) => shown(message, token),
            None => Request::new(message),
        }
    }
    let mut answers = Vec::new();
    if let Some(key) = &record.object {
        let request = api::GetStateRequest {
            key: Some(convert::state_key_to_api(key)),
            prove: true,
        };
        answers.push(said(ledger.get_state(with(request, token)).await));
    }
    if let Some(subject) = &record.history {
        let subject = Some(convert::subject_to_api(subject));
        let list = api::ListEventsRequest {
            subject: subject.clone(),
            from_sequence: 0,
            limit: 1,
        };
        answers.push(said(ledger.list_events(with(list, token)).await));
        let watch = api::WatchEventsRequest {
            subject,
            from_sequence: 0,
        };
        // The node has places for two watchers: the stream is dropped at once.
        loop {
            let found = said(ledger.watch_events(with(watch.clone(), token)).await);
            if found.1 != reason::TOO_MANY_CALLS {
                answers.push(found);
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    if record.kind == "body" || record.kind == "block" {
        for (with_body, with_results) in [(true, false), (false, true)] {
            let request = api::GetBlockRequest {
                height: 0,
                with_body: with_body && record.kind == "body",
                with_results: with_results && record.kind == "body",
            };
            answers.push(said(ledger.get_block(with(request, token)).await));
        }
    }
    assert!(!answers.is_empty(), "{record:?}");
    answers
}
