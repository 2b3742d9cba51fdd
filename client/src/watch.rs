//! Following blocks and events as they are committed. A broken connection is resumed at another node,
//! at the height or sequence after the last that was received: nothing is missed, nothing comes twice.

use std::{collections::VecDeque, time::Duration};

use talea_proto::{ApiError, api, convert};
use talea_types::{DecodeError, Subject, ValidatorSet, event::Event, state::StateKey};
use tokio::time::{sleep, timeout};
use tonic::{Code, Status, Streaming};

use crate::{
    BlockInfo, Client, ClientError, ProofFailure, Trust, backoff::Backoff, failure::Failure,
    reader::Patience,
};

/// A network that is alive makes a block at least this often (its heartbeat); a silent stream is broken.
const SILENCE_MAX: Duration = Duration::from_secs(60);
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// Blocks in order. See [`Client::watch_blocks`].
#[derive(Debug)]
pub struct BlockWatch<'a> {
    client: Client,
    /// 0 until the first block when the newest was asked for.
    next_height: u64,
    stream: Option<Streaming<api::BlockNotice>>,
    verifier: Option<Verifier<'a>>,
    backoff: Backoff,
}

#[derive(Debug)]
struct Verifier<'a> {
    trust: &'a Trust,
    /// Decides the next height; unknown until the first block.
    set: Option<ValidatorSet>,
}

/// Events of a subject in order. See [`Client::watch_events`].
#[derive(Debug)]
pub struct EventWatch {
    client: Client,
    subject: Subject,
    next_sequence: u64,
    stream: Option<Streaming<api::EventBatch>>,
    received: VecDeque<Event>,
    backoff: Backoff,
    patience: Patience,
}

impl Client {
    /// Follows blocks from a height on; 0: from the next one. With `trust`, each header and certificate is
    /// verified, through changes of the validator set.
    #[must_use]
    pub fn watch_blocks<'a>(&self, from_height: u64, trust: Option<&'a Trust>) -> BlockWatch<'a> {
        BlockWatch {
            client: self.clone(),
            next_height: from_height,
            stream: None,
            verifier: trust.map(|trust| Verifier { trust, set: None }),
            backoff: Backoff::default(),
        }
    }

    /// Follows the events of a subject from a sequence on, past and future.
    #[must_use]
    pub fn watch_events(&self, subject: Subject, from_sequence: u64) -> EventWatch {
        EventWatch {
            client: self.clone(),
            subject,
            next_sequence: from_sequence,
            stream: None,
            received: VecDeque::new(),
            backoff: Backoff::default(),
            patience: Patience::default(),
        }
    }

    /// Waits after a broken stream and turns to the next node; or says that trying again is pointless.
    async fn recover(&self, status: &Status, backoff: &mut Backoff) -> Result<(), ClientError> {
        let failure = Failure::of(status);
        if failure.error.code == Code::NotFound {
            return Err(ClientError::NotFound {
                what: failure.error.message,
            });
        }
        if !failure.retry {
            return Err(ClientError::Refused(failure.error));
        }
        self.turn_from(&self.node().clone());
        let longest = Duration::from_secs(10);
        sleep(backoff.next(failure.error.retry_after, longest)).await;
        Ok(())
    }
}

impl BlockWatch<'_> {
    /// The next block; waits for it, through broken connections.
    ///
    /// # Errors
    /// [`ClientError::Refused`] when a node refuses for good (the height is kept no longer);
    /// [`ClientError::Proof`] when a block does not verify. The watch can be asked again.
    pub async fn next(&mut self) -> Result<BlockInfo, ClientError> {
        loop {
            let node = self.client.node().url.clone();
            let notice = match self.receive().await {
                Ok(notice) => notice,
                Err(status) => {
                    self.stream = None;
                    self.client.recover(&status, &mut self.backoff).await?;
                    continue;
                }
            };
            let block = BlockInfo::from_api(&notice)
                .map_err(|error| ClientError::nonsense(&node, &error))?;
            let height = block.header.height;
            if self.next_height != 0 && height != self.next_height {
                self.stream = None;
                let status = Status::internal(format!(
                    "block {height} came where {} was due",
                    self.next_height
                ));
                self.client.recover(&status, &mut self.backoff).await?;
                continue;
            }
            if let Some(verifier) = &mut self.verifier
                && let Err(error) = verifier.verify(&self.client, &block).await
            {
                // The next call starts afresh, at another node.
                self.stream = None;
                self.client.turn_from(&self.client.node().clone());
                return Err(error);
            }
            self.backoff.reset();
            self.next_height = height + 1;
            return Ok(block);
        }
    }

    async fn receive(&mut self) -> Result<api::BlockNotice, Status> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let request = api::WatchBlocksRequest {
                    from_height: self.next_height,
                };
                let mut ledger = self.client.node().ledger();
                let opened = timeout(OPEN_TIMEOUT, ledger.watch_blocks(request)).await;
                let opened = opened.map_err(|_| silent())??;
                self.stream.insert(opened.into_inner())
            }
        };
        let message = timeout(SILENCE_MAX, stream.message()).await;
        message.map_err(|_| silent())??.ok_or_else(ended)
    }
}

