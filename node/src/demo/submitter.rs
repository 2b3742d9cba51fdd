//! Hands transactions to the network over one stream and waits until all are final.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use talea_client::{
    Client, ClientError, Finality,
    bulk::{BulkOptions, BulkResult, BulkResults, BulkSender},
};
use talea_types::{Outcome, SignedTransaction, TransactionId};

/// How long one transaction is tried: longer than a validator's absence takes to be noticed.
const GIVE_UP_AFTER: Duration = Duration::from_secs(180);

/// A stream of transactions to the network.
#[derive(Debug)]
pub struct Submitter {
    sender: BulkSender,
    results: BulkResults,
}

/// A transaction that is final.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// The transaction.
    pub id: TransactionId,
    /// How it ended.
    pub outcome: Outcome,
    /// From hand-over to the final answer.
    pub latency: Duration,
}

impl Submitter {
    /// Opens the stream.
    #[must_use]
    pub fn new(client: &Client) -> Self {
        let (sender, results) = client.bulk(BulkOptions {
            give_up_after: GIVE_UP_AFTER,
            ..BulkOptions::default()
        });
        Self { sender, results }
    }

    /// Submits all and waits for all, in the order of the transactions.
    ///
    /// # Errors
    /// When the end of one is not known: nothing that follows would be sound.
    pub async fn submit(
        &mut self,
        transactions: Vec<SignedTransaction>,
    ) -> anyhow::Result<Vec<Ended>> {
        let count = transactions.len();
        let ids: Vec<TransactionId> = transactions.iter().map(SignedTransaction::id).collect();
        let start = Instant::now();
        let (sender, results) = (&self.sender, &mut self.results);
        let sending = async {
            let mut handed_over = Vec::with_capacity(count);
            for transaction in transactions {
                handed_over.push(start.elapsed());
                let sent = sender.send(transaction).await;
                sent.map_err(|_| anyhow::anyhow!("the stream of transactions ended"))?;
            }
            Ok::<_, anyhow::Error>(handed_over)
        };
        let receiving = async {
            let mut ends = BTreeMap::new();
            while ends.len() < count {
                let result = results
                    .next()
                    .await
                    .context("the stream of results ended")?;
                ends.insert(
                    result.transaction.id(),
                    (outcome_of(result)?, start.elapsed()),
                );
            }
            Ok::<_, anyhow::Error>(ends)
        };
        let (handed_over, ends) = tokio::try_join!(sending, receiving)?;
        let ended = ids.into_iter().zip(handed_over).filter_map(|(id, from)| {
            let (outcome, at) = *ends.get(&id)?;
            Some(Ended {
                id,
                outcome,
                latency: at.saturating_sub(from),
            })
        });
        Ok(ended.collect())
    }

    /// The same for transactions that all have to be applied.
    ///
    /// # Errors
    /// When one is not.
    pub async fn submit_applied(
        &mut self,
        transactions: Vec<SignedTransaction>,
    ) -> anyhow::Result<Vec<Ended>> {
        let ended = self.submit(transactions).await?;
        match ended.iter().find(|one| !one.outcome.is_applied()) {
            Some(one) => bail!("transaction {} ended as {}", one.id, one.outcome),
            None => Ok(ended),
        }
    }
}

/// A refusal at the door names the outcome that a block would give; without one there is no end.
fn outcome_of(result: BulkResult) -> anyhow::Result<Outcome> {
    let id = result.transaction.id();
    let settled = match result.result {
        Ok(settlement) => settlement.finality,
        Err(ClientError::Refused(error)) if error.known_outcome().is_some() => {
            return error.known_outcome().context("an outcome");
        }
        Err(error) => return Err(error).with_context(|| format!("transaction {id}")),
    };
    match settled {
        Finality::Committed { .. } => Ok(Outcome::Applied),
        Finality::Rejected { rejection, .. } => rejection.outcome().with_context(|| {
            format!(
                "transaction {id} has the unknown outcome {}",
                rejection.name
            )
        }),
        Finality::Expired => Ok(Outcome::Expired),
    }
}
