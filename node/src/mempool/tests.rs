use talea_types::{
    Amount, Asset, ChainId, Hash, Operation, SecretKey, SignedTransaction, TransactionBody,
    crypto::KeyCache,
    ids::AccountId,
    operation::{Purpose, Transfer},
    transaction::verify_all,
};

use super::*;

fn transaction(author: u8, nonce: u64, expires_at: u64) -> VerifiedTransaction {
    let chain = ChainId::new(Hash([7; 32]));
    let key = SecretKey::from_seed([author; 32]);
    let from = AccountId::from_bytes([author; 16]);
    let body = TransactionBody {
        signers: vec![key.public_key()],
        author: Subject::Account(from),
        nonce,
        expires_at: Timestamp::from_millis(expires_at),
        operation: Operation::Transfer(Transfer {
            from,
            to: AccountId::from_bytes([0; 16]),
            asset: Asset::new("CZK").unwrap(),
            amount: Amount::new(1).unwrap(),
            purpose: Purpose::Other,
            end_to_end_id: String::new(),
            travel_rule_commitment: None,
            refundable_until: Timestamp::from_millis(0),
        }),
    };
    let signed = SignedTransaction::sign(&chain, &body, &[&key]).unwrap();
    verify_all(&mut KeyCache::new(), vec![signed])
        .remove(0)
        .unwrap()
}

fn small() -> MempoolLimits {
    MempoolLimits {
        author_transactions_max: 3,
        batch_transactions: 4,
        bytes_max: 2_000,
        ..MempoolLimits::DEFAULT
    }
}

#[test]
fn the_same_transaction_is_taken_once() {
    let mut mempool = Mempool::new(small());
    let one = transaction(1, 1, 100);
    mempool.insert(0, one.clone()).unwrap();
    mempool.insert(0, one.clone()).unwrap();
    assert_eq!(mempool.size().0, 1);
    let batch = mempool.take_batch(Timestamp::from_millis(0));
    assert_eq!(batch.len(), 1);
    // On its way: still known, still not taken twice.
    mempool.insert(0, one.clone()).unwrap();
    assert!(!mempool.has_waiting());
    mempool.forget(&one.id());
    assert_eq!(mempool.size(), (0, 0));
}

#[test]
fn quotas_count_what_is_on_its_way() {
    let mut mempool = Mempool::new(small());
    for nonce in 0..3 {
        mempool.insert(0, transaction(1, nonce, 100)).unwrap();
    }
    mempool.take_batch(Timestamp::from_millis(0));
    assert!(matches!(
        mempool.insert(0, transaction(1, 9, 100)),
        Err(AdmissionError::Quota { waiting: 3, max: 3 })
    ));
    mempool.insert(0, transaction(2, 9, 100)).unwrap();
    mempool.forget(&transaction(1, 0, 100).id());
    mempool.insert(0, transaction(1, 9, 100)).unwrap();
}

#[test]
fn bytes_are_bounded() {
    let mut mempool = Mempool::new(small());
    let refused = (1..50u8)
        .filter_map(|author| mempool.insert(0, transaction(author, 0, 100)).err())
        .inspect(|error| assert!(matches!(error, AdmissionError::Full { .. }), "{error:?}"))
        .count();
    assert!(refused > 0);
    assert!(mempool.size().1 <= 2_000);
}

#[test]
fn batches_are_sealed_when_full_or_after_the_delay() {
    let mut mempool = Mempool::new(MempoolLimits {
        author_transactions_max: 10,
        ..small()
    });
    assert_eq!(mempool.seal_at(0), None);
    mempool.insert(10, transaction(1, 0, 100)).unwrap();
    assert_eq!(mempool.seal_at(0), Some(14));
    assert_eq!(mempool.seal_at(1), Some(70));
    for nonce in 1..5 {
        mempool.insert(11, transaction(1, nonce, 100)).unwrap();
    }
    assert_eq!(
        mempool.seal_at(5),
        Some(10),
        "a full batch waits for nothing"
    );
    assert_eq!(mempool.take_batch(Timestamp::from_millis(0)).len(), 4);
    assert_eq!(mempool.take_batch(Timestamp::from_millis(0)).len(), 1);
}

#[test]
fn expired_transactions_are_dropped_everywhere() {
    let mut mempool = Mempool::new(small());
    mempool.insert(0, transaction(1, 0, 50)).unwrap();
    mempool.insert(0, transaction(2, 0, 500)).unwrap();
    mempool.insert(0, transaction(3, 0, 60)).unwrap();
    mempool.expire(Timestamp::from_millis(50));
    assert_eq!(mempool.size().0, 2);
    let batch = mempool.take_batch(Timestamp::from_millis(60));
    assert_eq!(batch.len(), 1);
    assert_eq!(
        batch[0].body().author,
        Subject::Account(AccountId::from_bytes([2; 16]))
    );
    assert_eq!(mempool.size().0, 1);
}