impl Verifier<'_> {
    async fn verify(&mut self, client: &Client, block: &BlockInfo) -> Result<(), ClientError> {
        let header = &block.header;
        let known = self.set.take_if(|set| set.hash() == header.validators_hash);
        let set = match known {
            Some(set) => set,
            None => self.find_set(client, block).await?,
        };
        let verdict = self.trust.verify_next(&set, header, &block.certificate);
        self.set = Some(set);
        Ok(verdict?)
    }

    /// The set that decided a block: that of genesis, or one that a verified proof leads to.
    async fn find_set(
        &self,
        client: &Client,
        block: &BlockInfo,
    ) -> Result<ValidatorSet, ClientError> {
        let wanted = block.header.validators_hash;
        if self.trust.genesis_set().hash() == wanted {
            return Ok(self.trust.genesis_set().clone());
        }
        let proof = client
            .proven_state(&StateKey::Validators, self.trust)
            .await?;
        let changes = proof.finality.set_changes.into_iter();
        let found = changes
            .map(|change| change.next)
            .find(|set| set.hash() == wanted);
        found.ok_or_else(|| {
            let error = talea_types::receipt::ProofError::OtherValidators {
                height: block.header.height,
            };
            ProofFailure::Finality(error).into()
        })
    }
}

impl EventWatch {
    /// The next event; waits for it, through broken connections.
    ///
    /// # Errors
    /// [`ClientError::NotFound`] when the subject is not on the ledger; [`ClientError::Refused`] when a node
    /// refuses for good. The watch can be asked again.
    pub async fn next(&mut self) -> Result<Event, ClientError> {
        loop {
            if let Some(event) = self.received.pop_front() {
                return Ok(event);
            }
            let batch = match self.receive().await {
                Ok(batch) => batch,
                Err(status) => {
                    self.stream = None;
                    let refusal = ApiError::from_status(&status);
                    if !self.client.overcome(&refusal, &mut self.patience).await? {
                        self.client.recover(&status, &mut self.backoff).await?;
                    }
                    continue;
                }
            };
            match self.take(&batch) {
                Ok(()) => {
                    self.backoff.reset();
                    self.patience = Patience::default();
                }
                Err(error) => {
                    self.stream = None;
                    let status = Status::internal(error.to_string());
                    self.client.recover(&status, &mut self.backoff).await?;
                }
            }
        }
    }

    /// Queues the events of a batch that are due.
    fn take(&mut self, batch: &api::EventBatch) -> Result<(), DecodeError> {
        for record in &batch.events {
            let event = Event::decode(&record.event)?;
            if event.subject != self.subject || event.sequence != self.next_sequence {
                return Err(DecodeError::Range {
                    field: "event.sequence",
                    reason: "the next event of the subject was due",
                });
            }
            self.next_sequence += 1;
            self.received.push_back(event);
        }
        Ok(())
    }

    async fn receive(&mut self) -> Result<api::EventBatch, Status> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let request = api::WatchEventsRequest {
                    subject: Some(convert::subject_to_api(&self.subject)),
                    from_sequence: self.next_sequence,
                };
                let node = self.client.node().clone();
                let open = async {
                    let mut ledger = self.client.ledger_shown(&node).await?;
                    ledger.watch_events(request).await
                };
                let opened = timeout(OPEN_TIMEOUT, open).await;
                let opened = opened.map_err(|_| silent())??;
                self.stream.insert(opened.into_inner())
            }
        };
        // A subject may be quiet for days; the connection's keep-alive notices a dead node.
        stream.message().await?.ok_or_else(ended)
    }
}

fn silent() -> Status {
    Status::deadline_exceeded("the node fell silent")
}

fn ended() -> Status {
    Status::unavailable("the node closed the stream")
}
