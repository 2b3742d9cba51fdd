//! Four real validator processes under load, killed and stopped. What clients were told is compared with
//! what every validator says afterwards.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use talea_client::bulk::BulkOptions;
use talea_client::{Client, ClientError, Options};
use talea_genesis::localnet::{Localnet as Keys, LocalnetOptions as KeyOptions};
use talea_node::localnet::{Localnet, LocalnetOptions};
use talea_tests::workload::{Payer, Sponsor, Workload};
use talea_types::{AccountId, Asset, Hash, SignedTransaction, Timestamp};

const SEED: [u8; 32] = [7; 32];
const ACCOUNTS: usize = 40;
const FUNDS: u64 = 1_000_000;
/// The tier without limits of a trial network.
const TIER: u32 = 2;
const PATIENCE: Duration = Duration::from_secs(90);

/// A funded network. Dropping it ends its processes.
struct Cluster {
    network: Localnet,
    _directory: tempfile::TempDir,
    workload: Workload,
    payers: Vec<Payer>,
}

fn node_program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().parent().unwrap().join("talea-node");
    assert!(
        program.is_file(),
        "{} is not there; `cargo test --workspace` builds it",
        program.display()
    );
    program
}

impl Cluster {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = LocalnetOptions {
            network: "cluster".to_owned(),
            seed: Some(SEED),
            ..LocalnetOptions::default()
        };
        let mut network =
            Localnet::create(&directory.path().join("net"), &node_program(), &options).unwrap();
        network.start().unwrap();
        network.until_height(1, PATIENCE).await.unwrap();
        let client = Client::new(&Options::new([network.nodes()[0].endpoint()])).unwrap();
        let info = client.network().await.unwrap();
        let keys = Keys::new(&KeyOptions {
            network: "cluster".to_owned(),
            validators: 4,
            seed: SEED,
            time: Timestamp::from_millis(0),
        })
        .unwrap();
        let expires_at = info.ledger_time.plus_millis(3_600_000);
        let workload = Workload::new(info.chain, Asset::new("CZK").unwrap(), expires_at);
        let mut sponsors: Vec<Sponsor> = keys.banks().take(2).cloned().map(Sponsor::new).collect();
        let mut payers = Vec::new();
        let mut opening = Vec::new();
        for number in 0..ACCOUNTS {
            let (open, payer) = workload.open(&mut sponsors[number % 2], number as u64, TIER);
            opening.push(open);
            payers.push(payer);
        }
        let funding = payers.iter().enumerate();
        let funding = funding
            .map(|(n, payer)| workload.issue(&mut sponsors[n % 2], payer.account, FUNDS))
            .collect();
        send(&[network.nodes()[0].endpoint()], opening).await;
        send(&[network.nodes()[0].endpoint()], funding).await;
        Self {
            network,
            _directory: directory,
            workload,
            payers,
        }
    }

    fn endpoints(&self) -> Vec<String> {
        self.network
            .nodes()
            .iter()
            .map(|node| node.endpoint())
            .collect()
    }

    /// Signs payments of one unit, from each account in turn to the next; gives what balances they lead to.
    fn payments(
        &mut self,
        count: usize,
        balances: &mut BTreeMap<AccountId, u64>,
    ) -> Vec<SignedTransaction> {
        let ids: Vec<AccountId> = self.payers.iter().map(|payer| payer.account).collect();
        (0..count)
            .map(|number| {
                let (from, to) = (number % ids.len(), (number * 7 + 1) % ids.len());
                let to = if from == to { (to + 1) % ids.len() } else { to };
                *balances.get_mut(&ids[from]).unwrap() -= 1;
                *balances.get_mut(&ids[to]).unwrap() += 1;
                self.workload.pay(&mut self.payers[from], ids[to], 1)
            })
            .collect()
    }

    fn funded(&self) -> BTreeMap<AccountId, u64> {
        self.payers
            .iter()
            .map(|payer| (payer.account, FUNDS))
            .collect()
    }

    /// Waits until every validator has the same height as the furthest, then compares roots and balances.
    async fn check(&mut self, balances: &BTreeMap<AccountId, u64>) {
        let mut height = 0;
        for index in 0..4 {
            height = height.max(self.network.node(index).height().await.unwrap_or(0));
        }
        self.network.until_height(height, PATIENCE).await.unwrap();
        let mut roots: Vec<Hash> = Vec::new();
        for endpoint in self.endpoints() {
            let client = Client::new(&Options::new([endpoint])).unwrap();
            roots.push(client.block(height).await.unwrap().0.header.state_root);
            for (account, expected) in balances {
                let account = client.account(account).await.unwrap();
                let balance = account.balance(Asset::new("CZK").unwrap()).unwrap();
                assert_eq!(balance.available.minor_units(), *expected);
            }
        }
        assert!(
            roots.windows(2).all(|pair| pair[0] == pair[1]),
            "state roots at height {height}: {roots:?}"
        );
    }
}

