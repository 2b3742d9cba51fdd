//! Personal data, which never enters the ledger: salted commitments to it, and envelopes that only named
//! recipients can open.
//!
//! | to | use |
//! | --- | --- |
//! | commit to a value, and show later what it was | [`Opening`] |
//! | let others send you envelopes | [`EnvelopeKey`], [`RecipientKey`] |
//! | encrypt data to recipients, open it | [`SealedEnvelope`] |
//!
//! Erasure is deletion: of the salt, or of every copy of the ciphertext. What is left then, the hash on
//! the ledger, says nothing about the data, and every proof stays valid, because nothing that was
//! committed to has changed. Why it is built so: `docs/adr/0040-personal-data.md`.

mod commitment;
mod file;
mod recipient;
mod sealed;

pub use commitment::{OPENING_BYTES_MAX, Opening, Salt};
pub use file::write_new;
pub use recipient::{EnvelopeKey, RecipientKey};
pub use sealed::{CONTENT_BYTES_MAX, SealedEnvelope};

/// Why data was not committed to, sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// The file cannot be read or written.
    #[error("cannot access {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// It is something else.
    #[error("it is not {what}: {reason}")]
    Form {
        /// What it should be.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The value is not the one that was committed to.
    #[error(
        "this value with this salt has the commitment {found}, not {expected}: it is not what was \
         committed to"
    )]
    OtherValue {
        /// Of the opening.
        expected: talea_types::Hash,
        /// Of the value.
        found: talea_types::Hash,
    },
    /// The key is none of the recipients'.
    #[error("the envelope is not for this key ({key}); it is for {recipients}")]
    NotARecipient {
        /// Id of the key.
        key: talea_types::Hash,
        /// Ids of the recipients' keys.
        recipients: String,
    },
    /// The envelope was altered.
    #[error("the envelope does not open: it was altered, or sealed about another account")]
    Altered,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {reason}")]
    Random {
        /// What the system said.
        reason: String,
    },
}
