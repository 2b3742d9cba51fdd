//! Labels. Their values come from the program and the register of peers, never from a client.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Direction {
    /// Received.
    In,
    /// Sent.
    Out,
}

/// Bytes between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct NetworkLabels {
    pub(super) direction: Direction,
    pub(super) priority: &'static str,
}

/// How bad what a peer did is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum FaultKind {
    /// It broke the rules of streams and frames.
    Transport,
    /// It sent what no honest peer sends.
    Hostile,
    /// It was of no help, as an honest peer can be that is behind or was restarted.
    Unhelpful,
}

/// What a peer did wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct FaultLabels {
    pub(super) peer: String,
    pub(super) kind: FaultKind,
}

/// Why a connection of a peer was refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RefusedLabels {
    pub(super) reason: &'static str,
}

/// What a block said of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OutcomeLabels {
    pub(super) outcome: &'static str,
}

/// Why a submission was refused before any block.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RefusalLabels {
    pub(super) reason: &'static str,
}

/// A request of a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// `Service/Method`, or `unknown`.
    pub method: &'static str,
    /// Name of the gRPC status code.
    pub code: &'static str,
}
