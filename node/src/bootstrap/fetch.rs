//! Fetching over the network, with the identity of the node that will begin after the snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use talea_genesis::GenesisRecord;
use talea_types::SecretKey;
use talea_types::state::ValidatorSchedule;

use super::error::FetchError;
use super::fetcher::{FetchEvent, FetchNews, FetchSetup, Fetched, Fetcher};
use crate::config::NodeConfig;
use crate::network::{self, NetworkConfig, NetworkEvent, NetworkHandle, PeerConfig, Priority};
use crate::register::{NamedValidators, Register};
use crate::replica::NodeMessage;
use crate::storage::disk::{Disk, StdDisk, free_bytes};

/// What a fetch is made of.
#[derive(Clone, Debug)]
pub struct FetchConfig {
    /// Who this node is and whom it may reach.
    pub network: NetworkConfig,
    /// Where it writes and what it verifies against.
    pub setup: FetchSetup,
}

impl FetchConfig {
    /// Of a node's settings: all peers that it has, or the one of that name.
    ///
    /// # Errors
    /// [`FetchError::UnknownPeer`], [`FetchError::NobodyToAsk`].
    pub fn of(
        config: &NodeConfig,
        genesis: &GenesisRecord,
        network_key: &SecretKey,
        from: Option<&str>,
    ) -> Result<Self, FetchError> {
        // The ledger that names today's validators is what is being fetched.
        let named = NamedValidators {
            schedule: ValidatorSchedule::unchanging(genesis.validator_set().clone()),
            joining: Vec::new(),
        };
        let register = Register::new(network_key.public_key(), config.p2p.peers.clone());
        let all = register.peers(&named).into_iter();
        let mut peers: Vec<PeerConfig> = all.map(|peer| peer.config).collect();
        if let Some(name) = from {
            let known: Vec<String> = peers.iter().map(|peer| peer.name.clone()).collect();
            peers.retain(|peer| peer.name == name);
            if peers.is_empty() {
                return Err(FetchError::UnknownPeer {
                    name: name.to_owned(),
                    known: known.join(", "),
                });
            }
        }
        if peers.is_empty() {
            return Err(FetchError::NobodyToAsk);
        }
        let names: BTreeMap<_, _> = peers
            .iter()
            .map(|peer| (peer.peer_id, peer.name.clone()))
            .collect();
        let disk: Arc<dyn Disk> = Arc::new(StdDisk);
        Ok(Self {
            network: NetworkConfig {
                identity_seed: zeroize::Zeroizing::new(network_key.as_signing_key().to_bytes()),
                chain: genesis.chain_id().to_string(),
                listen: config.p2p.listen.clone(),
                peers,
            },
            setup: FetchSetup {
                disk,
                data: config.data_dir.clone(),
                chain: genesis.chain_id(),
                genesis_set: genesis.validator_set().clone(),
                peers: names,
                // What a system does not tell is found out by writing.
                free_bytes: free_bytes(&config.data_dir).unwrap_or(u64::MAX),
            },
        })
    }
}

/// Fetches a snapshot from peers, verifies it and makes the data directory begin after it. `tell` hears how it goes.
///
/// # Errors
/// [`FetchError`]: nothing has changed that a node would use.
pub async fn fetch(
    config: FetchConfig,
    mut tell: impl FnMut(&FetchNews),
) -> Result<Fetched, FetchError> {
    let started = Instant::now();
    let now = || u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut fetcher = Fetcher::new(config.setup, now())?;
    let (network, mut receiver) = network::spawn(config.network).await?;
    let _end = ShutDownAtEnd(network.clone());
    loop {
        for (peer, request) in fetcher.take_requests() {
            let message = NodeMessage::SnapshotRequest(request.encode()).encode();
            // One that is lost is missed later.
            let _ = network.send(&peer, Priority::Control, message);
        }
        let wake = started + Duration::from_millis(fetcher.wake_at(now()));
        let event = tokio::select! {
            event = receiver.recv() => match event {
                Some(event) => event_of(event),
                None => return Err(FetchError::Ended),
            },
            () = tokio::time::sleep_until(wake.into()) => Some(FetchEvent::Tick),
        };
        let Some(event) = event else { continue };
        let stepped = fetcher.step(now(), event);
        fetcher.take_news().iter().for_each(&mut tell);
        if let Some(fetched) = stepped? {
            return Ok(fetched);
        }
    }
}

/// What is of no concern to a fetch is dropped: votes, batches, blocks.
fn event_of(event: NetworkEvent) -> Option<FetchEvent> {
    match event {
        NetworkEvent::Connected(peer) => Some(FetchEvent::Connected(peer)),
        NetworkEvent::Disconnected(peer) => Some(FetchEvent::Disconnected(peer)),
        NetworkEvent::Message { from, bytes, .. } => match NodeMessage::decode(&bytes) {
            Ok(NodeMessage::SnapshotReply(reply)) => Some(FetchEvent::Reply(from, reply)),
            _ => None,
        },
        NetworkEvent::Fault { .. } => None,
    }
}

struct ShutDownAtEnd(NetworkHandle);

impl Drop for ShutDownAtEnd {
    fn drop(&mut self) {
        self.0.shutdown();
    }
}
