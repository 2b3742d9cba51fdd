//! The validator and observer process: driver, network, storage, gRPC.

pub mod limits;
pub mod network;
pub mod storage;
