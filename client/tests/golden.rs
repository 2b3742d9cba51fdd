//! Pins the bytes of proof files: they are kept for years, and later versions must read them.
//!
//! After a change that is meant: `TALEA_REGENERATE=1 cargo test --release -p talea-client --test golden`.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use talea_client::{AuditBundle, HistoryProof, ObjectProof, PeriodProof, ProofFile, ReceiptProof};
use talea_types::event::{Event, EventCause, EventChain, EventDetail, Period};
use talea_types::merkle::{ListProof, MapProof, Terminal};
use talea_types::receipt::{FinalityProof, Receipt};
use talea_types::{
    AccountId, BlockHash, BlockHeader, Certificate, ChainId, Hash, Outcome, Signature, StateKey,
    Subject, Timestamp, TransactionId, TransactionResult, ValidatorId,
};

/// 2026-11-22T00:00:00Z.
const TIME: Timestamp = Timestamp::from_millis(1_795_305_600_000);

fn finality() -> FinalityProof {
    let header = BlockHeader {
        chain: ChainId::new(Hash([1; 32])),
        height: 7,
        parent: BlockHash::new(Hash([2; 32])),
        time: TIME,
        proposer: ValidatorId::from_bytes([3; 16]),
        parent_round: 1,
        parent_certificate: Some(Hash([4; 32])),
        batches_root: Hash([5; 32]),
        results_root: Hash([6; 32]),
        result_count: 2,
        state_root: Hash([7; 32]),
        validators_hash: Hash([8; 32]),
        next_validators_hash: Hash([9; 32]),
        rule_packs_hash: Hash([10; 32]),
        business_date: 20_779,
    };
    let signature = |byte| {
        let validator = ValidatorId::from_bytes([byte; 16]);
        (validator, Signature::from_bytes([byte; 64]))
    };
    let certificate = Certificate {
        height: header.height,
        round: 1,
        block: header.hash(),
        signatures: (1..=3).map(signature).collect(),
    };
    FinalityProof {
        set_changes: Vec::new(),
        header,
        certificate,
    }
}

fn receipt() -> ReceiptProof {
    let result = TransactionResult {
        transaction: TransactionId::new(Hash([1; 32])),
        outcome: Outcome::Applied,
        rules: vec!["us-reg-f/hours".to_owned()],
    };
    let inclusion = ListProof {
        index: 1,
        count: 2,
        siblings: vec![Hash([2; 32])],
    };
    ReceiptProof {
        transaction: Some(Bytes::from_static(b"transaction")),
        receipt: Receipt {
            result,
            inclusion,
            finality: finality(),
        },
    }
}

fn account() -> AccountId {
    AccountId::from_bytes([1; 16])
}

fn object() -> ObjectProof {
    ObjectProof {
        key: StateKey::Account(account()),
        value: Some(Bytes::from_static(b"value")),
        map: MapProof {
            siblings: vec![Hash([1; 32]), Hash([2; 32])],
            terminal: Terminal::Empty,
        },
        finality: finality(),
    }
}

fn event(sequence: u64) -> Event {
    Event {
        subject: Subject::Account(account()),
        sequence,
        height: 6,
        time: TIME,
        cause: Some(EventCause {
            transaction: TransactionId::new(Hash([3; 32])),
            index: 2,
            leg: 1,
        }),
        detail: Arc::new(EventDetail::Closed),
    }
}

fn audit() -> AuditBundle {
    let period = Period {
        subject: Subject::Account(account()),
        from: TIME,
        to: TIME.plus_millis(1),
        start: EventChain::default(),
        before: Some(event(0)),
        events: vec![event(1)],
        after: Some(event(2)),
        later: vec![Hash([4; 32])],
    };
    let object = object();
    AuditBundle {
        periods: vec![PeriodProof { object, period }],
    }
}

/// Each kind. None of them proves anything.
fn files() -> Vec<(&'static str, ProofFile)> {
    let history = HistoryProof {
        subject: object(),
        events: vec![event(0), event(1)],
    };
    vec![
        ("receipt", ProofFile::Receipt(receipt())),
        ("object", ProofFile::Object(object())),
        ("history", ProofFile::History(history)),
        ("audit", ProofFile::Audit(audit())),
    ]
}

#[test]
fn proof_files_have_these_bytes() {
    let mut found = String::new();
    for (name, file) in files() {
        let bytes = Bytes::from(file.encode());
        assert_eq!(ProofFile::decode(&bytes).unwrap(), file);
        write!(found, "{name} ").unwrap();
        for byte in bytes {
            write!(found, "{byte:02x}").unwrap();
        }
        found.push('\n');
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/proof_files.txt");
    if std::env::var_os("TALEA_REGENERATE").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let pinned = std::fs::read_to_string(path).unwrap();
    for (found, pinned) in found.lines().zip(pinned.lines()) {
        assert_eq!(
            found, pinned,
            "the bytes of a proof file changed and those that were handed out must still be read; if that \
             is meant, run TALEA_REGENERATE=1 cargo test --release -p talea-client --test golden"
        );
    }
    assert_eq!(found.lines().count(), pinned.lines().count());
}
