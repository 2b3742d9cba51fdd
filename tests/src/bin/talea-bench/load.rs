//! The load: a network of real processes, and payments through the SDK's bulk stream to every node.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use hdrhistogram::Histogram;
use serde::Serialize;
use talea_client::bulk::BulkOptions;
use talea_client::{Client, Options};
use talea_genesis::localnet::{Localnet as Keys, LocalnetOptions as KeyOptions};
use talea_node::localnet::{Localnet, LocalnetOptions};
use talea_tests::processor::{own_time, time_of};
use talea_tests::workload::{Payer, Sponsor, Workload};
use talea_types::{Asset, SignedTransaction, Timestamp, TransactionId};

const SEED: [u8; 32] = [42; 32];
/// The tier without limits of the trial network.
const TIER: u32 = 2;

/// One measured run.
#[derive(Debug, Serialize)]
pub struct Run {
    /// What ran.
    pub name: String,
    /// Payments that became final, all applied.
    pub payments: usize,
    /// Wall time, milliseconds.
    pub milliseconds: u64,
    /// Payments a second.
    pub per_second: u64,
    /// From handing a payment to the stream until it is final, milliseconds.
    pub latency_ms: Latency,
    /// Processor time of one payment at one validator, nanoseconds.
    pub validator_nanoseconds: u64,
    /// Processor time of one payment at this load generator, nanoseconds.
    pub client_nanoseconds: u64,
}

/// Percentiles.
#[derive(Debug, Serialize)]
pub struct Latency {
    /// Median.
    pub p50: u64,
    /// 95 of 100.
    pub p95: u64,
    /// 99 of 100.
    pub p99: u64,
    /// The longest.
    pub max: u64,
}

/// A network with funded accounts.
pub struct Bench {
    network: Localnet,
    running: Vec<usize>,
    workload: Workload,
    payers: Vec<Payer>,
    turn: usize,
}

impl Bench {
    /// Starts a network and funds accounts.
    pub async fn start(directory: &Path, node: &Path, accounts: usize) -> anyhow::Result<Self> {
        let options = LocalnetOptions {
            network: "bench".to_owned(),
            seed: Some(SEED),
            ..LocalnetOptions::default()
        };
        let mut network = Localnet::create(&directory.join("net"), node, &options)?;
        network.start()?;
        network.until_height(1, Duration::from_secs(60)).await?;
        let client = Client::new(&Options::new([network.nodes()[0].endpoint()]))?;
        let info = client.network().await?;
        let keys = Keys::new(&KeyOptions {
            network: "bench".to_owned(),
            validators: 4,
            seed: SEED,
            time: Timestamp::from_millis(0),
        })?;
        let expires_at = info.ledger_time.plus_millis(20 * 3_600_000);
        let workload = Workload::new(info.chain, Asset::new("CZK")?, expires_at);
        let mut bench = Self {
            network,
            running: vec![0, 1, 2, 3],
            workload,
            payers: Vec::new(),
            turn: 0,
        };
        let mut sponsors: Vec<Sponsor> = keys.banks().take(2).cloned().map(Sponsor::new).collect();
        let (mut opening, mut funding) = (Vec::new(), Vec::new());
        for number in 0..accounts {
            let (open, payer) = bench
                .workload
                .open(&mut sponsors[number % 2], number as u64, TIER);
            opening.push(open);
            bench.payers.push(payer);
        }
        for (number, payer) in bench.payers.iter().enumerate() {
            funding.push(
                bench
                    .workload
                    .issue(&mut sponsors[number % 2], payer.account, 1_000_000),
            );
        }
        // Two authors with a window of 1,024 nonces each.
        for transactions in [opening, funding] {
            let options = BulkOptions {
                in_flight: 1_000,
                ..BulkOptions::default()
            };
            send(
                &bench.network.nodes()[0].endpoint(),
                transactions,
                options,
                None,
            )
            .await?;
        }
        Ok(bench)
    }

