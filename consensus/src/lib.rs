//! Agreement: which block comes next, which batches are available, and how to catch up.
//!
//! Three pure machines, each a function from (time, input) to outputs, with no knowledge of what a
//! block means:
//!
//! | machine | answers |
//! | --- | --- |
//! | [`Engine`] | which block hash is decided at each height (Tendermint) |
//! | [`availability`] | which batches a quorum holds, and whom to ask for a missing one |
//! | [`catch_up`] | whom to ask for committed blocks, and whom not to believe |
//!
//! The protocol, its rules (C-1 ...) and the safety argument are in this crate's `README.md`.
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

pub mod availability;
pub mod catch_up;
mod core;
mod engine;
mod evidence;
mod log;
mod message;
mod peer;
pub mod rules;
mod safety;
pub mod schedule;
pub mod timeouts;

pub use core::Divergence;
pub use engine::{
    Engine, EngineConfig, EngineError, EngineStatus, Input, Lane, Output, PeerFault, Phase,
    Verdict, Voter,
};
pub use evidence::Evidence;
pub use log::{ContentVerdict, LOG_RECORD_BYTES_MAX, LogRecord};
pub use message::{
    ConsensusMessage, LockCertificate, MESSAGE_BYTES_MAX, RoundCertificate, RoundReason, RoundVote,
    SignedProposal, SignedVote,
};
pub use peer::PeerId;
pub use safety::{DoubleStatement, Position, SignerRefusal, StatementKind, VoteSigner};
