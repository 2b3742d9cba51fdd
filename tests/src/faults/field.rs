//! A network of four real validators under load, made ready for faults.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use talea_client::bulk::BulkOptions;
use talea_client::{Client, Options, Reader, Trust};
use talea_genesis::localnet::{Localnet as Keys, LocalnetOptions as KeyOptions};
use talea_node::localnet::{LOCALNET_FILE_NAME, Launch, Localnet, LocalnetNode, LocalnetOptions};
use talea_types::{Asset, SignedTransaction, Subject, Timestamp};

use super::clock::Clocks;
use super::load::Load;
use super::memory::{Growth, WarmUp};
use super::metrics::figures;
use super::namespaces::Namespaces;
use super::proxy::Proxies;
use super::{PATIENCE, PATIENCE_PER_BLOCK, Report, Volume};
use crate::programs::node_program;
use crate::sim::Random;
use crate::workload::{Sponsor, Workload};

/// Validators.
pub const VALIDATORS: usize = 4;
const NETWORK: &str = "faults";
const KEYS_SEED: [u8; 32] = [11; 32];
const ACCOUNTS: usize = 40;
/// On each account at the beginning, minor units.
const FUNDS: u64 = 10_000_000;
/// The tier without limits of a trial network.
const TIER: u32 = 2;
/// Payments can be applied for so long, ledger time, milliseconds.
const PAYMENTS_LAST_MS: u64 = 20 * 3_600_000;
/// The one whose disk is a volume of its own.
pub const ON_VOLUME: usize = 1;
/// The one that lies.
pub const LIAR: usize = 3;
/// As a node's metrics name what of its heap is in use.
const HEAP_IN_USE: &str = "talea_process_heap_in_use_bytes";
/// Of a run that says nothing else.
const WARM_UP: WarmUp = WarmUp {
    age: Duration::from_secs(60),
    payments: 100_000,
};

/// What a run needs beside the network.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setup {
    /// Each node in a network namespace.
    pub namespaces: bool,
    /// Every connection of two nodes through a proxy.
    pub proxies: bool,
    /// Clocks that can be set.
    pub clocks: bool,
    /// One node on a disk of its own.
    pub volume: bool,
}

/// See the module.
pub struct Field {
    /// The processes.
    pub network: Localnet,
    /// Of all organisations and validators.
    pub keys: Keys,
    /// What is random.
    pub random: Random,
    /// The cables.
    pub namespaces: Option<Namespaces>,
    /// What stands between the nodes.
    pub proxies: Option<Proxies>,
    /// The clocks.
    pub clocks: Option<Clocks>,
    /// The disk of [`ON_VOLUME`].
    pub volume: Option<Volume>,
    /// The payments.
    pub load: Load,
    /// What was found so far.
    pub report: Report,
    /// Memory of the validators' processes.
    pub(super) growth: Vec<Growth>,
    /// When a process is warm.
    pub(super) warm_up: WarmUp,
    /// The first validator's process is never ended, so that its memory can be watched for long.
    pub(super) first_is_spared: bool,
    /// How nodes are started when nothing special is wanted.
    launches: Vec<Launch>,
    directory: tempfile::TempDir,
}

