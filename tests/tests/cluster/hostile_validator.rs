//! A validator that turns: whoever holds its real keys speaks with the node's own network code and breaks
//! every rule. The others go on.

use std::time::Duration;

use bytes::Bytes;
use talea_consensus::{ConsensusMessage, SignedProposal, SignedVote};
use talea_genesis::localnet::LocalnetValidator;
use talea_node::network::{
    self, NetworkConfig, NetworkEvent, NetworkHandle, NetworkReceiver, PeerConfig, PeerId,
    PeerRole, Priority, SendOutcome, peer_id_of,
};
use talea_node::replica::NodeMessage;
use talea_proto::api;
use talea_types::{
    Batch, BatchDigest, BlockContent, BlockHash, BlockHeader, ChainId, Hash, Vote, VoteKind,
    block::results_root,
};

use crate::figures::{faults, figure};
use crate::network::{Cluster, VALIDATORS, until};
use crate::raw_peer::RawPeer;

/// The one that turns, and whom it attacks.
const HOSTILE: usize = 3;
const HOSTILE_NAME: &str = "validator-4";
const VICTIM: usize = 0;

struct Attack<'a> {
    cluster: &'a Cluster,
    chain: ChainId,
    keys: &'a LocalnetValidator,
    handle: NetworkHandle,
    receiver: NetworkReceiver,
    victim: PeerId,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_validator_that_breaks_every_rule_stops_nobody() {
    let mut cluster = Cluster::start().await;
    let mut balances = cluster.funded();
    cluster.network.node(HOSTILE).kill();
    let extra = cluster.payments(400, &mut balances);
    let processes: Vec<u32> = (0..HOSTILE).map(|index| process(&cluster, index)).collect();
    let memory_before = resident_bytes(process(&cluster, VICTIM));

    let mut attack = Attack::start(&cluster).await;
    attack.equivocate().await;
    attack.propose_a_wrong_root(extra).await;
    attack.say_what_is_useless().await;
    attack.say_what_nobody_honest_says().await;
    attack.break_frames().await;

    // A known batch is not verified again, so this is what was held at most.
    let grown = resident_bytes(process(&cluster, VICTIM)).saturating_sub(memory_before);
    assert!(
        grown < 512 << 20,
        "the victim's memory grew by {grown} bytes"
    );
    cluster.network.nodes()[..HOSTILE]
        .iter()
        .zip(&processes)
        .for_each(|(node, before)| {
            assert_eq!(node.process_id(), Some(*before));
        });

    // The others settle payments, and take the validator back when it is honest again.
    let payments = cluster.payments(100, &mut balances);
    crate::network::send(&cluster.endpoints()[..HOSTILE], payments).await;
    cluster.network.node(HOSTILE).start().unwrap();
    cluster.check(&balances).await;

    // What was proved against it is not forgotten.
    cluster.network.node(VICTIM).restart().unwrap();
    cluster.check(&balances).await;
    let liar = cluster.keys.validators[HOSTILE].id;
    let status = cluster.client(VICTIM).node_status().await.unwrap();
    let mut proved = status.evidence.iter();
    assert!(proved.any(|one| one.validator == liar.as_bytes()[..]));
    cluster.network.stop();
}

impl<'a> Attack<'a> {
    async fn start(cluster: &'a Cluster) -> Self {
        let chain = cluster.network.file().chain_id;
        let keys = &cluster.keys.validators[HOSTILE];
        let peers = (0..HOSTILE).map(|index| {
            let address = cluster.network.nodes()[index].entry().p2p;
            let address = format!("/ip4/{}/tcp/{}", address.ip(), address.port());
            PeerConfig {
                name: format!("validator-{}", index + 1),
                peer_id: identity(&cluster.keys.validators[index]),
                addresses: vec![address.parse().unwrap()],
                role: PeerRole::Validator,
            }
        });
        let own = cluster.network.nodes()[HOSTILE].entry().p2p;
        let config = NetworkConfig {
            identity_seed: keys.network_key.as_signing_key().to_bytes().into(),
            chain: chain.to_string(),
            listen: vec![
                format!("/ip4/{}/tcp/{}", own.ip(), own.port())
                    .parse()
                    .unwrap(),
            ],
            peers: peers.collect(),
        };
        let (handle, receiver) = network::spawn(config).await.unwrap();
        let attack = Self {
            cluster,
            chain,
            keys,
            handle,
            receiver,
            victim: identity(&cluster.keys.validators[VICTIM]),
        };
        until("connected to all", async || {
            attack.handle.connected().len() == HOSTILE
        })
        .await;
        attack
    }

    /// Two prevotes for one place, to everybody, until somebody shows the proof.
    async fn equivocate(&mut self) {
        let client = self.cluster.client(VICTIM);
        until("evidence of the two prevotes", async || {
            let height = client.network().await.unwrap().height + 1;
            for block in [None, Some(BlockHash::new(Hash([9; 32])))] {
                self.tell_all(Priority::Vote, &self.vote(height, block));
            }
            let evidence = client.node_status().await.unwrap().evidence;
            evidence
                .iter()
                .any(|one| one.validator == self.keys.id.as_bytes()[..])
        })
        .await;
        let node = &self.cluster.network.nodes()[VICTIM];
        assert!(figure(node, "talea_evidence_total", &[]).await > 0);
    }

