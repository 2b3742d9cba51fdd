//! What the pages of `audit/web/sign` build and sign with a debtor's key has the bytes that this crate makes, and
//! the key files and openings that either makes are read by both. Here are the bytes; the tests of the pages hold
//! their own against them.
//!
//! After a change that is meant: `TALEA_REGENERATE=1 cargo test --release -p talea-client --test browser_signing`.

use std::{fmt::Write as _, fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use talea_client::{
    key_file::{self, Passphrase},
    operations::{IntoOperation, collections},
    privacy::{Opening, Salt},
};
use talea_types::{
    AccountId, ChainId, Hash, LoanId, ParticipantId, PublicKey, SecretKey, SignedTransaction,
    Subject, Timestamp, TransactionBody,
    access::{ReaderStatement, ReaderToken},
    operation::{ComplaintOpen, DisputeOpen},
};

const PASSPHRASE: &str = "a passphrase for golden files";
const ACCOUNT: AccountId = AccountId::from_bytes([5; 16]);
const LOAN: LoanId = LoanId::from_bytes([6; 16]);
/// 2026-11-22T00:02:00Z.
const EXPIRY: Timestamp = Timestamp::from_millis(1_795_305_720_000);

fn chain() -> ChainId {
    ChainId::new(Hash([1; 32]))
}

fn key() -> SecretKey {
    SecretKey::from_seed([9; 32])
}

fn golden(name: &str) -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../audit/web/tests/golden"
    ))
    .join(name)
}

fn regenerate() -> bool {
    std::env::var_os("TALEA_REGENERATE").is_some()
}

fn signed(operation: impl IntoOperation, nonce: u64) -> SignedTransaction {
    let body = TransactionBody {
        signers: vec![key().public_key()],
        author: Subject::Account(ACCOUNT),
        nonce,
        expires_at: EXPIRY,
        operation: operation.into_operation(),
    };
    SignedTransaction::sign(&chain(), &body, &[&key()]).unwrap()
}

#[test]
fn what_a_page_signs_has_these_bytes() {
    let mut text = String::new();
    let mut line = |name: &str, bytes: &[u8]| {
        let digits: String = bytes.iter().fold(String::new(), |mut digits, byte| {
            write!(digits, "{byte:02x}").unwrap();
            digits
        });
        writeln!(text, "{name} {digits}").unwrap();
    };
    let dispute = DisputeOpen {
        loan: LOAN,
        reason: 2,
        commitment: Hash([7; 32]),
    };
    let complaint = ComplaintOpen {
        debtor: ACCOUNT,
        against: ParticipantId::from_bytes([8; 16]),
        reason: 300,
        commitment: Hash([7; 32]),
    };
    line("public-key", key().public_key().as_bytes());
    line("dispute", signed(dispute, 0).encoded());
    line(
        "withdraw-dispute",
        signed(collections::withdraw_dispute(LOAN), 1).encoded(),
    );
    line("complaint", signed(complaint, 1 << 40).encoded());
    for (name, reader) in [
        ("token-account", Subject::Account(ACCOUNT)),
        (
            "token-organisation",
            Subject::Participant(ParticipantId::from_bytes([8; 16])),
        ),
    ] {
        let statement = ReaderStatement {
            chain: chain(),
            reader,
            audience: PublicKey::from_bytes([4; 32]),
            expires_at: EXPIRY,
            key: key().public_key(),
        };
        line(
            name,
            ReaderToken::sign(statement, &key()).unwrap().encoded(),
        );
    }
    let salt = Salt::from_bytes([3; 32]);
    line(
        "commitment",
        salt.commit("I paid this on 3 March.".as_bytes()).as_bytes(),
    );
    let path = golden("signed.txt");
    if regenerate() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(
        text,
        fs::read_to_string(&path).unwrap_or_default(),
        "see the head of this file"
    );
}

/// A file of the golden folder where only its owner can read it, as the loaders demand.
fn private_copy(folder: &tempfile::TempDir, name: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::copy(golden(name), &path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[test]
fn the_golden_key_file_opens() {
    let folder = tempfile::tempdir().unwrap();
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    if regenerate() {
        let path = golden("debtor.key");
        let _ = fs::remove_file(&path);
        key_file::store(&path, &key(), &passphrase).unwrap();
    }
    let loaded = key_file::load(&private_copy(&folder, "debtor.key"), &passphrase).unwrap();
    assert_eq!(loaded.public_key(), key().public_key());
}

/// The file is written by the pages; see `audit/web/tests/sign.test.js`.
#[test]
fn the_opening_that_a_page_makes_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let opening = Opening::load(&private_copy(&folder, "opening.json")).unwrap();
    assert_eq!(opening.text(), Some("I paid this on 3 March."));
    assert_eq!(
        opening.commitment(),
        Salt::from_bytes([3; 32]).commit("I paid this on 3 March.".as_bytes())
    );
}
