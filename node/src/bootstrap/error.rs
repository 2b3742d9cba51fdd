//! Why no snapshot was fetched.

use std::fmt;

use crate::network::NetworkError;
use crate::snapshot::SnapshotError;
use crate::upkeep::UpkeepError;

/// A peer that is not asked any more, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// Its name.
    pub peer: String,
    /// What it did.
    pub reason: String,
}

impl fmt::Display for PassedOver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.peer, self.reason)
    }
}

/// A failure to fetch a snapshot. Nothing has changed that a node would use.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No peer is known.
    #[error("there is no peer to ask; name some in the settings ([[p2p.peers]])")]
    NobodyToAsk,
    /// A peer was named that is none.
    #[error("no peer is called {name:?}; the peers are: {known}")]
    UnknownPeer {
        /// The name.
        name: String,
        /// Names of all peers.
        known: String,
    },
    /// Another process does the same, or its lock cannot be taken.
    #[error("a fetch into this directory is under way, or its lock fails: {source}")]
    Locked {
        /// What the system said.
        source: std::io::Error,
    },
    /// Nobody gave a snapshot that could be used.
    #[error(
        "no peer gave a snapshot that can be used; {}. Peers have snapshots when storage.snapshot_blocks is set, or \
         after `talea-node snapshot create`", listed(.0)
    )]
    Nothing(Vec<PassedOver>),
    /// The data directory is not empty, or its disk failed.
    #[error(transparent)]
    Upkeep(#[from] UpkeepError),
    /// The disk failed.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The network did not start.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The network ended by itself.
    #[error("the network ended by itself; try again")]
    Ended,
}

impl FetchError {
    /// Whether the data directory or its disk is the cause.
    #[must_use]
    pub const fn is_of_the_disk(&self) -> bool {
        matches!(self, Self::Upkeep(_) | Self::Snapshot(_))
    }
}

fn listed(peers: &[PassedOver]) -> String {
    let peers: Vec<String> = peers.iter().map(ToString::to_string).collect();
    peers.join("; ")
}
