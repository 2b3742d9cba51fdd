//! The validator and observer process: driver, network, storage, gRPC.

pub mod admission;
pub mod allocator;
mod allowance;
pub mod api;
pub mod bootstrap;
mod budget;
pub mod config;
pub mod decoders;
pub mod demo;
pub mod doctor;
pub mod driver;
pub mod exit_code;
pub mod history;
pub mod home;
pub mod host;
pub mod interface;
pub mod kept_evidence;
pub mod limits;
pub mod localnet;
pub mod mempool;
pub mod network;
pub mod node;
pub mod process;
pub mod recovery;
pub mod register;
pub mod replica;
pub mod signed_record;
pub mod snapshot;
pub mod storage;
pub mod telemetry;
pub mod upkeep;
pub mod voting_place;
pub mod voting_record;

pub use exit_code::{EXIT_BUG, EXIT_STORAGE};
