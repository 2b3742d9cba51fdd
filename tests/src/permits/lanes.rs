//! The clients: one of each agency at a validator of its own (agency i at validator i mod 4), one at each
//! validator for debtors, and the operator's. Each has a stream of its own with many transactions in flight.

use anyhow::{Context, anyhow};
use talea_client::{
    Client, Finality, Options,
    bulk::{BulkOptions, BulkResult, BulkResults, BulkSender},
};
use talea_types::{Outcome, SignedTransaction, TransactionId};
use tokio::sync::mpsc;

use super::{VALIDATORS, debtors::AGENCIES, generator::Author};

/// Transactions of one client that are sent and not final, at most.
const IN_FLIGHT: usize = 1_024;
/// Transactions in one message, at most.
const BATCH: usize = 64;
/// Answers that wait to be compared.
const ANSWERS_WAITING_MAX: usize = 4_096;

/// What a client was told of a transaction.
pub struct Answer {
    pub id: TransactionId,
    pub outcome: anyhow::Result<Outcome>,
}

/// See the module. Answers come in any order.
pub struct Lanes {
    agencies: Vec<BulkSender>,
    debtors: Vec<BulkSender>,
    operator: BulkSender,
    pub answers: mpsc::Receiver<Answer>,
}

/// The validator that an agency submits to.
pub const fn validator_of(agency: u64) -> usize {
    agency as usize % VALIDATORS
}

impl Lanes {
    /// Opens all, given the addresses of the validators.
    pub fn open(endpoints: &[String]) -> anyhow::Result<Self> {
        let (sender, answers) = mpsc::channel(ANSWERS_WAITING_MAX);
        let open = |validator: usize| {
            let client = Client::new(&Options::new([&endpoints[validator]]))?;
            let options = BulkOptions {
                in_flight: IN_FLIGHT,
                batch: BATCH,
                ..BulkOptions::default()
            };
            let (lane, results) = client.bulk(options);
            tokio::spawn(hand_on(results, sender.clone()));
            anyhow::Ok(lane)
        };
        let agencies = (0..AGENCIES).map(|agency| open(validator_of(agency)));
        Ok(Self {
            agencies: agencies.collect::<anyhow::Result<_>>()?,
            debtors: (0..VALIDATORS).map(open).collect::<anyhow::Result<_>>()?,
            operator: open(0)?,
            answers,
        })
    }

    /// Submits for an agency or a debtor; waits while too many are in flight.
    pub async fn send(&self, author: Author, transaction: SignedTransaction) -> anyhow::Result<()> {
        let lane = match author {
            Author::Agency(agency) => &self.agencies[agency as usize],
            Author::Debtor(debtor) => &self.debtors[debtor as usize % VALIDATORS],
        };
        send(lane, transaction).await
    }

    /// Submits for the operator.
    pub async fn send_as_operator(&self, transaction: SignedTransaction) -> anyhow::Result<()> {
        send(&self.operator, transaction).await
    }
}

async fn send(lane: &BulkSender, transaction: SignedTransaction) -> anyhow::Result<()> {
    let sent = lane.send(transaction).await;
    sent.map_err(|_| anyhow!("a client takes no more transactions"))
}

async fn hand_on(mut results: BulkResults, answers: mpsc::Sender<Answer>) {
    while let Some(result) = results.next().await {
        let answer = Answer {
            id: result.transaction.id(),
            outcome: outcome_of(result),
        };
        if answers.send(answer).await.is_err() {
            return;
        }
    }
}

fn outcome_of(result: BulkResult) -> anyhow::Result<Outcome> {
    let id = result.transaction.id();
    let settlement = result.result.with_context(|| format!("transaction {id}"))?;
    match settlement.finality {
        Finality::Committed { .. } => Ok(Outcome::Applied),
        Finality::Rejected { rejection, .. } => rejection
            .outcome()
            .with_context(|| format!("transaction {id} has no known outcome: {}", rejection.name)),
        Finality::Expired => Ok(Outcome::Expired),
    }
}
