//! The connection to a network: several nodes, one of them preferred, the next one when it fails.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use talea_proto::{ApiError, LedgerClient, OperatorClient, api};
use tokio::time::{Instant, timeout};
use tonic::{Code, Response, Status, transport::Channel};

use crate::{
    ClientError, Options, Reader,
    backoff::Backoff,
    failure::Failure,
    options::Node,
    reader::{LedgerShown, Patience, Shown},
};

/// A client of one network. Cheap to clone; all clones share connections.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
    reader: Option<Reader>,
}

#[derive(Debug)]
struct Shared {
    nodes: Vec<Node>,
    /// Position of the node that answered last.
    preferred: AtomicUsize,
    call_timeout: Duration,
}

impl Client {
    /// A client that connects when it is first used.
    ///
    /// # Errors
    /// [`ClientError::Options`] when there is no node or an address or certificate cannot be used.
    pub fn new(options: &Options) -> Result<Self, ClientError> {
        if options.nodes.is_empty() {
            return Err(ClientError::Options {
                reason: "no node is named; give the address of at least one".to_owned(),
            });
        }
        let nodes = options
            .nodes
            .iter()
            .map(|url| Node::new(url, &options.tls))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            shared: Arc::new(Shared {
                nodes,
                preferred: AtomicUsize::new(0),
                call_timeout: options.call_timeout,
            }),
            reader: None,
        })
    }

    /// The same network over the same connections, read as somebody: what the access matrix does not
    /// allow to everybody is asked for in the reader's name.
    #[must_use]
    pub fn read_as(&self, reader: Reader) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            reader: Some(reader),
        }
    }

    /// The node that answered last.
    pub(crate) fn node(&self) -> &Node {
        let nodes = &self.shared.nodes;
        &nodes[self.shared.preferred.load(Ordering::Relaxed) % nodes.len()]
    }

    /// Turns to the node after `node`, unless another call already has.
    pub(crate) fn turn_from(&self, node: &Node) {
        if self.node().url == node.url {
            self.shared.preferred.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn node_count(&self) -> usize {
        self.shared.nodes.len()
    }

    pub(crate) fn call_timeout(&self) -> Duration {
        self.shared.call_timeout
    }

    /// Asks nodes in turn until one answers. Only for calls that change nothing.
    pub(crate) async fn read<T, F, A>(
        &self,
        what: &str,
        call: F,
    ) -> Result<(T, String), ClientError>
    where
        F: Fn(LedgerClient<Channel>) -> A,
        A: Future<Output = Result<Response<T>, Status>>,
    {
        self.ask(what, |node| call(node.ledger())).await
    }

    /// The same in the reader's name: with a token, and recorded first where that is asked.
    pub(crate) async fn read_shown<T, F, A>(
        &self,
        what: &str,
        call: F,
    ) -> Result<(T, String), ClientError>
    where
        F: Fn(LedgerShown) -> A,
        A: Future<Output = Result<Response<T>, Status>>,
    {
        let call = &call;
        let shown = |node: &Node| {
            let node = node.clone();
            async move { call(self.ledger_shown(&node).await?).await }
        };
        let mut patience = Patience::default();
        loop {
            let refusal = match self.ask(what, shown).await {
                Err(ClientError::Refused(refusal)) => refusal,
                answer => return answer,
            };
            if !self.overcome(&refusal, &mut patience).await? {
                return Err(ClientError::Refused(refusal));
            }
        }
    }

    /// A node's ledger in the reader's name.
    pub(crate) async fn ledger_shown(&self, node: &Node) -> Result<LedgerShown, Status> {
        let shown = match &self.reader {
            Some(reader) => reader.shown_to(node).await?,
            None => Shown::default(),
        };
        Ok(node.ledger_shown(shown))
    }

    /// Does what a refusal asks for, if the reader can; `false` when asking again is pointless.
    pub(crate) async fn overcome(
        &self,
        refusal: &ApiError,
        patience: &mut Patience,
    ) -> Result<bool, ClientError> {
        match &self.reader {
            // Recording a read asks the network too: the type of the future would contain itself.
            Some(reader) => Box::pin(reader.overcome(self, refusal, patience)).await,
            None => Ok(false),
        }
    }

    async fn ask<T, F, A>(&self, what: &str, call: F) -> Result<(T, String), ClientError>
    where
        F: Fn(&Node) -> A,
        A: Future<Output = Result<Response<T>, Status>>,
    {
        let deadline = Instant::now() + self.call_timeout();
        let mut backoff = Backoff::default();
        let mut attempts = 0;
        loop {
            let node = self.node().clone();
            let share = self.call_timeout() / 2;
            let failure = match timeout(share, call(&node)).await {
                Ok(Ok(response)) => return Ok((response.into_inner(), node.url)),
                Ok(Err(status)) => Failure::of(&status),
                Err(_) => Failure::timeout(share),
            };
            if failure.error.code == Code::NotFound {
                return Err(ClientError::NotFound {
                    what: what.to_owned(),
                });
            }
            if !failure.retry {
                return Err(ClientError::Refused(failure.error));
            }
            self.turn_from(&node);
            attempts += 1;
            let remaining = deadline.saturating_duration_since(Instant::now());
            if remaining.is_zero() || attempts >= 3 * self.node_count() {
                return Err(ClientError::Unreachable {
                    last: format!("{}: {}", node.url, failure.error),
                });
            }
            // The first round over all nodes is quick; then they get time.
            if attempts >= self.node_count() {
                tokio::time::sleep(backoff.next(failure.error.retry_after, remaining)).await;
            }
        }
    }

    /// What the preferred node says of itself, for its operator.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn node_status(&self) -> Result<api::GetStatusResponse, ClientError> {
        let call = |mut operator: OperatorClient<Channel>| async move {
            operator.get_status(api::GetStatusRequest {}).await
        };
        let (status, _) = self
            .ask("the node's status", |node| call(node.operator()))
            .await?;
        Ok(status)
    }
}
