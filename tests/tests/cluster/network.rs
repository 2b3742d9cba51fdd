//! Four real validator processes with funded accounts, and the comparison of what clients were told with what
//! every validator says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use talea_client::bulk::BulkOptions;
use talea_client::{Client, Options, Reader, Trust};
use talea_genesis::localnet::{Localnet as Keys, LocalnetOptions as KeyOptions};
use talea_node::localnet::{Localnet, LocalnetNode, LocalnetOptions};
use talea_tests::workload::{Payer, Sponsor, Workload};
use talea_types::{AccountId, Asset, Hash, SecretKey, SignedTransaction, Subject, Timestamp};
use tokio::sync::{Semaphore, SemaphorePermit};

pub const SEED: [u8; 32] = [7; 32];
pub const VALIDATORS: usize = 4;
const ACCOUNTS: usize = 40;
const FUNDS: u64 = 1_000_000;
/// The tier without limits of a trial network.
const TIER: u32 = 2;
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A funded network. Dropping it ends its processes.
pub struct Cluster {
    pub network: Localnet,
    /// Of all organisations and validators.
    pub keys: Keys,
    directory: tempfile::TempDir,
    workload: Workload,
    payers: Vec<Payer>,
    _turn: SemaphorePermit<'static>,
}

/// Networks that run at once: the machine may be small, and every validator syncs its disk.
pub static TURNS: Semaphore = Semaphore::const_new(2);

/// The program that the nodes run.
pub fn node_program() -> PathBuf {
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
        Self::start_with(LocalnetOptions::default(), prepare).await
    }

    /// The same with observers or more banks.
    pub async fn start_with(options: LocalnetOptions, prepare: impl FnOnce(&Localnet)) -> Self {
        let turn = TURNS.acquire().await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let options = LocalnetOptions {
            network: "cluster".to_owned(),
            seed: Some(SEED),
            ..options
        };
        let mut network =
            Localnet::create(&directory.path().join("net"), &node_program(), &options).unwrap();
        prepare(&network);
        network.start().unwrap();
        network.until_height(1, PATIENCE).await.unwrap();
        let client = Client::new(&Options::new([network.nodes()[0].endpoint()])).unwrap();
        let info = client.network().await.unwrap();
        let key_options = KeyOptions {
            network: "cluster".to_owned(),
            validators: 4,
            seed: SEED,
            time: Timestamp::from_millis(0),
        };
        let keys = Keys::with_banks(&key_options, options.banks).unwrap();
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
            keys,
            directory,
            workload,
            payers,
            _turn: turn,
        }
    }

    /// Of the validators.
    pub fn endpoints(&self) -> Vec<String> {
        let nodes = self.network.nodes().iter().take(VALIDATORS);
        nodes.map(LocalnetNode::endpoint).collect()
    }

    /// A client of one node, which reads as the regulator.
    pub fn client(&self, index: usize) -> Client {
        self.regulator(self.network.nodes()[index].endpoint())
    }

    fn regulator(&self, endpoint: String) -> Client {
        let regulator = self.keys.regulator();
        let reader = Reader::new(Subject::Participant(regulator.id), regulator.key.clone());
        Client::new(&Options::new([endpoint]))
            .unwrap()
            .read_as(reader)
    }

    /// What an outsider has: the genesis document.
    pub fn trust(&self) -> Trust {
        Trust::load(&self.network.genesis()).unwrap()
    }

    /// A place for files of a test.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Makes some payments final.
    pub async fn pay(&mut self, count: usize, balances: &mut BTreeMap<AccountId, u64>) {
        let payments = self.payments(count, balances);
        send(&self.endpoints(), payments).await;
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

    /// A payment whose time has passed; of an author that has used none of its nonces.
    pub fn expired_payment(&self) -> SignedTransaction {
        let expired = Timestamp::from_millis(1);
        let chain = self.network.file().chain_id;
        let workload = Workload::new(chain, Asset::new("CZK").unwrap(), expired);
        let (from, to) = (&self.payers[0], self.payers[1].account);
        workload.pay(&mut from.clone(), to, 1)
    }

    /// The bytes of a payment whose signature was altered.
    pub fn badly_signed_payment(&self) -> Bytes {
        let (from, to) = (&self.payers[0], self.payers[1].account);
        let payment = self.workload.pay(&mut from.clone(), to, 1);
        let mut bytes = payment.encoded().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        bytes.into()
    }

    /// One of the accounts, and its key.
    pub fn wallet(&self) -> (AccountId, SecretKey) {
        let payer = &self.payers[0];
        (payer.account, payer.key().clone())
    }

    pub fn funded(&self) -> BTreeMap<AccountId, u64> {
        self.payers
            .iter()
            .map(|payer| (payer.account, FUNDS))
            .collect()
    }

    /// Waits until every validator has the same height as the furthest, then compares roots and balances.
    pub async fn check(&mut self, balances: &BTreeMap<AccountId, u64>) {
        let endpoints = self.network.nodes().iter().map(LocalnetNode::endpoint);
        let endpoints = endpoints.collect();
        self.check_at(endpoints, balances).await;
    }

    /// The same at these nodes and every one of the network.
    pub async fn check_at(&mut self, endpoints: Vec<String>, balances: &BTreeMap<AccountId, u64>) {
        let mut height = 0;
        for index in 0..self.network.nodes().len() {
            height = height.max(self.network.node(index).height().await.unwrap_or(0));
        }
        self.network.until_height(height, PATIENCE).await.unwrap();
        let mut roots: Vec<Hash> = Vec::new();
        for endpoint in endpoints {
            let client = self.regulator(endpoint);
            roots.push(client.block(height).await.unwrap().header.state_root);
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

/// Waits until something holds. The deadline only turns a hang into a failure.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
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
