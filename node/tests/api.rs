//! The gRPC API of a node, through a real connection.

mod api_support;

use std::time::Duration;

use api_support::{GRPC, now_ms, start, start_with};
use bytes::Bytes;
use futures::StreamExt;
use talea_node::interface::AdmissionError;
use talea_proto::{
    ApiError,
    api::{self, TransactionState, WaitFor},
    errors::reason,
};
use talea_types::{
    ChainId, CommittedBlock, Event, Hash, Outcome, SignedTransaction, StateKey, Subject,
    crypto::KeyCache,
    event::verify_complete,
    limits,
    receipt::{FinalityProof, Receipt, map_proof_from_wire},
    state::{self, Participant},
};
use tonic::{Code, Request};

fn submit(transaction: &SignedTransaction, wait: WaitFor, timeout_ms: u32) -> api::SubmitRequest {
    api::SubmitRequest {
        transaction: transaction.encoded().clone(),
        wait: wait.into(),
        timeout_ms,
    }
}

fn committed(transaction: &SignedTransaction) -> api::SubmitRequest {
    submit(transaction, WaitFor::Committed, 0)
}

fn wire_subject(subject: Subject) -> Option<api::Subject> {
    Some(talea_proto::convert::subject_to_api(&subject))
}

#[tokio::test]
async fn a_payment_from_submission_to_a_receipt_that_verifies() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    let transaction = node.chain.transaction(0);
    let request = committed(&transaction);
    let answer = tokio::spawn({
        let mut ledger = ledger.clone();
        async move { ledger.submit(request).await }
    });
    node.until_waiting(1).await;
    let id = transaction.id().to_wire();
    let asked = api::GetTransactionRequest {
        id: id.clone(),
        with_bytes: true,
    };
    let record = node.chain.commit();
    let status = answer.await.unwrap().unwrap().into_inner().status.unwrap();
    assert_eq!(status.state(), TransactionState::Committed);
    assert_eq!(
        (status.height, status.index, status.outcome),
        (record.height(), 0, 0)
    );

    let found = ledger.get_transaction(asked).await.unwrap().into_inner();
    assert_eq!(found.status.unwrap(), status);
    assert_eq!(found.transaction, *transaction.encoded());

    let request = api::GetReceiptRequest { id };
    let receipt = ledger
        .get_receipt(request)
        .await
        .unwrap()
        .into_inner()
        .receipt
        .unwrap();
    let receipt = Receipt::from_wire(&receipt).unwrap();
    assert_eq!(receipt.result.transaction, transaction.id());
    let (chain, set) = (node.chain.chain, &node.chain.validators);
    receipt.verify(&chain, set, &mut KeyCache::new()).unwrap();

    // The same bytes again, later: the same answer, and nothing happens twice.
    node.chain.commit();
    let again = ledger
        .submit(committed(&transaction))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(again.status.unwrap(), status);
    assert_eq!(node.chain.waiting(), 0);
}

#[tokio::test]
async fn without_a_quorum_the_answer_comes_before_the_deadline() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    let accepted = |answer: api::SubmitResponse, transaction: &SignedTransaction| {
        let status = answer.status.unwrap();
        assert_eq!(status.state(), TransactionState::Accepted);
        assert_eq!(status.id, transaction.id().to_wire());
    };
    let first = node.chain.transaction(0);
    let request = submit(&first, WaitFor::Committed, 20);
    accepted(ledger.submit(request).await.unwrap().into_inner(), &first);
    let second = node.chain.transaction(1);
    let mut request = Request::new(committed(&second));
    // The client's own deadline is shorter than the node's default wait.
    request.set_timeout(Duration::from_millis(400));
    accepted(ledger.submit(request).await.unwrap().into_inner(), &second);
    let third = node.chain.transaction(2);
    let request = submit(&third, WaitFor::Accepted, 0);
    accepted(ledger.submit(request).await.unwrap().into_inner(), &third);
    for transaction in [&first, &second, &third] {
        let request = api::GetTransactionRequest {
            id: transaction.id().to_wire(),
            with_bytes: false,
        };
        let found = ledger.get_transaction(request).await.unwrap().into_inner();
        assert_eq!(found.status.unwrap().state(), TransactionState::Accepted);
    }
    let request = api::GetReceiptRequest {
        id: first.id().to_wire(),
    };
    assert_eq!(
        ledger.get_receipt(request).await.unwrap_err().code(),
        Code::NotFound
    );
}

