//! What a node offers to clients over gRPC.
//!
//! | call | file |
//! | --- | --- |
//! | `Submit`, `SubmitStream` | `submit`, `submit_stream` |
//! | who waits for which transaction | `pending` |
//! | transactions, blocks, the network | `lookups` |
//! | receipts | `receipts` |
//! | state with proofs, nonces | `state` |
//! | `ListEvents`, `WatchEvents`; `WatchBlocks` | `events`; `blocks` |
//! | who reads | `reader` |
//! | `GetStatus` | `operator_service`, `status` |
//! | naming who is refused | `refused_log` |
//! | connections, TLS, bounds, health, reflection | `server`, `listener`, `connection`, `tls`, `meter` |
//! | what one client may hold of what all share | `shares` |
//! | who may call what | `guard`, `methods`, `methods.txt` |
//!
//! Kept true: a request cannot make the node keep more than its bounds; every refusal is an
//! [`ApiError`](talea_proto::ApiError) with a stable reason; a call that waits answers before its
//! deadline with what is known; nothing is said to be final that is not in the history.

mod blocks;
mod body;
mod connection;
mod context;
mod control_frames;
mod deadline;
mod events;
mod guard;
mod ledger_service;
mod listener;
mod lookups;
mod meter;
mod methods;
mod operator_service;
mod outbox;
mod pending;
mod read_history;
mod reader;
mod receipts;
mod refusals;
mod refused_log;
mod resolution;
mod server;
mod service;
mod shares;
mod state;
mod status;
mod submit;
mod submit_stream;
mod tls;

pub use context::{NodeContext, StatusSource};
pub use read_history::ReadHistory;
pub use server::{ApiServer, ApiServerError, ServingSwitch};
pub use status::{
    AgreementState, EvidenceState, MempoolState, NodeStatus, PeerState, StorageState, TimeoutState,
};
