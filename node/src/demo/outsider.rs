//! Somebody who has nothing but the genesis document: asks every node, believes none, verifies. Blocks and
//! receipts are for everybody; histories and reserves it asks for with the regulator's key.

use std::{path::Path, time::Duration};

use anyhow::{Context, bail};
use talea_client::{Client, HistoryProof, Options, Reader, ReceiptProof, Trust};
use talea_genesis::{GenesisDocument, GenesisRecord};
use talea_types::{
    AccountId, Asset, Hash, Outcome, ParticipantId, Subject, TransactionId, state::StateKey,
};
use tokio::time::{Instant, sleep};

use super::progress::Progress;

/// How long the validators may take to stand at one height: one of them has to catch up.
const EQUAL_HEIGHTS_PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(200);

/// The outsider.
#[derive(Debug)]
pub struct Outsider {
    trust: Trust,
    genesis: GenesisRecord,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    name: String,
    client: Client,
    /// The same node, read as the regulator.
    regulator: Client,
}

/// The state that all validators agree on.
#[derive(Clone, Debug, serde::Serialize)]
pub struct EqualRoots {
    /// Height.
    pub height: u64,
    /// Root of the state after it, on every validator.
    pub state_root: Hash,
    /// The validators.
    pub validators: Vec<String>,
}

impl Outsider {
    /// Reads the genesis document; nodes are named and reached by an address. What is not for everybody
    /// is read as the regulator.
    ///
    /// # Errors
    /// When the document or an address is of no use.
    pub fn new(
        genesis: &Path,
        nodes: &[(String, String)],
        regulator: &Reader,
    ) -> anyhow::Result<Self> {
        let node = |(name, address): &(String, String)| {
            let client = Client::new(&Options::new([address]))?;
            Ok(Node {
                name: name.clone(),
                regulator: client.read_as(regulator.clone()),
                client,
            })
        };
        anyhow::ensure!(!nodes.is_empty(), "there is no node to ask");
        let genesis = GenesisDocument::load_complete(genesis)?;
        Ok(Self {
            trust: Trust::from_record(&genesis),
            genesis,
            nodes: nodes.iter().map(node).collect::<anyhow::Result<_>>()?,
        })
    }

    /// Waits until all validators have committed the same height, and compares their states: the roots
    /// that they tell, and that which the block's certificate signs.
    ///
    /// # Errors
    /// When two roots differ, or a validator stays behind.
    pub async fn compare_roots(&self) -> anyhow::Result<EqualRoots> {
        let deadline = Instant::now() + EQUAL_HEIGHTS_PATIENCE;
        let mut seen = String::new();
        while Instant::now() < deadline {
            let mut standing = Vec::new();
            for node in &self.nodes {
                if let Ok(network) = node.client.network().await {
                    standing.push((network.height, network.state_root));
                }
            }
            seen = format!(
                "heights {:?}",
                standing.iter().map(|one| one.0).collect::<Vec<_>>()
            );
            if standing.len() == self.nodes.len()
                && let Some((height, state_root)) = standing.first().copied()
                && standing.iter().all(|one| one.0 == height)
            {
                return self.check_roots(height, state_root, &standing).await;
            }
            sleep(POLL).await;
        }
        bail!("the validators do not come to one height: {seen}")
    }

    async fn check_roots(
        &self,
        height: u64,
        state_root: Hash,
        standing: &[(u64, Hash)],
    ) -> anyhow::Result<EqualRoots> {
        for (node, (_, root)) in self.nodes.iter().zip(standing) {
            let block = node.client.block(height).await?;
            let proof = talea_types::receipt::FinalityProof {
                set_changes: Vec::new(),
                header: block.header,
                certificate: block.certificate,
            };
            self.trust.verify_finality(&proof)?;
            let certified = proof.header.state_root;
            anyhow::ensure!(
                *root == state_root && certified == state_root,
                "at height {height}, {} has state root {root} and its block {certified}, \
                 the first validator {state_root}",
                node.name
            );
        }
        Ok(EqualRoots {
            height,
            state_root,
            validators: self.nodes.iter().map(|node| node.name.clone()).collect(),
        })
    }

    /// Fetches receipts, each from another node than the one before, and verifies them.
    ///
    /// # Errors
    /// When one does not verify.
    pub async fn verify_receipts(
        &self,
        ids: &[TransactionId],
    ) -> anyhow::Result<Vec<ReceiptProof>> {
        let mut progress = Progress::new("receipts", ids.len());
        let mut proofs = Vec::with_capacity(ids.len());
        for (id, node) in ids.iter().zip(self.nodes.iter().cycle()) {
            let proof = node.client.receipt(id, &self.trust).await;
            let proof = proof.with_context(|| format!("receipt of {id} from {}", node.name))?;
            proof.verify(&self.trust)?;
            proofs.push(proof);
            progress.advance(1, &node.name);
        }
        Ok(proofs)
    }

    /// Alters receipts that verify, in their outcome and in their transaction, and returns how many
    /// forgeries were found out.
    ///
    /// # Errors
    /// When a forgery verifies.
    pub fn refuse_forgeries(&self, proofs: &[ReceiptProof]) -> anyhow::Result<usize> {
        let mut refused = 0;
        for proof in proofs {
            let mut outcome = proof.clone();
            outcome.receipt.result.outcome = match proof.receipt.result.outcome {
                Outcome::Applied => Outcome::InsufficientFunds,
                _ => Outcome::Applied,
            };
            let mut content = proof.clone();
            content.transaction = content.transaction.map(|bytes| {
                let mut bytes = bytes.to_vec();
                // Within the body: an amount, an account, a nonce.
                let middle = bytes.len() / 3;
                if let Some(byte) = bytes.get_mut(middle) {
                    *byte ^= 1;
                }
                bytes.into()
            });
            for forgery in [outcome, content] {
                if forgery == *proof {
                    continue;
                }
                anyhow::ensure!(
                    forgery.verify(&self.trust).is_err(),
                    "a forged receipt of {} verifies",
                    proof.receipt.result.transaction
                );
                refused += 1;
            }
        }
        Ok(refused)
    }

    /// The whole history of an account, verified to be complete, with the account's verified state.
    ///
    /// # Errors
    /// When it does not verify.
    pub async fn history(&self, account: AccountId, turn: usize) -> anyhow::Result<HistoryProof> {
        let node = self.node(turn);
        let subject = Subject::Account(account);
        let history = node
            .regulator
            .history(&subject, &self.trust, |_, _| {})
            .await;
        history.with_context(|| format!("history of {account} from {}", node.name))
    }

    /// The verified value of a state object; `None` when it is proved that there is none.
    ///
    /// # Errors
    /// When it does not verify.
    pub async fn state(&self, key: &StateKey) -> anyhow::Result<Option<bytes::Bytes>> {
        Ok(self
            .node(0)
            .regulator
            .proven_state(key, &self.trust)
            .await?
            .value)
    }

    /// What it trusts.
    #[must_use]
    pub const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The reserve of a bank that genesis states, minor units.
    #[must_use]
    pub fn reserve_at_genesis(&self, bank: ParticipantId, asset: Asset) -> u64 {
        let reserve = self.genesis.reserves().get(&(bank, asset));
        reserve.map_or(0, |reserve| reserve.minor_units())
    }

    fn node(&self, turn: usize) -> &Node {
        &self.nodes[turn % self.nodes.len()]
    }
}