#[tokio::test]
async fn a_transaction_whose_time_passes_is_reported_as_expired() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    let expires_at = now_ms() + 60_000;
    let transaction = node.chain.operator_transaction_expiring(0, expires_at);
    let request = committed(&transaction);
    let answer = tokio::spawn(async move { ledger.submit(request).await });
    node.until_waiting(1).await;
    // The block is later than the expiry, and carries the transaction all the same.
    node.chain.commit_at(expires_at + 1);
    let status = answer.await.unwrap().unwrap().into_inner().status.unwrap();
    assert_eq!(status.state(), TransactionState::Expired);
}

#[tokio::test]
async fn what_a_block_rejects_is_final_and_named() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    let transaction = node.chain.rejected(0);
    let request = committed(&transaction);
    let answer = tokio::spawn(async move { ledger.submit(request).await });
    node.until_waiting(1).await;
    node.chain.commit();
    let status = answer.await.unwrap().unwrap().into_inner().status.unwrap();
    assert_eq!(status.state(), TransactionState::Rejected);
    assert_eq!(status.outcome, Outcome::NotPermitted.number());
    assert_eq!(status.outcome_name, "NOT_PERMITTED");
    assert!(!status.outcome_help.is_empty());
}

#[tokio::test]
async fn a_retry_that_overtakes_the_index_gets_the_first_outcome() {
    let node = start().await;
    let transaction = node.chain.transaction(0);
    let mut ledger = node.ledger().await;
    let request = api::SubmitRequest {
        transaction: transaction.encoded().clone(),
        wait: WaitFor::Accepted.into(),
        ..Default::default()
    };
    ledger.submit(request.clone()).await.unwrap();
    node.chain.commit();
    // Admission finds the nonce used and nothing in the index; a moment later it is there.
    let late = &node.chain.history.late_lookups;
    late.store(1, std::sync::atomic::Ordering::Relaxed);
    let answer = ledger.submit(request).await.unwrap().into_inner();
    let status = answer.status.unwrap();
    assert_eq!(status.state(), TransactionState::Committed);
    assert_eq!((status.height, status.index), (1, 0));
    assert_eq!(late.load(std::sync::atomic::Ordering::Relaxed), 0);
}

#[tokio::test]
async fn refusals_are_typed() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    let good = node.chain.transaction(0);
    let mut refused = async |transaction: Bytes| {
        let request = api::SubmitRequest {
            transaction,
            ..Default::default()
        };
        ApiError::from_status(&ledger.submit(request).await.unwrap_err())
    };
    let elsewhere = ChainId::new(Hash([9; 32]));
    let other_chain =
        SignedTransaction::sign(&elsewhere, good.body(), &[&api_support::key(1)]).unwrap();
    let expired = node.chain.operator_transaction_expiring(1, 1);
    let far = node
        .chain
        .operator_transaction_expiring(2, now_ms() + 2 * 86_400_000);
    let stranger = node
        .chain
        .transaction_by("STRANGER000000000000", 1, 0, now_ms() + 1_000);
    let wrong_key = node
        .chain
        .transaction_by("OPERATOR000000000000", 9, 0, now_ms() + 60_000);
    let truncated = good.encoded().slice(..good.encoded().len() - 1);
    let trailing = Bytes::from([good.encoded().as_ref(), &[0]].concat());
    let cases = [
        (Bytes::new(), Code::InvalidArgument, ""),
        (
            Bytes::from_static(b"garbage"),
            Code::InvalidArgument,
            reason::MALFORMED,
        ),
        (truncated, Code::InvalidArgument, reason::MALFORMED),
        (trailing, Code::InvalidArgument, ""),
        (
            vec![0; limits::TRANSACTION_BYTES_MAX + 1].into(),
            Code::InvalidArgument,
            reason::TOO_LARGE,
        ),
        (
            other_chain.encoded().clone(),
            Code::InvalidArgument,
            reason::SIGNATURE_INVALID,
        ),
        (
            expired.encoded().clone(),
            Code::FailedPrecondition,
            "EXPIRED",
        ),
        (
            far.encoded().clone(),
            Code::FailedPrecondition,
            "EXPIRY_TOO_FAR",
        ),
        (
            stranger.encoded().clone(),
            Code::FailedPrecondition,
            "AUTHOR_UNKNOWN",
        ),
        (
            wrong_key.encoded().clone(),
            Code::FailedPrecondition,
            "UNAUTHORISED",
        ),
    ];
    for (number, (bytes, code, reason)) in cases.into_iter().enumerate() {
        let error = refused(bytes).await;
        assert_eq!(error.code, code, "case {number}: {error}");
        assert!(!error.reason.is_empty(), "case {number}: {error}");
        assert!(
            reason.is_empty() || error.reason == reason,
            "case {number}: {error}"
        );
    }
    *node.chain.refusal.lock() = Some(AdmissionError::Quota { waiting: 9, max: 9 });
    let error = refused(good.encoded().clone()).await;
    assert_eq!(
        (error.code, error.reason.as_str()),
        (Code::ResourceExhausted, "QUOTA_EXCEEDED")
    );
    assert!(error.retry_after.is_some());
    *node.chain.refusal.lock() = Some(AdmissionError::Closed {
        reason: "it is catching up",
    });
    let error = refused(good.encoded().clone()).await;
    assert_eq!(
        (error.code, error.reason.as_str()),
        (Code::Unavailable, "NOT_SERVING")
    );
    assert_eq!(node.chain.waiting(), 0, "nothing of this was taken");
}

