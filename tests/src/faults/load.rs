//! Payments that go on while faults happen, and what their senders were told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use parking_lot::Mutex;
use talea_client::bulk::{BulkOptions, BulkResult, BulkResults, BulkSender};
use talea_client::{Client, Finality, Options};
use talea_types::{AccountId, TransactionId};
use tokio::task::JoinHandle;

use super::PATIENCE;
use crate::sim::Random;
use crate::workload::{Payer, Workload};

/// Time between two handfuls of payments.
const PAUSE: Duration = Duration::from_millis(100);
/// Payments of a handful.
const HANDFUL: usize = 15;
/// The largest payment, minor units.
const AMOUNT_MAX: u64 = 97;

/// What the senders know.
#[derive(Debug, Default)]
pub struct Told {
    /// Payments that were handed to the SDK.
    pub sent: u64,
    /// Where each acknowledged payment is, as its sender was told.
    pub acknowledged: BTreeMap<TransactionId, (u64, u32)>,
    /// Balances when all that was sent is paid once.
    pub balances: BTreeMap<AccountId, u64>,
    /// The first thing that a sender was told and should not have been.
    pub wrong: Option<String>,
}

/// See the module.
pub struct Load {
    told: Arc<Mutex<Told>>,
    stopping: Arc<AtomicBool>,
    hurrying: Arc<AtomicBool>,
    feeder: JoinHandle<anyhow::Result<()>>,
    receivers: Vec<JoinHandle<()>>,
}

impl Load {
    /// Begins to pay between these accounts, through these nodes: one sender begins with the first, another
    /// with the last.
    ///
    /// # Errors
    /// When an address cannot be used.
    pub fn start(
        endpoints: &[String],
        workload: Workload,
        payers: Vec<Payer>,
        funds: u64,
        random: Random,
    ) -> anyhow::Result<Self> {
        let balances = payers.iter().map(|payer| (payer.account, funds)).collect();
        let told = Arc::new(Mutex::new(Told {
            balances,
            ..Told::default()
        }));
        let stopping = Arc::new(AtomicBool::new(false));
        let hurrying = Arc::new(AtomicBool::new(false));
        let mut senders = Vec::new();
        let mut receivers = Vec::new();
        for order in [
            endpoints.to_vec(),
            endpoints.iter().rev().cloned().collect(),
        ] {
            let options = BulkOptions {
                in_flight: 200,
                batch: 50,
                give_up_after: 5 * PATIENCE,
                silence: Duration::from_secs(3),
            };
            let (sender, results) = Client::new(&Options::new(order))?.bulk(options);
            senders.push(sender);
            receivers.push(tokio::spawn(receive(results, Arc::clone(&told))));
        }
        let feeder = Feeder {
            workload,
            payers,
            random,
            told: Arc::clone(&told),
            stopping: Arc::clone(&stopping),
            hurrying: Arc::clone(&hurrying),
        };
        let feeder = tokio::spawn(feeder.feed(senders));
        Ok(Self {
            told,
            stopping,
            hurrying,
            feeder,
            receivers,
        })
    }

    /// Payments whose senders were told that they are final.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.told.lock().acknowledged.len() as u64
    }

    /// Pays as fast as the nodes take it, or about 150 times a second again.
    pub fn hurry(&self, hurrying: bool) {
        self.hurrying.store(hurrying, Ordering::Relaxed);
    }

    /// What was wrong so far.
    #[must_use]
    pub fn wrong(&self) -> Option<String> {
        self.told.lock().wrong.clone()
    }

    /// Stops paying and waits until every sender has its answer.
    ///
    /// # Errors
    /// When one has none in time.
    pub async fn finish(&mut self) -> anyhow::Result<Told> {
        self.stopping.store(true, Ordering::Relaxed);
        let ended = async {
            (&mut self.feeder).await??;
            for receiver in self.receivers.drain(..) {
                receiver.await?;
            }
            anyhow::Ok(())
        };
        let waited = tokio::time::timeout(2 * PATIENCE, ended).await;
        waited.context("senders wait for their answers for too long")??;
        Ok(std::mem::take(&mut *self.told.lock()))
    }
}

struct Feeder {
    workload: Workload,
    payers: Vec<Payer>,
    random: Random,
    told: Arc<Mutex<Told>>,
    stopping: Arc<AtomicBool>,
    hurrying: Arc<AtomicBool>,
}

impl Feeder {
    async fn feed(mut self, senders: Vec<BulkSender>) -> anyhow::Result<()> {
        while !self.stopping.load(Ordering::Relaxed) {
            for number in 0..HANDFUL {
                let from = self.random.position(self.payers.len());
                let other = 1 + self.random.position(self.payers.len() - 1);
                let to = self.payers[(from + other) % self.payers.len()].account;
                let amount = self.random.between(1, AMOUNT_MAX);
                let payer = &mut self.payers[from];
                let payment = self.workload.pay(payer, to, amount);
                let account = payer.account;
                {
                    let mut told = self.told.lock();
                    told.sent += 1;
                    *told.balances.entry(account).or_default() -= amount;
                    *told.balances.entry(to).or_default() += amount;
                }
                let sender = &senders[number % senders.len()];
                let sent = sender.send(payment).await;
                sent.map_err(|_| anyhow::anyhow!("the SDK takes no more payments"))?;
            }
            if !self.hurrying.load(Ordering::Relaxed) {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }
}

async fn receive(mut results: BulkResults, told: Arc<Mutex<Told>>) {
    while let Some(BulkResult {
        transaction,
        result,
    }) = results.next().await
    {
        let id = transaction.id();
        let mut told = told.lock();
        let wrong = match result {
            Ok(settlement) => match settlement.finality {
                Finality::Committed { height, index } => {
                    let twice = told.acknowledged.insert(id, (height, index));
                    twice.map(|_| format!("payment {id} is acknowledged twice"))
                }
                other => Some(format!("payment {id} ends as {other:?}")),
            },
            Err(error) => Some(format!("payment {id}: {error}")),
        };
        if let Some(wrong) = wrong {
            told.wrong.get_or_insert(wrong);
        }
    }
}
