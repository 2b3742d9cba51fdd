//! The validator and observer process: driver, network, storage, gRPC.

pub mod config;
pub mod interface;
pub mod limits;
pub mod mempool;
pub mod network;
pub mod replica;
pub mod storage;
pub mod telemetry;
pub mod voting_record;
