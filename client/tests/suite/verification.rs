//! What a node says is believed only as far as it verifies.

use std::sync::atomic::Ordering;

use crate::{chain::Fixture, node::FakeNode};
use talea_client::{ClientError, PeriodProof, ProofFailure, ProofFile};
use talea_types::{AccountId, CaseId, LoanId, ParticipantId, Subject, Timestamp, state::StateKey};

#[tokio::test]
async fn a_receipt_is_verified_saved_and_verified_again() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    let client = FakeNode::client(&[&node]);
    let payment = net.payment(1);
    net.chain.commit(&[
        net.payment(0).encoded().clone(),
        payment.encoded().clone(),
        net.payment(2).encoded().clone(),
    ]);
    let proof = client.receipt(&payment.id(), &net.trust).await.unwrap();
    assert_eq!(proof.transaction.as_ref(), Some(payment.encoded()));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("payment.receipt");
    ProofFile::Receipt(proof).save(&path).unwrap();
    let read = ProofFile::load(&path).unwrap();
    read.verify(&net.trust).unwrap();

    // Every single altered byte is noticed.
    let bytes = std::fs::read(&path).unwrap();
    for position in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[position] ^= 1;
        let verified = ProofFile::decode(&altered.into()).and_then(|file| file.verify(&net.trust));
        assert!(verified.is_err(), "byte {position}");
    }
}

#[tokio::test]
async fn a_tampered_receipt_is_refused() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    node.faults.tampers.store(true, Ordering::SeqCst);
    net.chain.commit(&[net.payment(1).encoded().clone()]);
    let client = FakeNode::client(&[&node]);
    let error = client
        .receipt(&net.payment(1).id(), &net.trust)
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Proof(_)), "{error}");
}

#[tokio::test]
async fn objects_and_their_absence_are_proved() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    net.chain.commit(&[]);
    let client = FakeNode::client(&[&node]);
    let present = StateKey::Account(Fixture::wallet());
    let absent = StateKey::Account(AccountId::from_bytes([9; 16]));
    let mut proof = client.proven_state(&present, &net.trust).await.unwrap();
    assert!(proof.value.is_some());
    let none = client.proven_state(&absent, &net.trust).await.unwrap();
    assert!(none.value.is_none());
    proof.value = None;
    let failure = proof.verify(&net.trust).unwrap_err();
    assert!(matches!(failure, ProofFailure::State(_)), "{failure}");
}

#[tokio::test]
async fn a_bundle_proves_that_there_is_no_such_subject() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    net.chain.commit(&[]);
    let client = FakeNode::client(&[&node]);
    let nobody = AccountId::from_bytes([9; 16]);
    let subjects = [
        Subject::Account(nobody),
        Subject::Debtor(nobody),
        Subject::Loan(LoanId::from_bytes([9; 16])),
        Subject::Case(CaseId::from_bytes([9; 16])),
        Subject::Participant(ParticipantId::from_bytes([9; 16])),
    ];
    let begin = Timestamp::default();
    let bundle = client.audit(&subjects, begin, None, &net.trust, |_, _, _| ());
    let bundle = bundle.await.unwrap();
    assert_eq!(bundle.periods.len(), subjects.len());
    assert!(bundle.periods.iter().all(PeriodProof::is_absence));
    let file = ProofFile::Audit(bundle.clone());
    let read = ProofFile::decode(&file.encode().into()).unwrap();
    assert_eq!(read, file);
    read.verify(&net.trust).unwrap();
    // A history that is not there is no history.
    let history = client.history(&subjects[0], &net.trust, |_, _| ()).await;
    assert!(matches!(history, Err(ClientError::NotFound { .. })));

    // The absence of another, of who is there, at another height, or for longer than is known.
    let wallet = Fixture::wallet();
    let alterations: [fn(&mut PeriodProof, AccountId); 5] = [
        |proof, _| proof.object.key = StateKey::Account(AccountId::from_bytes([8; 16])),
        |proof, wallet| {
            proof.object.key = StateKey::Account(wallet);
            proof.period.subject = Subject::Account(wallet);
        },
        |proof, _| proof.object.value = Some(vec![1].into()),
        |proof, _| proof.object.finality.header.height += 1,
        |proof, _| proof.period.to = proof.period.to.plus_millis(1),
    ];
    for (number, alter) in alterations.into_iter().enumerate() {
        let mut altered = bundle.clone();
        alter(&mut altered.periods[0], wallet);
        assert!(altered.verify(&net.trust).is_err(), "alteration {number}");
    }
}

#[tokio::test]
async fn a_history_is_whole_or_refused() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    for nonce in 0..8 {
        net.chain.commit(&[net.payment(nonce).encoded().clone()]);
    }
    let client = FakeNode::client(&[&node]);
    let subject = Subject::Account(Fixture::wallet());
    let history = client.history(&subject, &net.trust, |_, _| ()).await;
    let history = history.unwrap();
    assert_eq!(history.events.len(), 8);
    let file = ProofFile::History(history);
    let read = ProofFile::decode(&file.encode().into()).unwrap();
    assert_eq!(read, file);
    read.verify(&net.trust).unwrap();

    node.faults.hides_event.store(true, Ordering::SeqCst);
    let error = client.history(&subject, &net.trust, |_, _| ()).await;
    let error = error.unwrap_err();
    assert!(
        matches!(error, ClientError::Proof(ProofFailure::History(_))),
        "{error}"
    );
}

#[tokio::test]
async fn an_audit_of_a_period_is_complete_in_a_file_or_refused() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    for nonce in 0..8 {
        net.chain.commit(&[net.payment(nonce).encoded().clone()]);
    }
    let client = FakeNode::client(&[&node]);
    let subject = Subject::Account(Fixture::wallet());
    let history = client.history(&subject, &net.trust, |_, _| ()).await;
    let history = history.unwrap();
    let [from, to] = [2, 6].map(|event: usize| history.events[event].time);
    let ask = async |to| {
        let subjects = [subject];
        client
            .audit(&subjects, from, to, &net.trust, |_, _, _| ())
            .await
    };
    let bundle = ask(Some(to)).await.unwrap();
    assert_eq!(bundle.periods[0].period.events, history.events[2..6]);
    assert_eq!(ask(None).await.unwrap().periods[0].period.events.len(), 6);
    let too_late = history.subject.header().time.plus_millis(2);
    let refused = ask(Some(too_late)).await.unwrap_err();
    assert!(
        matches!(refused, ClientError::Proof(ProofFailure::Period(_))),
        "{refused}"
    );

    let bytes = ProofFile::Audit(bundle).encode();
    let read = ProofFile::decode(&bytes.clone().into()).unwrap();
    read.verify(&net.trust).unwrap();
    // Every single altered byte is noticed.
    for position in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[position] ^= 1;
        let verified = ProofFile::decode(&altered.into()).and_then(|file| file.verify(&net.trust));
        assert!(verified.is_err(), "byte {position}");
    }

    node.faults.hides_event.store(true, Ordering::SeqCst);
    assert!(matches!(ask(None).await, Err(ClientError::Proof(_))));
}
