//! Submitting one transaction until it is final.
//!
//! Safe by construction: the id is known before anything is sent, every attempt sends the same bytes,
//! and the ledger applies them at most once. So an attempt whose answer was lost is simply repeated, at
//! another node if need be. What cannot be known at the deadline is said to be uncertain, never failed.

use std::time::Duration;

use bytes::Bytes;
use talea_proto::{ApiError, api, limits};
use talea_types::{SignedTransaction, Timestamp, TransactionId, limits::EXPIRY_AHEAD_MS_MAX};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    Client, ClientError, Finality, Settlement, Standing,
    backoff::Backoff,
    failure::{Failure, is_transient},
    options::Node,
};

/// Longest wait of one attempt at one node, so that a node that accepts but does not progress does not
/// use up the whole deadline.
const ATTEMPT_MAX: Duration = Duration::from_secs(5);
/// How much longer than asked a node may take to answer.
const ANSWER_GRACE: Duration = Duration::from_secs(1);

/// What a node knows of a transaction, and as of when.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Where it stands.
    pub standing: Standing,
    /// Its signed bytes, when they were asked for and are kept.
    pub transaction: Option<Bytes>,
    /// Committed height of the node.
    pub height: u64,
    /// Ledger time of that height.
    pub ledger_time: Timestamp,
    /// Ledger time of the oldest block that the node keeps; the beginning of time when it keeps all.
    pub kept_since: Timestamp,
}

impl Lookup {
    /// How the transaction ended, if that is known. One that a node has never seen, at a ledger time past
    /// its expiry, can never be applied, unless it may be in a block that the node no longer keeps.
    #[must_use]
    pub fn finality(&self, expires_at: Timestamp) -> Option<Finality> {
        match &self.standing {
            Standing::Final(finality) => Some(finality.clone()),
            Standing::Unknown if self.ledger_time > expires_at => {
                // No block before this time could take it.
                let earliest = expires_at.millis().saturating_sub(EXPIRY_AHEAD_MS_MAX);
                (self.kept_since.millis() <= earliest).then_some(Finality::Expired)
            }
            _ => None,
        }
    }
}

impl Client {
    /// What a node knows of a transaction.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn lookup(
        &self,
        id: &TransactionId,
        with_bytes: bool,
    ) -> Result<Lookup, ClientError> {
        let request = api::GetTransactionRequest {
            id: id.to_wire(),
            with_bytes,
        };
        let (answer, node) = self
            .read(&format!("transaction {id}"), |mut ledger| {
                let request = request.clone();
                async move { ledger.get_transaction(request).await }
            })
            .await?;
        let status = answer.status.unwrap_or_default();
        Ok(Lookup {
            standing: Standing::from_api(&status)
                .map_err(|error| ClientError::nonsense(&node, &error))?,
            transaction: Some(answer.transaction).filter(|bytes| !bytes.is_empty()),
            height: answer.height,
            ledger_time: Timestamp::from_millis(answer.ledger_time_ms),
            kept_since: Timestamp::from_millis(answer.kept_since_ms),
        })
    }

    /// Submits a transaction and waits until it is final: applied, rejected in a block, or expired.
    ///
    /// # Errors
    /// - [`ClientError::Refused`]: a node refused it and none can have taken it. Nothing was written.
    /// - [`ClientError::Unreachable`]: no node was reached. Nothing was written.
    /// - [`ClientError::Uncertain`]: a node may have it and nothing final was heard by the deadline.
    pub async fn submit(
        &self,
        transaction: &SignedTransaction,
        deadline: Duration,
    ) -> Result<Settlement, ClientError> {
        Submission {
            client: self,
            transaction,
            deadline: Instant::now() + deadline,
            maybe_received: false,
            last: String::new(),
            refusal: None,
        }
        .run()
        .await
    }
}

struct Submission<'a> {
    client: &'a Client,
    transaction: &'a SignedTransaction,
    deadline: Instant,
    /// Some node may have taken it.
    maybe_received: bool,
    /// What was heard last.
    last: String,
    /// The last refusal, if that is the last that was heard.
    refusal: Option<ApiError>,
}

