//! The network under attack, and the valid client beside it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use hdrhistogram::Histogram;
use serde::Serialize;
use talea_client::{Client, Options, bulk::BulkOptions};
use talea_genesis::localnet::{Localnet as Keys, LocalnetOptions as KeyOptions};
use talea_node::localnet::{Localnet, LocalnetOptions};
use talea_tests::faults::metrics::figures;
use talea_tests::workload::{Payer, Sponsor, Workload};
use talea_types::{Asset, SignedTransaction, Timestamp};

const SEED: [u8; 32] = [43; 32];
/// The tier without limits of the trial network.
const TIER: u32 = 2;
const PATIENCE: Duration = Duration::from_secs(60);

/// Four validators and two funded accounts.
pub struct Network {
    pub localnet: Localnet,
    client: Client,
    workload: Workload,
    payers: Vec<Payer>,
}

/// What a valid client saw.
#[derive(Debug, Serialize)]
pub struct Seen {
    /// Payments that became final.
    pub payments: u64,
    /// From submitting until it is final, milliseconds.
    pub p50_ms: u64,
    /// 99 of 100.
    pub p99_ms: u64,
    /// The longest.
    pub max_ms: u64,
    /// Most memory of the attacked node, MiB.
    pub node_mib: u64,
    /// Connections that the attacked node has at the end.
    pub connections: u64,
}

impl Network {
    pub async fn start(directory: &Path, node: &Path) -> anyhow::Result<Self> {
        let options = LocalnetOptions {
            network: "flood".to_owned(),
            seed: Some(SEED),
            ..LocalnetOptions::default()
        };
        let mut localnet = Localnet::create(&directory.join("net"), node, &options)?;
        localnet.start()?;
        localnet.until_height(1, PATIENCE).await?;
        // The valid client uses the attacked node, and no other.
        let client = Client::new(&Options::new([localnet.nodes()[0].endpoint()]))?;
        let info = client.network().await?;
        let keys = Keys::new(&KeyOptions {
            network: "flood".to_owned(),
            validators: 4,
            seed: SEED,
            time: Timestamp::from_millis(0),
        })?;
        let expires_at = info.ledger_time.plus_millis(20 * 3_600_000);
        let workload = Workload::new(info.chain, Asset::new("CZK")?, expires_at);
        let bank = keys.banks().next().context("the network has banks")?;
        let mut sponsor = Sponsor::new(bank.clone());
        let mut network = Self {
            localnet,
            client,
            workload,
            payers: Vec::new(),
        };
        for number in 0..2 {
            let (open, payer) = network.workload.open(&mut sponsor, number, TIER);
            network.settle(&open).await?;
            let issue = network
                .workload
                .issue(&mut sponsor, payer.account, 1_000_000);
            network.settle(&issue).await?;
            network.payers.push(payer);
        }
        Ok(network)
    }

    async fn settle(&self, transaction: &SignedTransaction) -> anyhow::Result<()> {
        let settled = self.client.submit(transaction, PATIENCE).await?;
        ensure!(settled.is_committed(), "{:?}", settled.finality);
        Ok(())
    }

    /// Pays ten times a second, one after the other, by calls and by a stream in turn, and measures each.
    pub async fn measure(&mut self, time: Duration) -> anyhow::Result<Seen> {
        let mut latency = Histogram::<u64>::new_with_bounds(1, 600_000, 3)?;
        let (stream, mut results) = self.client.bulk(BulkOptions::default());
        let begun = Instant::now();
        let mut pace = tokio::time::interval(Duration::from_millis(100));
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while begun.elapsed() < time {
            pace.tick().await;
            let to = self.payers[1].account;
            let payment = self.workload.pay(&mut self.payers[0], to, 1);
            let submitted = Instant::now();
            if latency.len() % 2 == 0 {
                self.settle(&payment).await?;
            } else {
                let sent = stream.send(payment).await;
                ensure!(sent.is_ok(), "the stream takes transactions");
                let result = results.next().await.context("each has a result")?;
                let settled = result.result?;
                ensure!(settled.is_committed(), "{:?}", settled.finality);
            }
            latency.record(u64::try_from(submitted.elapsed().as_millis())?.clamp(1, 600_000))?;
        }
        Ok(Seen {
            payments: latency.len(),
            p50_ms: latency.value_at_quantile(0.5),
            p99_ms: latency.value_at_quantile(0.99),
            max_ms: latency.max(),
            node_mib: self.memory_mib()?,
            connections: self.connections().await?,
        })
    }

    /// Waits until the attacked node has so many connections, or for as long as they may take to come.
    pub async fn until_connections(&self, count: usize, most: Duration) -> anyhow::Result<()> {
        let begun = Instant::now();
        while self.connections().await? < count as u64 && begun.elapsed() < most {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }

    /// Connections that the attacked node has, by its own count.
    async fn connections(&self) -> anyhow::Result<u64> {
        let address = self.localnet.nodes()[0].entry().metrics;
        for _ in 0..10 {
            if let Some([count]) = figures(address, ["talea_grpc_connections"]).await {
                return Ok(count as u64);
            }
        }
        anyhow::bail!("the attacked node does not tell its figures")
    }

    /// Payments with a changed signature, each of another nonce.
    pub fn invalid_payments(&mut self, count: usize) -> Vec<Bytes> {
        let to = self.payers[0].account;
        let broken = |payment: SignedTransaction| {
            let mut bytes = payment.encoded().to_vec();
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
            Bytes::from(bytes)
        };
        (0..count)
            .map(|_| broken(self.workload.pay(&mut self.payers[1], to, 1)))
            .collect()
    }

    /// The most memory that the attacked node had at any time, MiB.
    fn memory_mib(&self) -> anyhow::Result<u64> {
        let process = self.localnet.nodes()[0]
            .process_id()
            .context("the node runs")?;
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let words = line.and_then(|line| line.split_whitespace().next());
        let kib: u64 = words
            .context("the kernel says how much memory a process had")?
            .parse()?;
        Ok(kib / 1_024)
    }
}
