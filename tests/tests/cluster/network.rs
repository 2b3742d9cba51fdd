//! Four real validator processes with funded accounts, and the comparison of what clients were told with what
//! every validator says.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use talea_client::bulk::BulkOptions;
use talea_client::{Client, Options};
use talea_genesis::localnet::{Localnet as Keys, LocalnetOptions as KeyOptions};
use talea_node::localnet::{Localnet, LocalnetOptions};
use talea_tests::workload::{Payer, Sponsor, Workload};
use talea_types::{AccountId, Asset, Hash, SignedTransaction, Timestamp};

const SEED: [u8; 32] = [7; 32];
const ACCOUNTS: usize = 40;
const FUNDS: u64 = 1_000_000;
/// The tier without limits of a trial network.
const TIER: u32 = 2;
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A funded network. Dropping it ends its processes.
pub struct Cluster {
    pub network: Localnet,
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
    pub async fn start() -> Self {
        Self::start_prepared(|_| {}).await
    }

    /// Lets `prepare` change the directories of the nodes before any is started.
    pub async fn start_prepared(prepare: impl FnOnce(&Localnet)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = LocalnetOptions {
            network: "cluster".to_owned(),
            seed: Some(SEED),
            ..LocalnetOptions::default()
        };
        let mut network =
            Localnet::create(&directory.path().join("net"), &node_program(), &options).unwrap();
        prepare(&network);
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

    pub fn endpoints(&self) -> Vec<String> {
        self.network
            .nodes()
            .iter()
            .map(|node| node.endpoint())
            .collect()
    }

    /// Signs payments of one unit, from each account in turn to the next; gives what balances they lead to.
    pub fn payments(
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

    pub fn funded(&self) -> BTreeMap<AccountId, u64> {
        self.payers
            .iter()
            .map(|payer| (payer.account, FUNDS))
            .collect()
    }

    /// Waits until every validator has the same height as the furthest, then compares roots and balances.
    pub async fn check(&mut self, balances: &BTreeMap<AccountId, u64>) {
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
pub async fn send(endpoints: &[String], transactions: Vec<SignedTransaction>) {
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