#[tokio::test]
async fn requests_that_make_no_sense_name_the_field() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    let request = submit(&node.chain.transaction(0), WaitFor::Committed, 60_001);
    let error = ApiError::from_status(&ledger.submit(request).await.unwrap_err());
    assert_eq!(error.field.as_deref(), Some("timeout_ms"));
    let request = api::GetReceiptRequest {
        id: Bytes::from_static(b"short"),
    };
    let error = ApiError::from_status(&ledger.get_receipt(request).await.unwrap_err());
    assert_eq!(
        (error.code, error.field.as_deref()),
        (Code::InvalidArgument, Some("id"))
    );
    let error = ledger
        .get_nonces(api::GetNoncesRequest::default())
        .await
        .unwrap_err();
    assert_eq!(ApiError::from_status(&error).reason, reason::FIELD_MISSING);
    let subject = wire_subject(node.chain.operator());
    let request = api::ListEventsRequest {
        subject,
        from_sequence: 0,
        limit: 1_001,
    };
    let error = ApiError::from_status(
        &ledger
            .list_events(node.as_operator(request))
            .await
            .unwrap_err(),
    );
    assert_eq!(error.field.as_deref(), Some("limit"));
    // More than a unary request may be: refused while it is read.
    let request = api::SubmitRequest {
        transaction: vec![0; 300 << 10].into(),
        ..Default::default()
    };
    let error = ApiError::from_status(&ledger.submit(request).await.unwrap_err());
    assert_eq!(
        (error.code, error.field.as_deref()),
        (Code::InvalidArgument, Some("request"))
    );
    // More than any message may be: refused by its length, before it is read.
    let transactions = vec![vec![0; 2 << 20].into()];
    let messages = futures::stream::iter([api::SubmitBatch { transactions }]);
    let mut updates = ledger.submit_stream(messages).await.unwrap().into_inner();
    assert_eq!(
        updates.message().await.unwrap_err().code(),
        Code::OutOfRange
    );
    ledger.get_network(api::GetNetworkRequest {}).await.unwrap();
}

