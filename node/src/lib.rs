//! The validator and observer process: driver, network, storage, gRPC.

pub mod config;
pub mod limits;
pub mod network;
pub mod storage;
pub mod telemetry;