    /// Signs payments, then sends them through all running nodes and waits until all are final.
    pub async fn run(
        &mut self,
        name: &str,
        payments: usize,
        rate: Option<u64>,
    ) -> anyhow::Result<Run> {
        eprintln!("{name}: signing {payments} payments");
        let mut shares: Vec<Vec<SignedTransaction>> = vec![Vec::new(); self.running.len()];
        for number in 0..payments {
            let from = self.turn % self.payers.len();
            let to =
                self.payers[(from + 1 + self.turn / self.payers.len()) % self.payers.len()].account;
            self.turn += 1;
            let share = from % shares.len();
            ensure!(
                to != self.payers[from].account,
                "a payer pays another account"
            );
            shares[share].push(self.workload.pay(
                &mut self.payers[from],
                to,
                1 + (number as u64 % 100),
            ));
        }
        eprintln!("{name}: sending");
        let validators: Vec<u32> = self
            .running
            .iter()
            .filter_map(|index| self.network.nodes()[*index].process_id())
            .collect();
        let before = self.processor_time(&validators)?;
        let own_before = own_time()?;
        let begun = Instant::now();
        let streams = self.running.len() as u64;
        let tasks: Vec<_> = self
            .running
            .iter()
            .zip(shares)
            .map(|(index, share)| {
                let endpoint = self.network.nodes()[*index].endpoint();
                let pace =
                    rate.map(|rate| Duration::from_nanos(1_000_000_000 * streams / rate.max(1)));
                tokio::spawn(
                    async move { send(&endpoint, share, BulkOptions::default(), pace).await },
                )
            })
            .collect();
        let mut latency = Histogram::<u64>::new_with_bounds(1, 600_000, 3)?;
        for task in tasks {
            latency.add(task.await??)?;
        }
        let elapsed = begun.elapsed();
        let spent = self.processor_time(&validators)? - before;
        let own = own_time()? - own_before;
        let count = payments as u64;
        Ok(Run {
            name: name.to_owned(),
            payments,
            milliseconds: u64::try_from(elapsed.as_millis())?,
            per_second: count * 1_000 / u64::try_from(elapsed.as_millis())?.max(1),
            latency_ms: Latency {
                p50: latency.value_at_quantile(0.50),
                p95: latency.value_at_quantile(0.95),
                p99: latency.value_at_quantile(0.99),
                max: latency.max(),
            },
            validator_nanoseconds: u64::try_from(spent.as_nanos())?
                / count
                / validators.len() as u64,
            client_nanoseconds: u64::try_from(own.as_nanos())? / count,
        })
    }

    fn processor_time(&self, validators: &[u32]) -> anyhow::Result<Duration> {
        let times = validators
            .iter()
            .map(|process| time_of(*process))
            .collect::<Result<Vec<_>, _>>();
        Ok(times.context("a validator has ended")?.into_iter().sum())
    }

    /// Kills the last validator.
    pub fn stop_one(&mut self) -> anyhow::Result<()> {
        let last = self.running.pop().context("a validator runs")?;
        self.network.node(last).kill();
        Ok(())
    }

    /// Stops the network.
    pub fn finish(&mut self) {
        self.network.stop();
    }
}

/// Sends transactions through one node; all must be applied. Gives the latency of each, milliseconds.
async fn send(
    endpoint: &str,
    transactions: Vec<SignedTransaction>,
    options: BulkOptions,
    pace: Option<Duration>,
) -> anyhow::Result<Histogram<u64>> {
    let client = Client::new(&Options::new([endpoint]))?;
    let (sender, mut results) = client.bulk(options);
    let count = transactions.len();
    let sent = std::sync::Arc::new(std::sync::Mutex::new(
        BTreeMap::<TransactionId, Instant>::new(),
    ));
    let noted = std::sync::Arc::clone(&sent);
    let feeder = tokio::spawn(async move {
        let begun = Instant::now();
        for (number, transaction) in transactions.into_iter().enumerate() {
            if let Some(pace) = pace {
                tokio::time::sleep_until(
                    (begun + pace * u32::try_from(number).unwrap_or(u32::MAX)).into(),
                )
                .await;
            }
            noted
                .lock()
                .expect("nobody panics with it")
                .insert(transaction.id(), Instant::now());
            if sender.send(transaction).await.is_err() {
                break;
            }
        }
    });
    let mut latency = Histogram::<u64>::new_with_bounds(1, 600_000, 3)?;
    for _ in 0..count {
        let result = results.next().await.context("the stream ended early")?;
        let settlement = result.result?;
        ensure!(
            settlement.is_committed(),
            "payment {} was not applied: {:?}",
            settlement.id,
            settlement.finality
        );
        let at = sent
            .lock()
            .expect("nobody panics with it")
            .remove(&settlement.id);
        let elapsed = at.map_or(0, |at| {
            u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX)
        });
        latency.record(elapsed.clamp(1, 600_000))?;
    }
    feeder.await?;
    Ok(latency)
}