/// Submits through nodes, best first; every transaction must be applied.
async fn send(endpoints: &[String], transactions: Vec<SignedTransaction>) {
    let client = Client::new(&Options::new(endpoints.iter().cloned())).unwrap();
    let options = BulkOptions {
        in_flight: 400,
        batch: 50,
        silence: Duration::from_secs(3),
        ..BulkOptions::default()
    };
    let (sender, mut results) = client.bulk(options);
    let count = transactions.len();
    let feeder = tokio::spawn(async move {
        for transaction in transactions {
            sender.send(transaction).await.unwrap();
        }
    });
    for _ in 0..count {
        let result = results.next().await.unwrap();
        let settlement = result.result.unwrap();
        assert!(settlement.is_committed(), "{:?}", settlement.finality);
    }
    feeder.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_any_one_validator_under_load_loses_and_doubles_nothing() {
    let mut cluster = Cluster::start().await;
    let mut balances = cluster.funded();
    for victim in 0..4 {
        let payments = cluster.payments(2_000, &mut balances);
        let endpoints = cluster.endpoints();
        // The victim first: its clients must move to another node with the same bytes.
        let order = (0..4)
            .map(|turn| endpoints[(victim + turn) % 4].clone())
            .collect::<Vec<_>>();
        let load = tokio::spawn(async move { send(&order, payments).await });
        tokio::time::sleep(Duration::from_millis(150)).await;
        cluster.network.node(victim).kill();
        load.await.unwrap();
        cluster.network.node(victim).start().unwrap();
        cluster.check(&balances).await;
    }
    cluster.network.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_of_four_stopped_answer_in_time_and_go_on_when_back() {
    let mut cluster = Cluster::start().await;
    let mut balances = cluster.funded();
    cluster.network.node(2).kill();
    cluster.network.node(3).kill();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = cluster.network.node(0).height().await.unwrap();
    let payment = cluster.payments(1, &mut balances).remove(0);
    let client = Client::new(&Options::new(cluster.endpoints())).unwrap();
    let deadline = Duration::from_secs(5);
    let begun = tokio::time::Instant::now();
    let answer = client.submit(&payment, deadline).await;
    assert!(
        matches!(answer, Err(ClientError::Uncertain { .. })),
        "a typed answer, not {answer:?}"
    );
    assert!(
        begun.elapsed() < deadline * 3,
        "the answer came long after the deadline"
    );
    let after = cluster.network.node(0).height().await.unwrap();
    assert!(
        after <= before + 1,
        "blocks without a quorum: {before} to {after}"
    );
    cluster.network.node(2).start().unwrap();
    cluster.network.node(3).start().unwrap();
    // The same bytes again: applied once, whether or not the first submission was.
    let settled = client.submit(&payment, PATIENCE).await.unwrap();
    assert!(settled.is_committed());
    cluster.check(&balances).await;
    cluster.network.stop();
}
