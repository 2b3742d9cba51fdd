//! The vocabulary of Talea: what is signed, what is agreed on, what is proved.
//!
//! This crate is pure: no I/O, no clock, no randomness, no floats, no unordered iteration. Bytes from
//! outside become typed values here or are refused with a [`DecodeError`]; nothing panics on them.
//!
//! | to find | look in |
//! | --- | --- |
//! | ids and their text form | [`ids`] |
//! | amounts, assets, time | [`amount`], [`asset`], [`time`] |
//! | keys, signatures, the one signature rule | [`crypto`], [`key_policy`] |
//! | transactions and operations | [`transaction`], [`operation`] |
//! | outcomes | [`outcome`] |
//! | who may read what | [`access`] |
//! | rule packs | [`rule_pack`] |
//! | words of conduct towards debtors, counters of contacts | [`conduct`] |
//! | objects of the state, histories | [`state`], [`event`] |
//! | headers, batches, blocks, results | [`block`] |
//! | validator sets, votes, certificates | [`validator`], [`vote`], [`certificate`] |
//! | Merkle proofs, receipts | [`merkle`], [`receipt`] |
//! | every limit of the protocol | [`limits`] |
//! | faults for the simulator to find | [`planted`] |
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::float_arithmetic,
        clippy::disallowed_types,
        clippy::disallowed_methods
    )
)]

pub mod access;
pub mod amount;
pub mod asset;
pub mod block;
pub mod certificate;
pub mod conduct;
pub mod credit;
pub mod crypto;
pub mod decode;
mod encode;
pub mod event;
pub mod hash;
pub mod ids;
pub mod key_policy;
pub mod limits;
pub mod merkle;
pub mod operation;
pub mod outcome;
pub mod planted;
pub mod receipt;
pub mod residence;
pub mod rule_pack;
pub mod state;
pub mod subject;
pub mod time;
pub mod transaction;
pub mod validator;
pub mod vote;
pub mod wire;

pub use amount::Amount;
pub use asset::Asset;
pub use block::{Batch, BlockBody, BlockContent, BlockHeader, CommittedBlock, TransactionResult};
pub use certificate::Certificate;
pub use crypto::{PublicKey, SecretKey, Signature};
pub use decode::DecodeError;
pub use event::{Event, EventCause, EventChain, EventDetail};
pub use hash::Hash;
pub use ids::{
    AccountId, AgreementId, BatchDigest, BlockHash, CaseId, ChainId, HoldId, LoanId, ParticipantId,
    PermitId, ProductId, ProposalId, TransactionId, ValidatorId,
};
pub use key_policy::KeyPolicy;
pub use operation::Operation;
pub use outcome::Outcome;
pub use residence::Residence;
pub use rule_pack::RulePackId;
pub use state::StateKey;
pub use subject::Subject;
pub use time::Timestamp;
pub use transaction::{SignedTransaction, TransactionBody, VerifiedTransaction};
pub use validator::{Validator, ValidatorSet};
pub use vote::{Vote, VoteKind};
