//! What the API is given of its node.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use futures::future::BoxFuture;
use talea_types::{ChainId, PublicKey};
use tokio::sync::{broadcast, watch};

use super::{NodeStatus, ReadHistory};
use crate::{
    admission::AdmissionHandle,
    config::NodeRole,
    interface::{CommittedRecord, SharedLedger, Tip},
    telemetry::Metrics,
};

/// Asks the node how it is.
pub type StatusSource = Arc<dyn Fn() -> BoxFuture<'static, NodeStatus> + Send + Sync>;

/// What the API serves from.
#[derive(Clone)]
pub struct NodeContext {
    /// The network.
    pub chain: ChainId,
    /// The genesis document as it was read.
    pub genesis_document: Bytes,
    /// Name of the network.
    pub network_name: String,
    /// Name of the node.
    pub node_name: String,
    /// Key of its network identity: readers' tokens are for it.
    pub network_key: PublicKey,
    /// Whether the node votes.
    pub role: NodeRole,
    /// Whether the network is a trial.
    pub sandbox: bool,
    /// The committed state. May be a few blocks ahead of `tip` and `history`.
    pub ledger: SharedLedger,
    /// The newest block that `history` has.
    pub tip: watch::Receiver<Tip>,
    /// Committed blocks.
    pub history: Arc<dyn ReadHistory>,
    /// Blocks as they are committed, after `history` has them. Who lags reads `history`.
    pub commits: broadcast::Sender<Arc<CommittedRecord>>,
    /// Takes transactions.
    pub admission: AdmissionHandle,
    /// How the node is.
    pub status: StatusSource,
    /// Figures.
    pub metrics: Arc<Metrics>,
}

impl fmt::Debug for NodeContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "NodeContext({} of {})",
            self.node_name, self.network_name
        )
    }
}
