//! The SDK for wallets and banks: build and sign transactions, submit them safely, follow the ledger, and
//! verify whatever a node says against the genesis document alone.
//!
//! | to | use |
//! | --- | --- |
//! | reach the network | [`Client`], [`Options`] |
//! | sign and submit | [`Author`], [`operations`], [`Client::submit`] |
//! | submit thousands | [`bulk`] |
//! | let several parties sign, offline | [`Envelope`] |
//! | keep keys | [`key_file`] |
//! | know what became of a transaction | [`Settlement`], [`Client::lookup`], [`Client::receipt`] |
//! | verify | [`Trust`], [`ProofFile`] |
//! | show who reads, where that is asked | [`Reader`], [`Client::read_as`] |
//! | look things up | [`Client::account`], [`Client::proven_state`], [`Client::history`] |
//! | prove a period complete, for a regulator | [`Client::audit`], [`AuditBundle`] |
//! | keep personal data off the ledger | [`privacy`] |
//! | follow | [`Client::watch_blocks`], [`Client::watch_events`] |
//! | show a transaction to a person | [`describe`] |
//!
//! # What is safe to repeat
//!
//! Everything. A transaction's id is known before it is sent, the same bytes apply at most once, and
//! every transaction expires. Only a *new* transaction for the same purpose can pay twice: before making
//! one, find out how the old one ended ([`Client::lookup`]), or wait until it has expired.

mod audit;
mod author;
mod backoff;
pub mod bulk;
mod client;
pub mod describe;
mod envelope;
mod error;
mod failure;
mod network;
mod nonces;
pub mod operations;
mod options;
pub mod privacy;
mod proof_file;
mod query;
mod reader;
mod status;
mod submit;
mod trust;
mod watch;
mod whole_block;

pub use audit::{AUDIT_SUBJECTS_MAX, AuditBundle, PeriodProof};
pub use author::{Author, EXPIRY_DEFAULT};
pub use client::Client;
pub use envelope::{Envelope, EnvelopeError};
pub use error::{ClientError, ProofFailure};
pub use network::{NetworkInfo, NonceRange, ValidatorInfo};
pub use nonces::NonceSource;
pub use options::{Options, Tls};
pub use proof_file::{HistoryProof, ObjectProof, ProofFile, ReceiptProof};
pub use query::{BlockInfo, EventPage, ToldEvent, subject_key};
pub use reader::Reader;
pub use status::{Finality, Rejection, Settlement, Standing};
pub use submit::Lookup;
pub use talea_genesis::key_file;
pub use talea_proto::{ApiError, reason};
pub use trust::Trust;
pub use watch::{BlockWatch, EventWatch};
pub use whole_block::WholeBlock;