#[tokio::test]
async fn a_stream_accepts_first_and_tells_the_end_of_each() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    let transactions: Vec<_> = (0..30).map(|nonce| node.chain.transaction(nonce)).collect();
    let mut bytes: Vec<Bytes> = transactions
        .iter()
        .map(|one| one.encoded().clone())
        .collect();
    bytes.push(Bytes::from_static(b"garbage"));
    bytes.push(transactions[0].encoded().clone());
    let messages: Vec<_> = bytes
        .chunks(7)
        .map(|part| api::SubmitBatch {
            transactions: part.to_vec(),
        })
        .collect();
    let mut updates = ledger
        .submit_stream(futures::stream::iter(messages))
        .await
        .unwrap()
        .into_inner();
    let mut seen: Vec<api::TransactionStatus> = Vec::new();
    while seen.len() < 32 {
        seen.extend(updates.message().await.unwrap().unwrap().statuses);
    }
    let count = |state: TransactionState, seen: &[api::TransactionStatus]| {
        seen.iter().filter(|status| status.state() == state).count()
    };
    assert_eq!(count(TransactionState::Accepted, &seen), 31);
    let refused = seen
        .iter()
        .find(|status| status.state() == TransactionState::Refused)
        .unwrap();
    assert_eq!((refused.position, refused.id.len()), (30, 0));
    assert_eq!(refused.refusal.as_ref().unwrap().reason, reason::MALFORMED);

    node.chain.commit();
    let mut ended = Vec::new();
    // The sending half is closed: the stream ends once everything has ended.
    while let Some(update) = updates.message().await.unwrap() {
        ended.extend(update.statuses);
    }
    assert_eq!(
        count(TransactionState::Committed, &ended),
        30,
        "a repeated one ends once"
    );
    assert_eq!(ended.len(), 30);
}

#[tokio::test]
async fn a_stream_with_too_many_in_a_message_ends_with_an_error() {
    let node = start().await;
    // As long as transactions are, and too short for a thousand of them to be worth decoding.
    for (transaction, field) in [(&[7; 100][..], "transactions"), (b"x", "request")] {
        let mut ledger = node.ledger().await;
        let transactions = vec![Bytes::from_static(transaction); 1_001];
        let messages = futures::stream::iter([api::SubmitBatch { transactions }])
            .chain(futures::stream::pending());
        let mut updates = ledger.submit_stream(messages).await.unwrap().into_inner();
        let error = ApiError::from_status(&updates.message().await.unwrap_err());
        assert_eq!(
            (error.code, error.field.as_deref()),
            (Code::InvalidArgument, Some(field))
        );
    }
}

#[tokio::test]
async fn state_comes_with_a_proof_of_what_is_and_what_is_not_there() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    node.chain.commit();
    let Subject::Participant(operator) = node.chain.operator() else {
        unreachable!()
    };
    let mut get = async |id: talea_types::ParticipantId| {
        let kind = Some(api::state_key::Kind::Participant(id.to_wire()));
        let request = api::GetStateRequest {
            key: Some(api::StateKey { kind }),
            prove: true,
        };
        let answer = ledger
            .get_state(node.as_operator(request))
            .await
            .unwrap()
            .into_inner();
        let proof = answer.proof.unwrap();
        let finality = FinalityProof::from_wire(&proof.finality.unwrap()).unwrap();
        let (chain, set) = (node.chain.chain, &node.chain.validators);
        finality.verify(&chain, set, &mut KeyCache::new()).unwrap();
        assert_eq!(finality.header.height, answer.height);
        let map = map_proof_from_wire(&proof.map.unwrap()).unwrap();
        let path = StateKey::Participant(id).path();
        let root = finality.header.state_root;
        match answer.value.is_empty() {
            true => map.verify_absence(&root, &path).unwrap(),
            false => {
                let value = state::value_hash(&answer.value);
                map.verify_inclusion(&root, &path, &value).unwrap();
            }
        }
        answer.value
    };
    let value = get(operator).await;
    assert_eq!(
        Participant::decode(&value).unwrap().lei,
        "OPERATOR000000000000"
    );
    assert!(
        get(talea_types::ParticipantId::from_bytes([0xee; 16]))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn nonces_are_those_of_the_committed_state() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    let author = wire_subject(node.chain.operator());
    for nonce in [0, 1, 5] {
        let request = submit(&node.chain.transaction(nonce), WaitFor::Accepted, 0);
        ledger.submit(request).await.unwrap();
    }
    node.chain.commit();
    let request = api::GetNoncesRequest { author };
    let nonces = ledger.get_nonces(request).await.unwrap().into_inner();
    assert_eq!((nonces.window_start, nonces.next), (2, 6));
    let author = wire_subject(Subject::Participant(
        talea_types::ParticipantId::from_bytes([8; 16]),
    ));
    let error = ledger
        .get_nonces(api::GetNoncesRequest { author })
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
}

