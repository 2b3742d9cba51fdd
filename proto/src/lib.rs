//! The gRPC contract of a node, as Rust code, and the one mapping of errors to and from it.
//!
//! | to find | look in |
//! | --- | --- |
//! | messages of the API | [`api`] |
//! | clients | [`LedgerClient`], [`OperatorClient`] |
//! | server traits | [`api::ledger_server::Ledger`], [`api::operator_server::Operator`] |
//! | refusals as google.rpc details | [`errors`] |
//! | messages to and from typed values | [`convert`] |
//! | messages of the ledger itself | [`talea_types::wire`] |
//!
//! The contract is `talea/api/v1/api.proto`; it is compiled when the crate is built.

pub mod codec;
pub mod convert;
pub mod errors;
pub mod limits;

/// Messages and services of `talea.api.v1`.
#[allow(missing_docs, clippy::all, unused_qualifications)]
pub mod api {
    tonic::include_proto!("talea.api.v1");

    mod shapes {
        use talea_types::wire::shape::{Field, Shape, Shaped};
        include!(concat!(env!("OUT_DIR"), "/shapes.rs"));
    }
}

pub use api::{
    ledger_client::LedgerClient, ledger_server::LedgerServer, operator_client::OperatorClient,
    operator_server::OperatorServer,
};
pub use errors::{ApiError, reason};

/// Metadata in which a reader's token goes with a call.
pub const READER_METADATA: &str = "talea-reader-bin";

/// Every file of the contract, encoded: what gRPC reflection serves.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