    /// A well-formed block that claims another state, until it is its turn; the others vote nil.
    async fn propose_a_wrong_root(&mut self, payments: Vec<talea_types::SignedTransaction>) {
        let mut payments = payments.into_iter();
        let client = self.cluster.client(VICTIM);
        let endpoints = self.cluster.endpoints()[..HOSTILE].to_vec();
        let log = self.cluster.network.nodes()[VICTIM].log();
        until("a proposal with a wrong root is refused", async || {
            let tip = client.block(0).await.unwrap();
            let content = self.wrong_block(&tip);
            for round in 0..VALIDATORS as u32 {
                let proposal = self.proposal(tip.header.height + 1, round, &content);
                self.tell_all(Priority::Control, &proposal);
            }
            // Blocks go on, so that its turn comes.
            if let Some(payment) = payments.next() {
                crate::network::send(&endpoints, vec![payment]).await;
            }
            let log = std::fs::read_to_string(&log).unwrap();
            log.contains("executing the block gives another header")
        })
        .await;
        // What was not needed is still paid: the balances count on it.
        crate::network::send(&endpoints, payments.collect()).await;
    }

    /// What an honest peer may say as well, late or after a restart: answered, or dropped without blame.
    async fn say_what_is_useless(&mut self) {
        let blame = self.faults("Hostile").await;
        let useless = self.faults("Unhelpful").await;
        let height = self.cluster.client(VICTIM).network().await.unwrap().height;
        let unknown = BatchDigest::new(Hash([3; 32]));
        // Replays of what the others have said since the beginning, to all of them.
        let mut heard = 0;
        while heard < 200
            && let Ok(Some(event)) =
                tokio::time::timeout(Duration::from_millis(200), self.receiver.recv()).await
        {
            if let NetworkEvent::Message {
                priority, bytes, ..
            } = event
            {
                self.tell_all(priority, &bytes);
                heard += 1;
            }
        }
        assert!(heard > 0, "the others say nothing to a validator");
        for other in [
            1,
            height.saturating_sub(3).max(1),
            height + 3,
            height + 1_000_000,
            u64::MAX,
        ] {
            self.tell_all(Priority::Vote, &self.vote(other, None));
        }
        for round in 0..5_000 {
            let vote = self.signed_vote(height + 2, round, None);
            self.tell_all(
                Priority::Vote,
                &NodeMessage::Consensus(vote.encode()).encode(),
            );
        }
        for message in [
            NodeMessage::Status { height: u64::MAX },
            NodeMessage::Ack(vec![unknown; 16]),
            NodeMessage::FetchBatch(unknown),
            NodeMessage::MissingBatch(unknown),
            NodeMessage::RequestBlocks {
                from: height + 1_000,
                to: height + 1_010,
            },
            NodeMessage::Blocks {
                from: 1,
                blocks: vec![Bytes::from_static(b"block")],
            },
        ] {
            self.tell_all(Priority::Control, &message.encode());
        }
        // Blocks that nobody asked for are counted; a lie about the height makes nobody "behind".
        until("the useless is counted", async || {
            self.faults("Unhelpful").await > useless
        })
        .await;
        assert_eq!(self.faults("Hostile").await, blame);
        let client = self.cluster.client(VICTIM);
        let claims_too_much =
            |peer: &api::PeerStatus| peer.name == HOSTILE_NAME && peer.height == u64::MAX;
        until("the lie about the height is shown", async || {
            let peers = client.node_status().await.unwrap().peers;
            peers.iter().any(claims_too_much)
        })
        .await;
        let status = client.node_status().await.unwrap();
        assert!(status.syncing_target < u64::MAX, "one liar is believed");
    }

    /// Each of these is a fault that the victim counts; too many at once, and it refuses the peer for a
    /// while, as long as the faults go on longer each time.
    async fn say_what_nobody_honest_says(&mut self) {
        let good = self.vote(7, None);
        let trailing = Bytes::from([good.as_ref(), &[0x78, 1]].concat());
        let transaction = self.cluster.badly_signed_payment();
        let batch = Batch::seal(self.keys.id, 1, vec![transaction]).unwrap();
        let noise = Bytes::from_static(&[0xa5; 200]);
        let cases = [
            ("noise", noise.clone()),
            ("a truncated message", good.slice(..good.len() - 3)),
            ("a message with something after it", trailing),
            (
                "a consensus message of noise",
                NodeMessage::Consensus(noise.clone()).encode(),
            ),
            ("a batch of noise", NodeMessage::Batch(noise).encode()),
            (
                "a request for too many blocks",
                NodeMessage::RequestBlocks {
                    from: 1,
                    to: u64::MAX,
                }
                .encode(),
            ),
            (
                "a batch with a bad signature",
                NodeMessage::Batch(batch.encoded().clone()).encode(),
            ),
        ];
        for (what, bytes) in cases {
            self.until_blamed(what, "Hostile", async |attack| {
                attack.tell(Priority::Control, &bytes);
            })
            .await;
        }
        let client = self.cluster.client(VICTIM);
        self.until_blamed("a vote with a bad signature", "Hostile", async |attack| {
            let height = client.network().await.unwrap().height + 1;
            let ConsensusMessage::Vote(mut vote) = attack.signed_vote(height, 0, None) else {
                unreachable!("it is a vote")
            };
            vote.signature = attack.keys.voting_key.sign(b"something else");
            let message = ConsensusMessage::Vote(vote).encode();
            attack.tell(Priority::Vote, &NodeMessage::Consensus(message).encode());
        })
        .await;
    }