#[tokio::test]
async fn watchers_of_blocks_resume_where_they_say() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    for _ in 0..3 {
        node.chain.commit();
    }
    let request = api::WatchBlocksRequest { from_height: 2 };
    let mut blocks = ledger.watch_blocks(request).await.unwrap().into_inner();
    let mut next = async || {
        blocks
            .message()
            .await
            .unwrap()
            .unwrap()
            .header
            .unwrap()
            .height
    };
    assert_eq!((next().await, next().await), (2, 3));
    // More than the live channel holds.
    for _ in 0..20 {
        node.chain.commit();
    }
    for height in 4..=23 {
        assert_eq!(next().await, height);
    }
    node.chain.history.prune(10);
    let request = api::WatchBlocksRequest { from_height: 5 };
    let mut blocks = ledger.watch_blocks(request).await.unwrap().into_inner();
    let error = ApiError::from_status(&blocks.message().await.unwrap_err());
    assert_eq!(
        (error.code, error.reason.as_str()),
        (Code::OutOfRange, "PRUNED")
    );
}

#[tokio::test]
async fn a_watched_history_is_complete() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    let mut commit = async |nonce| {
        let request = submit(&node.chain.transaction(nonce), WaitFor::Accepted, 0);
        ledger.submit(request).await.unwrap();
        node.chain.commit();
    };
    for nonce in 0..3 {
        commit(nonce).await;
    }
    let mut watcher = node.ledger().await;
    let subject = wire_subject(node.chain.operator());
    let request = api::WatchEventsRequest {
        subject: subject.clone(),
        from_sequence: 0,
    };
    let mut events = watcher
        .watch_events(node.as_operator(request))
        .await
        .unwrap()
        .into_inner();
    let mut seen: Vec<api::EventRecord> = Vec::new();
    while seen.len() < 3 {
        seen.extend(events.message().await.unwrap().unwrap().events);
    }
    for nonce in 3..6 {
        commit(nonce).await;
    }
    while seen.len() < 6 {
        seen.extend(events.message().await.unwrap().unwrap().events);
    }
    assert!(seen.iter().map(|record| record.sequence).eq(0..6));
    let request = api::ListEventsRequest {
        subject,
        from_sequence: 0,
        limit: 0,
    };
    let listed = watcher
        .list_events(node.as_operator(request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (listed.events, listed.length, listed.height),
        (seen.clone(), 6, 6)
    );
    let events: Vec<Event> = seen
        .iter()
        .map(|record| Event::decode(&record.event).unwrap())
        .collect();
    let Subject::Participant(operator) = node.chain.operator() else {
        unreachable!()
    };
    let chain = node
        .chain
        .ledger
        .read()
        .participant(&operator)
        .unwrap()
        .events;
    verify_complete(node.chain.operator(), &events, &chain).unwrap();
}

