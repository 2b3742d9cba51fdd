//! Submitting one transaction.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use talea_proto::{ApiError, api, limits};
use talea_types::{Outcome, TransactionId};
use tokio::sync::oneshot;
use tonic::{Request, Response, Status};

use super::{
    connection::standing,
    deadline::client_timeout,
    pending::{Registered, Waiter},
    refusals::api_error,
    resolution::{Resolution, accepted},
    service::Service,
};
use crate::{
    admission::{Accepted, Refusal, Standing, Verdict},
    limits::api::ANSWER_BEFORE_DEADLINE,
};

impl Service {
    /// `Submit`.
    pub(super) async fn submit(
        &self,
        request: Request<api::SubmitRequest>,
    ) -> Result<Response<api::SubmitResponse>, Status> {
        let client_timeout = client_timeout(request.metadata());
        let standing = standing(&request);
        let request = request.into_inner();
        let wait = match request.wait() {
            api::WaitFor::Accepted => None,
            api::WaitFor::Unspecified | api::WaitFor::Committed => {
                Some(self.wait(request.timeout_ms, client_timeout)?)
            }
        };
        let status = self
            .submit_one(request.transaction, &standing, wait)
            .await?;
        Ok(Response::new(api::SubmitResponse {
            status: Some(status),
        }))
    }

    /// How long to wait for a block: what was asked for, and so that the client still hears of it.
    fn wait(&self, asked_ms: u32, client_timeout: Option<Duration>) -> Result<Duration, ApiError> {
        if asked_ms > limits::SUBMIT_TIMEOUT_MS_MAX {
            let most = limits::SUBMIT_TIMEOUT_MS_MAX;
            return Err(ApiError::invalid(
                "timeout_ms",
                format!("{asked_ms} must be at most {most}"),
            ));
        }
        let asked_ms = if asked_ms == 0 {
            limits::SUBMIT_TIMEOUT_MS_DEFAULT
        } else {
            asked_ms
        };
        let own = Duration::from_millis(self.config.deadline_ms_max);
        let deadline = client_timeout.map_or(own, |timeout| timeout.min(own));
        let answer_by = deadline.saturating_sub(ANSWER_BEFORE_DEADLINE);
        Ok(Duration::from_millis(asked_ms.into()).min(answer_by))
    }

    async fn submit_one(
        &self,
        transaction: Bytes,
        standing: &Arc<Standing>,
        wait: Option<Duration>,
    ) -> Result<api::TransactionStatus, ApiError> {
        let answer_by = tokio::time::Instant::now() + wait.unwrap_or_default();
        let since = self.pending.height();
        let verdict = self
            .context
            .admission
            .submit_one(transaction, standing)
            .await;
        let (id, expires_at) = match self.settle(verdict).await? {
            Settled::Final(id, resolution) => return Ok(resolution.to_wire(&id)),
            Settled::Refused(refusal) => return Err(api_error(&refusal)),
            Settled::Waiting { id, expires_at } => (id, expires_at),
        };
        if wait.is_none() {
            self.pending.remember(id, expires_at, since);
            return Ok(accepted(&id));
        }
        let (reply, answer) = oneshot::channel();
        match self
            .pending
            .register(id, expires_at, since, Waiter::Call(reply))
        {
            Registered::Waiting => {}
            Registered::Late => {
                if let Some(resolution) = self.locate(id).await? {
                    self.pending.forget(&id);
                    return Ok(resolution.to_wire(&id));
                }
            }
            Registered::Full => return Ok(accepted(&id)),
        }
        tokio::select! {
            resolution = answer => match resolution {
                Ok(resolution) => self.final_status(id, resolution).await,
                Err(_) => Ok(accepted(&id)),
            },
            () = tokio::time::sleep_until(answer_by) => Ok(accepted(&id)),
            () = self.stop.cancelled() => Ok(accepted(&id)),
        }
    }

    /// What is said of a transaction that ended. One that a block found void for its nonce may have
    /// been final before.
    pub(super) async fn final_status(
        &self,
        id: TransactionId,
        resolution: Resolution,
    ) -> Result<api::TransactionStatus, ApiError> {
        if let Resolution::Void {
            outcome: Outcome::NonceUsed | Outcome::NonceBelowWindow,
        } = resolution
            && let Some(earlier) = self.locate(id).await?
        {
            return Ok(earlier.to_wire(&id));
        }
        Ok(resolution.to_wire(&id))
    }

    /// Completes a verdict with what the history says. The state that admission asked can be a few
    /// blocks ahead of the history that it asked: void, such as for a used nonce, may be the very transaction,
    /// final since a moment ago. So it is looked up once the history has all that the state has.
    pub(super) async fn settle(&self, verdict: Verdict) -> Result<Settled, ApiError> {
        let refusal = match verdict {
            Ok(Accepted::Waiting { id, expires_at }) => {
                return Ok(Settled::Waiting { id, expires_at });
            }
            Ok(Accepted::Final { id, .. }) => {
                let found = self.locate(id).await?;
                let resolution = found.ok_or_else(|| {
                    ApiError::internal("a final transaction is not in the history; try again")
                })?;
                return Ok(Settled::Final(id, resolution));
            }
            Err(refusal) => refusal,
        };
        if let Refusal::Outcome { id, outcome } = &refusal
            && outcome.is_void()
        {
            // Whoever made the nonce used is in the state by now, and in the history once it gets there.
            self.reach(self.state_height()).await?;
            if let Some(resolution) = self.locate(*id).await? {
                return Ok(Settled::Final(*id, resolution));
            }
        }
        Ok(Settled::Refused(refusal))
    }
}

/// A verdict that needs no more looking up.
#[derive(Debug)]
pub(super) enum Settled {
    /// Final before it came.
    Final(TransactionId, Resolution),
    /// Waiting.
    Waiting {
        /// Its id.
        id: TransactionId,
        /// Its expiry.
        expires_at: talea_types::Timestamp,
    },
    /// Not taken.
    Refused(Refusal),
}