impl Field {
    /// Makes and starts a network, funds accounts, begins to pay.
    ///
    /// # Errors
    /// [`Skipped`](super::Skipped) when this machine lacks something; others.
    pub async fn start(seed: u64, setup: Setup) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let home = directory.path().join("net");
        let options = LocalnetOptions {
            network: NETWORK.to_owned(),
            seed: Some(KEYS_SEED),
            ..LocalnetOptions::default()
        };
        let namespaces = match setup.namespaces {
            true => Some(Namespaces::create(VALIDATORS)?),
            false => None,
        };
        let clocks = match setup.clocks {
            true => Some(Clocks::create(directory.path(), VALIDATORS)?),
            false => None,
        };
        let mut volume = match setup.volume {
            true => Some(Volume::create(directory.path())?),
            false => None,
        };
        let made = Localnet::create(&home, &node_program(), &options)?;
        let mut proxies = None;
        if let Some(namespaces) = &namespaces {
            let moved = |index| IpAddr::V4(namespaces.address(index));
            move_nodes(&home, made.nodes(), moved)?;
        }
        if setup.proxies {
            proxies = Some(Proxies::start(&home, made.nodes()).await?);
        }
        drop(made);
        let mut network = Localnet::open(&home, &node_program())?;
        if let Some(volume) = &mut volume {
            volume.move_to(&network.nodes()[ON_VOLUME].data())?;
        }
        let launches: Vec<Launch> = (0..VALIDATORS)
            .map(|index| Launch {
                through: namespaces.as_ref().map_or(Vec::new(), |namespaces| {
                    let name = namespaces.name(index);
                    ["ip", "netns", "exec", &name].map(OsString::from).to_vec()
                }),
                environment: clocks
                    .as_ref()
                    .map_or(Vec::new(), |clocks| clocks.environment(index)),
            })
            .collect();
        for (index, launch) in launches.iter().enumerate() {
            network.node(index).launch(launch.clone());
        }
        network.start()?;
        network.until_height(1, PATIENCE).await?;
        let keys = Keys::with_banks(
            &KeyOptions {
                network: NETWORK.to_owned(),
                validators: VALIDATORS,
                seed: KEYS_SEED,
                time: Timestamp::from_millis(0),
            },
            0,
        )?;
        let random = Random::new(seed, "faults");
        let load = fund(&network, &keys, Random::new(seed, "payments")).await?;
        let report = Report {
            seed,
            ..Report::default()
        };
        Ok(Self {
            network,
            keys,
            random,
            namespaces,
            proxies,
            clocks,
            volume,
            load,
            report,
            warm_up: WARM_UP,
            first_is_spared: false,
            growth: (0..VALIDATORS).map(|_| Growth::default()).collect(),
            launches,
            directory,
        })
    }

    /// A client of one node, which reads as the regulator.
    ///
    /// # Errors
    /// Never for these addresses.
    pub fn client(&self, index: usize) -> anyhow::Result<Client> {
        let regulator = self.keys.regulator();
        let reader = Reader::new(Subject::Participant(regulator.id), regulator.key.clone());
        let endpoint = self.network.nodes()[index].endpoint();
        Ok(Client::new(&Options::new([endpoint]))?.read_as(reader))
    }

    /// What an outsider has: the genesis document.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn trust(&self) -> anyhow::Result<Trust> {
        Ok(Trust::load(&self.network.genesis())?)
    }

    /// A place for files of a run.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Starts a node's next processes through a program, within what they are started with anyway.
    pub fn launch_through(&mut self, index: usize, through: &[OsString]) {
        let mut launch = self.launches[index].clone();
        launch.through.extend_from_slice(through);
        self.network.node(index).launch(launch);
    }

    /// One of the validators.
    pub fn any_validator(&mut self) -> usize {
        self.random.position(VALIDATORS)
    }

    /// Validators whose processes may end, in random order.
    pub fn restartable(&mut self) -> Vec<usize> {
        let mut all: Vec<usize> = (usize::from(self.first_is_spared)..VALIDATORS).collect();
        for place in (1..all.len()).rev() {
            all.swap(place, self.random.position(place + 1));
        }
        all
    }

    /// Waits for a random time, milliseconds.
    pub async fn pause(&mut self, least: u64, most: u64) {
        let time = self.random.between(least, most);
        tokio::time::sleep(Duration::from_millis(time)).await;
    }

    /// The highest height that any node tells now.
    pub async fn height(&mut self) -> u64 {
        let mut highest = 0;
        for index in 0..VALIDATORS {
            highest = highest.max(self.network.node(index).height().await.unwrap_or(0));
        }
        highest
    }

    /// How long a validator may take that has to go through all blocks again.
    pub async fn patience_with_replay(&mut self) -> Duration {
        let blocks = u32::try_from(self.height().await).unwrap_or(u32::MAX);
        PATIENCE + PATIENCE_PER_BLOCK.saturating_mul(blocks)
    }

    /// Waits until a block and a payment came after now, and notes how long that took.
    ///
    /// # Errors
    /// When none comes.
    pub async fn until_progress(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        let (height, acknowledged) = (self.height().await, self.load.acknowledged());
        while self.height().await <= height {
            ensure!(
                begun.elapsed() < PATIENCE,
                "no block after height {height}: {}",
                self.last_words()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let took = u64::try_from(begun.elapsed().as_millis())?;
        self.report.recovery_ms_max = self.report.recovery_ms_max.max(took);
        while self.load.acknowledged() <= acknowledged {
            ensure!(
                begun.elapsed() < PATIENCE,
                "blocks come, but no payment is acknowledged"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Waits until all validators have what the furthest has now.
    ///
    /// # Errors
    /// When one ended by itself or does not get there.
    pub async fn until_all_have_caught_up(&mut self) -> anyhow::Result<()> {
        let height = self.height().await;
        let patience = self.patience_with_replay().await;
        Ok(self.network.until_height(height, patience).await?)
    }

    /// Waits until a validator that was made to forget its votes votes again. Until then, another one that
    /// forgets would be one too many.
    ///
    /// # Errors
    /// When it does not.
    pub async fn until_votes(&mut self, index: usize) -> anyhow::Result<()> {
        let patience = self.patience_with_replay().await;
        let begun = Instant::now();
        let address = self.network.nodes()[index].entry().metrics;
        while figures(address, ["talea_voting"]).await != Some([1.0]) {
            ensure!(
                begun.elapsed() < patience,
                "it never votes again: {}",
                self.last_words()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Notes the memory of every process that runs.
    pub async fn sample_memory(&mut self) {
        let payments = self.load.acknowledged();
        for (node, growth) in self.network.nodes().iter().zip(&mut self.growth) {
            if let Some(process) = node.process_id()
                && growth.is_warm(process, payments, self.warm_up)
                && let Some([in_use]) = figures(node.entry().metrics, [HEAP_IN_USE]).await
            {
                growth.sample(payments, in_use);
            }
        }
    }

    /// What senders were told must not be wrong, and every process must run.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check_promises_so_far(&mut self) -> anyhow::Result<()> {
        if let Some(wrong) = self.load.wrong() {
            anyhow::bail!(wrong);
        }
        for index in 0..VALIDATORS {
            let node = self.network.node(index);
            let name = node.entry().name.clone();
            ensure!(
                node.is_running(),
                "{name} ended by itself: {}",
                self.last_words()
            );
        }
        Ok(())
    }

    /// Leaves the logs where a person can read them, and says where.
    pub fn keep_logs(&mut self) {
        self.network.stop();
        let kept = std::env::temp_dir().join(format!("talea-faults-{}", std::process::id()));
        if std::fs::create_dir_all(&kept).is_err() {
            return;
        }
        for node in self.network.nodes() {
            // For people; a log that cannot be copied is not worth more than the error that follows.
            let _ = std::fs::copy(node.log(), kept.join(format!("{}.log", node.entry().name)));
        }
        eprintln!("the logs of the nodes are in {}", kept.display());
    }

    /// The ends of all logs.
    fn last_words(&self) -> String {
        let mut words = String::new();
        for node in self.network.nodes() {
            let text = std::fs::read_to_string(node.log()).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            words.push_str(&format!("\n--- {}", node.entry().name));
            for line in &lines[lines.len().saturating_sub(5)..] {
                words.push_str(&format!("\n{line}"));
            }
        }
        words
    }
}

fn endpoints(network: &Localnet) -> Vec<String> {
    network.nodes().iter().map(LocalnetNode::endpoint).collect()
}

/// Writes other addresses than loopback into everything that names the nodes'.
fn move_nodes(
    home: &Path,
    nodes: &[LocalnetNode],
    address: impl Fn(usize) -> IpAddr,
) -> anyhow::Result<()> {
    let mut files: Vec<PathBuf> = vec![home.join(LOCALNET_FILE_NAME)];
    files.extend(nodes.iter().map(|node| node.directory().join("node.toml")));
    for file in files {
        let mut text = std::fs::read_to_string(&file)?;
        for (index, node) in nodes.iter().enumerate() {
            let (entry, new) = (node.entry(), address(index));
            for old in [entry.p2p, entry.grpc, entry.metrics] {
                let (ip, port) = (old.ip(), old.port());
                text = text.replace(
                    &format!("/ip4/{ip}/tcp/{port}"),
                    &format!("/ip4/{new}/tcp/{port}"),
                );
                text = text.replace(&format!("{ip}:{port}"), &format!("{new}:{port}"));
            }
        }
        std::fs::write(&file, text)?;
    }
    Ok(())
}

/// Opens accounts, puts money on them and lets them pay each other.
async fn fund(network: &Localnet, keys: &Keys, random: Random) -> anyhow::Result<Load> {
    let endpoints = endpoints(network);
    let client = Client::new(&Options::new(endpoints.clone()))?;
    let info = client.network().await?;
    let expires_at = info.ledger_time.plus_millis(PAYMENTS_LAST_MS);
    let workload = Workload::new(info.chain, Asset::new("CZK")?, expires_at);
    let mut sponsors: Vec<Sponsor> = keys.banks().take(2).cloned().map(Sponsor::new).collect();
    let (mut opening, mut funding, mut payers) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..ACCOUNTS {
        let sponsor = &mut sponsors[number % 2];
        let (open, payer) = workload.open(sponsor, number as u64, TIER);
        opening.push(open);
        payers.push(payer);
    }
    for (number, payer) in payers.iter().enumerate() {
        funding.push(workload.issue(&mut sponsors[number % 2], payer.account, FUNDS));
    }
    for transactions in [opening, funding] {
        send(&client, transactions)
            .await
            .context("funding accounts")?;
    }
    Load::start(&endpoints, workload, payers, FUNDS, random)
}

async fn send(client: &Client, transactions: Vec<SignedTransaction>) -> anyhow::Result<()> {
    let (sender, mut results) = client.bulk(BulkOptions::default());
    let mut waiting: BTreeMap<_, ()> = transactions.iter().map(|one| (one.id(), ())).collect();
    for transaction in transactions {
        let sent = sender.send(transaction).await;
        sent.map_err(|_| anyhow::anyhow!("the SDK takes no more transactions"))?;
    }
    drop(sender);
    while let Some(result) = results.next().await {
        let settlement = result.result?;
        ensure!(settlement.is_committed(), "{settlement:?}");
        waiting.remove(&settlement.id);
    }
    ensure!(
        waiting.is_empty(),
        "{} transactions have no result",
        waiting.len()
    );
    Ok(())
}
