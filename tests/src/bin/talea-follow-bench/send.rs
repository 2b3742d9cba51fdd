//! Sending: one stream to each validator, every result awaited.

use std::{collections::BTreeMap, time::Instant};

use anyhow::{Context as _, anyhow};
use talea_client::{
    Client, Finality, Options,
    bulk::{BulkOptions, BulkResults},
};
use talea_types::{SignedTransaction, TransactionId};

use crate::stage::VALIDATORS;

/// Transactions by the validator that they are handed to.
pub type Shares = [Vec<SignedTransaction>; VALIDATORS];

/// What became of some transactions.
#[derive(Debug, Default)]
pub struct Ended {
    /// From the first that was sent until the last was final.
    pub seconds: f64,
    /// How many ended how, by the name of the outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// Those that were not applied, with their outcome.
    pub refused: BTreeMap<TransactionId, String>,
}

/// Sends; `in_flight` bounds what is not final of each stream.
pub async fn send(endpoints: &[String], shares: Shares, in_flight: usize) -> anyhow::Result<Ended> {
    let begun = Instant::now();
    let mut streams = Vec::new();
    for (endpoint, share) in endpoints.iter().zip(shares) {
        let client = Client::new(&Options::new([endpoint]))?;
        let (sender, results) = client.bulk(BulkOptions {
            in_flight,
            ..BulkOptions::default()
        });
        let count = share.len();
        let feeder = tokio::spawn(async move {
            for transaction in share {
                let sent = sender.send(transaction).await;
                sent.map_err(|_| anyhow!("the SDK takes no more transactions"))?;
            }
            anyhow::Ok(())
        });
        streams.push((feeder, tokio::spawn(receive(results, count))));
    }
    let mut ended = Ended::default();
    for (feeder, receiver) in streams {
        feeder.await??;
        let (outcomes, refused) = receiver.await??;
        for (name, count) in outcomes {
            *ended.outcomes.entry(name).or_default() += count;
        }
        ended.refused.extend(refused);
    }
    ended.seconds = begun.elapsed().as_secs_f64();
    Ok(ended)
}

type Received = (BTreeMap<String, u64>, BTreeMap<TransactionId, String>);

async fn receive(mut results: BulkResults, count: usize) -> anyhow::Result<Received> {
    let (mut outcomes, mut refused) = Received::default();
    for _ in 0..count {
        let ended = results.next().await.context("a stream ended early")?;
        let id = ended.transaction.id();
        let settlement = ended.result.with_context(|| format!("transaction {id}"))?;
        let name = match settlement.finality {
            Finality::Committed { .. } => "APPLIED".to_owned(),
            Finality::Rejected { rejection, .. } => {
                refused.insert(id, rejection.name.clone());
                rejection.name
            }
            Finality::Expired => anyhow::bail!("transaction {id} expired"),
        };
        *outcomes.entry(name).or_default() += 1;
    }
    Ok((outcomes, refused))
}