#[tokio::test]
async fn too_many_watchers_are_refused_and_make_room_when_they_go() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    let request = api::WatchBlocksRequest { from_height: 0 };
    let first = ledger.watch_blocks(request).await.unwrap();
    let _second = ledger.watch_blocks(request).await.unwrap();
    let error = ApiError::from_status(&ledger.watch_blocks(request).await.unwrap_err());
    assert_eq!(
        (error.code, error.reason.as_str()),
        (Code::ResourceExhausted, "TOO_MANY_CALLS")
    );
    drop(first);
    while ledger.watch_blocks(request).await.is_err() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn blocks_and_the_network_are_told() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    let request = api::GetBlockRequest {
        height: 1,
        with_body: true,
        with_results: true,
    };
    assert_eq!(
        ledger
            .get_block(node.as_operator(request))
            .await
            .unwrap_err()
            .code(),
        Code::NotFound
    );
    let submitted = submit(&node.chain.transaction(0), WaitFor::Accepted, 0);
    ledger.submit(submitted).await.unwrap();
    let record = node.chain.commit();
    let block = ledger
        .get_block(node.as_operator(request))
        .await
        .unwrap()
        .into_inner();
    let notice = block.notice.unwrap();
    assert_eq!((notice.applied, notice.rejected, notice.void), (1, 0, 0));
    assert_eq!(block.results.len(), 1);
    let decoded = CommittedBlock::decode(&block.block).unwrap();
    assert_eq!(decoded.body.content.header.hash(), record.hash);
    let network = ledger
        .get_network(api::GetNetworkRequest {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (network.height, network.sandbox, network.validators.len()),
        (1, true, 1)
    );
    assert_eq!(
        network.state_root,
        record.body.content.header.state_root.as_bytes().as_slice()
    );
    let genesis = ledger
        .get_genesis(api::GetGenesisRequest {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(genesis.document, "genesis");
}

#[tokio::test]
async fn an_operator_on_this_machine_gets_the_status() {
    let node = start().await;
    let mut operator = node.operator().await;
    let status = operator
        .get_status(api::GetStatusRequest {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!((status.node_name.as_str(), status.round), ("node-1", 3));
    let text = node.metrics.encode();
    let line = "talea_grpc_requests_total{method=\"Operator/GetStatus\",code=\"OK\"} 1";
    assert!(text.contains(line), "{text}");
}

#[tokio::test]
async fn a_node_that_stops_says_so_to_everybody() {
    let node = start().await;
    let mut ledger = node.ledger().await;
    let request = api::WatchBlocksRequest { from_height: 0 };
    let mut blocks = ledger.watch_blocks(request).await.unwrap().into_inner();
    let transaction = node.chain.transaction(0);
    let request = committed(&transaction);
    let waiting = tokio::spawn(async move { ledger.submit(request).await });
    node.until_waiting(1).await;
    node.server.stop().await;
    let error = ApiError::from_status(&blocks.message().await.unwrap_err());
    assert_eq!(
        (error.code, error.reason.as_str()),
        (Code::Unavailable, "STOPPING")
    );
    let status = waiting.await.unwrap().unwrap().into_inner().status.unwrap();
    assert_eq!(status.state(), TransactionState::Accepted);
}

#[tokio::test]
async fn connections_are_bounded() {
    let config = talea_node::config::GrpcConfig {
        connections_max: 1,
        ..GRPC
    };
    let node = start_with(config).await;
    let mut first = node.ledger().await;
    first.get_genesis(api::GetGenesisRequest {}).await.unwrap();
    let address = format!("http://{}", node.server.address);
    let second = tonic::transport::Channel::from_shared(address)
        .unwrap()
        .connect_lazy();
    let mut second = talea_proto::LedgerClient::new(second);
    let error = second
        .get_genesis(api::GetGenesisRequest {})
        .await
        .unwrap_err();
    // The connection is gone: nobody wrote this answer.
    assert_eq!(ApiError::from_status(&error).reason, "", "{error}");
    first.get_genesis(api::GetGenesisRequest {}).await.unwrap();
}

#[tokio::test]
async fn health_follows_the_node_and_reflection_shows_the_contract() {
    let node = start().await;
    let mut health = tonic_health::pb::health_client::HealthClient::new(node.channel().await);
    let request = tonic_health::pb::HealthCheckRequest {
        service: "talea.api.v1.Ledger".to_owned(),
    };
    let before = health
        .check(request.clone())
        .await
        .unwrap()
        .into_inner()
        .status;
    node.server.serving_switch().set(true).await;
    let after = health.check(request).await.unwrap().into_inner().status;
    use tonic_health::pb::health_check_response::ServingStatus;
    assert_eq!(
        (before, after),
        (
            ServingStatus::NotServing.into(),
            ServingStatus::Serving.into()
        )
    );
    use tonic_reflection::pb::v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let mut reflection = ServerReflectionClient::new(node.channel().await);
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let asked = futures::stream::iter([request]);
    let mut answers = reflection
        .server_reflection_info(asked)
        .await
        .unwrap()
        .into_inner();
    let answer = answers
        .message()
        .await
        .unwrap()
        .unwrap()
        .message_response
        .unwrap();
    let MessageResponse::ListServicesResponse(list) = answer else {
        panic!("{answer:?}")
    };
    let names: Vec<_> = list
        .service
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    assert!(names.contains(&"talea.api.v1.Ledger") && names.contains(&"talea.api.v1.Operator"));
}