    /// Frames that no node of this software writes, to another victim with a clean record.
    async fn break_frames(self) {
        const OTHER: usize = 1;
        // The same identity cannot be connected twice.
        self.handle.shutdown();
        let node = &self.cluster.network.nodes()[OTHER];
        let key = &self.cluster.keys.validators[OTHER].network_key;
        for (what, bytes) in [
            ("an oversized frame", u32::MAX.to_le_bytes().to_vec()),
            ("an empty frame", vec![0; 4]),
        ] {
            let before = faults(node, HOSTILE_NAME, "Transport").await;
            until(what, async || {
                let mut peer = RawPeer::dial(&self.keys.network_key, node, key, self.chain);
                let _stream = peer.write(Priority::Vote, &bytes).await;
                peer.until_ended().await;
                faults(node, HOSTILE_NAME, "Transport").await > before
            })
            .await;
        }
    }

    async fn faults(&self, kind: &str) -> u64 {
        faults(&self.cluster.network.nodes()[VICTIM], HOSTILE_NAME, kind).await
    }

    /// Says it, again after each time that it was lost with a connection, until the victim counts it.
    async fn until_blamed(&self, what: &str, kind: &str, say: impl AsyncFn(&Self)) {
        let before = self.faults(kind).await;
        let mut patience = 0;
        until(what, async || {
            let connected = self
                .handle
                .connected()
                .iter()
                .any(|peer| peer.peer_id == self.victim);
            if connected && patience == 0 {
                say(self).await;
                patience = 20;
            }
            patience = if connected { patience - 1 } else { 0 };
            self.faults(kind).await > before
        })
        .await;
    }

    fn tell(&self, priority: Priority, message: &Bytes) -> SendOutcome {
        self.handle.send(&self.victim, priority, message.clone())
    }

    fn tell_all(&self, priority: Priority, message: &Bytes) {
        self.handle.broadcast(priority, message);
    }

    fn vote(&self, height: u64, block: Option<BlockHash>) -> Bytes {
        NodeMessage::Consensus(self.signed_vote(height, 0, block).encode()).encode()
    }

    fn signed_vote(&self, height: u64, round: u32, block: Option<BlockHash>) -> ConsensusMessage {
        let vote = Vote {
            kind: VoteKind::Prevote,
            height,
            round,
            block,
            validator: self.keys.id,
        };
        let signature = self.keys.voting_key.sign(&vote.signed_message(&self.chain));
        ConsensusMessage::Vote(SignedVote { vote, signature })
    }

    fn proposal(&self, height: u64, round: u32, content: &BlockContent) -> Bytes {
        let mut proposal = SignedProposal {
            height,
            round,
            lock_round: None,
            block_hash: content.header.hash(),
            content: content.encode(),
            proposer: self.keys.id,
            signature: self.keys.voting_key.sign(b""),
        };
        let message = proposal.signed_message(&self.chain);
        proposal.signature = self.keys.voting_key.sign(&message);
        NodeMessage::Consensus(ConsensusMessage::Proposal(proposal).encode()).encode()
    }

    /// An empty block on the tip that is right but for the root of the state.
    fn wrong_block(&self, tip: &talea_client::BlockInfo) -> BlockContent {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        let now = u64::try_from(now.as_millis()).unwrap();
        let time = talea_types::Timestamp::from_millis(now).max(tip.header.time.plus_millis(1));
        let header = BlockHeader {
            height: tip.header.height + 1,
            parent: tip.header.hash(),
            time,
            proposer: self.keys.id,
            parent_round: tip.certificate.round,
            parent_certificate: Some(tip.certificate.hash()),
            batches_root: BlockContent::batches_root(&[]),
            results_root: results_root(&[]),
            result_count: 0,
            state_root: Hash([0xee; 32]),
            validators_hash: tip.header.next_validators_hash,
            ..tip.header.clone()
        };
        BlockContent {
            header,
            parent_certificate: Some(tip.certificate.clone()),
            batch_digests: Vec::new(),
        }
    }
}

fn identity(validator: &LocalnetValidator) -> PeerId {
    peer_id_of(&validator.network_key.as_signing_key().to_bytes()).unwrap()
}

fn process(cluster: &Cluster, index: usize) -> u32 {
    cluster.network.nodes()[index].process_id().unwrap()
}

/// Memory of a process (`VmRSS`).
fn resident_bytes(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 1_024
}