impl Submission<'_> {
    async fn run(mut self) -> Result<Settlement, ClientError> {
        let mut backoff = Backoff::default();
        let mut attempts = 0;
        loop {
            let remaining = self.remaining();
            if remaining.is_zero() {
                return Err(self.give_up());
            }
            let node = self.client.node().clone();
            let mut asked_for = None;
            match self.attempt(&node, remaining).await {
                Ok(Standing::Final(finality)) => return Ok(self.settled(finality)),
                Ok(Standing::Accepted) => {
                    self.maybe_received = true;
                    self.last = format!("{} accepted it", node.url);
                    backoff.reset();
                }
                Ok(Standing::Unknown) => {
                    self.last = format!("{} gave no state", node.url);
                }
                Ok(Standing::Refused(error)) => {
                    asked_for = error.retry_after;
                    if let Some(end) = self.on_refusal(&node, error).await {
                        return end;
                    }
                }
                Err(failure) => {
                    self.maybe_received |= failure.maybe_received;
                    asked_for = failure.error.retry_after;
                    if failure.retry {
                        self.last = format!("{}: {}", node.url, failure.error);
                        self.refusal = Some(failure.error).filter(|error| !error.reason.is_empty());
                    } else if let Some(end) = self.on_refusal(&node, failure.error).await {
                        return end;
                    }
                }
            }
            self.client.turn_from(&node);
            attempts += 1;
            if attempts >= self.client.node_count() {
                sleep(backoff.next(asked_for, self.remaining())).await;
            }
        }
    }

    async fn attempt(&self, node: &Node, remaining: Duration) -> Result<Standing, Failure> {
        // The node is to answer early enough that its answer is heard by the deadline.
        let wait = remaining
            .saturating_sub(ANSWER_GRACE)
            .max(remaining / 2)
            .min(ATTEMPT_MAX);
        let request = api::SubmitRequest {
            transaction: self.transaction.encoded().clone(),
            wait: api::WaitFor::Committed.into(),
            timeout_ms: u32::try_from(wait.as_millis())
                .unwrap_or(limits::SUBMIT_TIMEOUT_MS_MAX)
                .clamp(1, limits::SUBMIT_TIMEOUT_MS_MAX),
        };
        let mut ledger = node.ledger();
        match timeout((wait + ANSWER_GRACE).min(remaining), ledger.submit(request)).await {
            Ok(Ok(response)) => {
                let status = response.into_inner().status.unwrap_or_default();
                // An answer that makes no sense says nothing: as good as none.
                Ok(Standing::from_api(&status).unwrap_or(Standing::Unknown))
            }
            Ok(Err(status)) => Err(Failure::of(&status)),
            Err(_) => Err(Failure::timeout(wait)),
        }
    }

    /// A refusal ends it only when no node can have the transaction. After a lost answer it may be about
    /// the transaction's own earlier arrival ("nonce used"), so the node is asked what it knows.
    async fn on_refusal(
        &mut self,
        node: &Node,
        error: ApiError,
    ) -> Option<Result<Settlement, ClientError>> {
        self.last = format!("{}: {error}", node.url);
        if is_transient(error.code) {
            self.refusal = Some(error);
            return None;
        }
        if !self.maybe_received {
            return Some(Err(ClientError::Refused(error)));
        }
        let id = self.transaction.id();
        let lookup = self.client.lookup(&id, false);
        if let Ok(Ok(found)) = timeout(self.remaining(), lookup).await {
            let expires_at = self.transaction.body().expires_at;
            return found
                .finality(expires_at)
                .map(|finality| Ok(self.settled(finality)));
        }
        None
    }

    fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn settled(&self, finality: Finality) -> Settlement {
        Settlement {
            id: self.transaction.id(),
            finality,
        }
    }

    fn give_up(self) -> ClientError {
        if self.maybe_received {
            ClientError::Uncertain {
                id: self.transaction.id(),
                last: self.last,
            }
        } else if let Some(error) = self.refusal {
            ClientError::Refused(error)
        } else {
            ClientError::Unreachable { last: self.last }
        }
    }
}
