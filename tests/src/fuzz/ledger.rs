//! What clients sign and what the ledger keeps.

use bytes::Bytes;
use prost::Message as _;
use talea_types::access::ReaderToken;
use talea_types::event::Event;
use talea_types::state::{self, StateKey};
use talea_types::{
    Batch, BlockBody, BlockContent, Certificate, DecodeError, SignedTransaction,
    block::CommittedBlock, conduct, limits, receipt::Receipt,
};

use super::{Bound, Target, memory::uncounted, seeds};

pub(super) fn targets() -> Vec<Target> {
    let strict = |name, bytes_max, seeds, decode| Target {
        name,
        bytes_max,
        memory: Bound::STRICT,
        seeds,
        decode,
    };
    vec![
        strict(
            "transaction",
            limits::TRANSACTION_BYTES_MAX + 64,
            seeds::transactions,
            transaction,
        ),
        strict("batch", limits::BATCH_BYTES_MAX + 64, seeds::batches, batch),
        strict(
            "block-content",
            limits::BLOCK_CONTENT_BYTES_MAX + 64,
            seeds::contents,
            content,
        ),
        strict("block-body", 256 << 10, seeds::bodies, body),
        strict("committed-block", 256 << 10, seeds::committed, committed),
        strict(
            "certificate",
            limits::CERTIFICATE_BYTES_MAX + 64,
            seeds::certificates,
            certificate,
        ),
        strict("receipt", 256 << 10, seeds::receipts, receipt),
        strict(
            "reader-token",
            limits::READER_TOKEN_BYTES_MAX + 64,
            seeds::tokens,
            token,
        ),
        strict("event", 64 << 10, seeds::events, event),
        strict(
            "state-object",
            limits::STATE_OBJECT_BYTES_MAX + 64,
            seeds::objects,
            object,
        ),
        strict("state-key", 256, seeds::keys, key),
    ]
}

fn transaction(bytes: &Bytes) -> bool {
    let Ok(signed) = SignedTransaction::decode(&seeds::chain(), bytes.clone()) else {
        return false;
    };
    uncounted(|| {
        assert_eq!(signed.encoded(), bytes);
        let body = signed.body().to_wire().encode_to_vec();
        assert!(
            signed.signed_message().ends_with(&body),
            "the body is what was signed"
        );
    });
    true
}

fn batch(bytes: &Bytes) -> bool {
    let Ok(batch) = Batch::decode(bytes.clone()) else {
        return false;
    };
    uncounted(|| {
        let transactions = batch.transactions().to_vec();
        let sealed = Batch::seal(batch.author(), batch.sequence(), transactions);
        assert_eq!(sealed.as_ref().map(Batch::encoded), Ok(bytes));
    });
    true
}

/// Decodes and encodes again.
macro_rules! canonical {
    ($name:ident, $type:ty) => {
        fn $name(bytes: &Bytes) -> bool {
            let Ok(value) = <$type>::decode(bytes) else {
                return false;
            };
            uncounted(|| {
                let encoded: &[u8] = &value.encode();
                assert_eq!(encoded, bytes);
            });
            true
        }
    };
}

canonical!(content, BlockContent);
canonical!(body, BlockBody);
canonical!(committed, CommittedBlock);
canonical!(certificate, Certificate);
canonical!(receipt, Receipt);
canonical!(event, Event);

fn token(bytes: &Bytes) -> bool {
    let Ok(token) = ReaderToken::decode(bytes.clone()) else {
        return false;
    };
    uncounted(|| assert_eq!(token.encoded(), bytes));
    true
}

fn key(bytes: &Bytes) -> bool {
    let Ok(key) = StateKey::from_bytes(bytes) else {
        return false;
    };
    uncounted(|| assert_eq!(key.to_bytes(), bytes.as_ref()));
    true
}

/// Reads an object of one kind; the bytes that it encodes to.
type Object = fn(&Bytes) -> Result<Vec<u8>, DecodeError>;

macro_rules! objects {
    ($($type:ty),* $(,)?) => {
        [$(|bytes| <$type>::decode(bytes).map(|object| object.encode())),*]
    };
}

/// Every kind of object in the state.
const OBJECTS: [Object; 28] = objects![
    state::Account,
    state::Participant,
    state::Hold,
    state::RefundRight,
    state::Position,
    state::AssetTotals,
    state::Network,
    state::LedgerClock,
    state::ValidatorSchedule,
    state::Proposal,
    state::Governance,
    state::RulePackRecord,
    state::Credential,
    state::DataGranted,
    state::Envelope,
    state::Tombstone,
    state::LegalHolds,
    state::LoggedRead,
    state::Product,
    state::Agreement,
    state::Loan,
    state::InquiryRight,
    state::Debtor,
    state::Case,
    state::Permit,
    conduct::ContactTallies,
    state::Complaint,
    state::PaymentPromise,
];

/// The first byte says which kind; the rest is the object.
fn object(bytes: &Bytes) -> bool {
    let Some(kind) = bytes.first() else {
        return false;
    };
    let object = bytes.slice(1..);
    match OBJECTS[usize::from(*kind) % OBJECTS.len()](&object) {
        Ok(encoded) => {
            uncounted(|| assert_eq!(encoded, object.as_ref()));
            true
        }
        Err(_) => false,
    }
}

/// The number that an object of this name starts with.
pub(super) fn object_number(name: &str) -> Option<u8> {
    const NAMES: [&str; 28] = [
        "Account",
        "Participant",
        "Hold",
        "RefundRight",
        "Position",
        "Asset",
        "Network",
        "Clock",
        "Validators",
        "Proposal",
        "Governance",
        "RulePack",
        "Credential",
        "DataGrant",
        "Envelope",
        "Tombstone",
        "LegalHolds",
        "LoggedRead",
        "Product",
        "Agreement",
        "Loan",
        "InquiryRight",
        "Debtor",
        "Case",
        "Permit",
        "Tally",
        "Complaint",
        "Promise",
    ];
    let place = NAMES.iter().position(|one| *one == name);
    place.and_then(|place| u8::try_from(place).ok())
}
