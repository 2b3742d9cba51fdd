//! What a node answers about one subject, held against what was executed: its events, page by page, and the
//! state that it proves. Wallets and debtors read these answers; the blocks that the same node sends a follower
//! can be good all the while.
//!
//! Kept true: nothing that the node answers is believed; a difference is what an honest node of this network never
//! answers, at whatever height it is; what happened after the newest verified block is counted, not judged.

mod asked;
mod choose;
mod difference;
mod history;

use std::time::Duration;

use talea_client::{Client, ClientError, EventPage, ObjectProof, Trust, subject_key};
use talea_types::{BlockHash, Hash, Subject};

use self::history::History;
use crate::{Index, IndexError, limits::COMPARED_PAGE_EVENTS};

pub use asked::Asked;
pub use choose::{Seed, choose};
pub use difference::{AnswerDifference, Happened};

/// How often a node is asked whether it has come to the height of the index before it is called rewound, and how
/// long each time is waited: half a minute together.
const BEHIND_ASKS_MAX: u32 = 120;
const BEHIND_PAUSE: Duration = Duration::from_millis(250);

/// Who answers questions about subjects. Nothing that it gives is believed.
pub trait Answers {
    /// The newest height that it says it has.
    fn height(&self) -> impl Future<Output = Result<u64, ClientError>>;

    /// The subject's state object, or its absence, with what it gives as proof.
    fn object(&self, subject: &Subject) -> impl Future<Output = Result<ObjectProof, ClientError>>;

    /// Events of the subject from a place on.
    fn events(
        &self,
        subject: &Subject,
        from: u64,
    ) -> impl Future<Output = Result<EventPage, ClientError>>;

    /// How long to wait before it is asked again for its height.
    fn pause(&self) -> Duration {
        BEHIND_PAUSE
    }
}

impl Answers for Client {
    async fn height(&self) -> Result<u64, ClientError> {
        Ok(self.network().await?.height)
    }

    async fn object(&self, subject: &Subject) -> Result<ObjectProof, ClientError> {
        self.told_state(&subject_key(subject)).await
    }

    async fn events(&self, subject: &Subject, from: u64) -> Result<EventPage, ClientError> {
        self.told_events(subject, from, COMPARED_PAGE_EVENTS).await
    }
}

/// What comparing one subject came to.
#[derive(Debug)]
pub struct Compared {
    /// Events that the node told as they happened.
    pub events: u64,
    /// Of those, the ones in blocks after the newest verified one: the node's own proof holds for them, and
    /// nobody has executed them here.
    pub newer: u64,
    /// What is not so: at most the first in the events, and the first in the proof.
    pub differences: Vec<AnswerDifference>,
}

/// Why nothing can be said about an answer.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The node gives no answer, or says why it does not.
    #[error("{0}")]
    Source(#[from] ClientError),
    /// The index does not say what happened.
    #[error("{0}")]
    Index(#[from] IndexError),
    /// The answer is not what happened.
    #[error("{0}")]
    Difference(#[from] AnswerDifference),
}

/// A node that has come as far as the index.
pub struct Comparison<'a, A> {
    index: &'a Index,
    trust: &'a Trust,
    node: &'a A,
    /// The newest block of the index when the comparison began.
    verified: u64,
    /// The height that the node has said it has.
    told: u64,
}

impl<'a, A: Answers> Comparison<'a, A> {
    /// Waits until the node has the newest block of the index.
    ///
    /// # Errors
    /// [`AnswerDifference::Rewound`] when it does not come there; [`CompareError`].
    pub async fn begin(
        index: &'a Index,
        trust: &'a Trust,
        node: &'a A,
    ) -> Result<Self, CompareError> {
        let verified = index.height()?;
        let mut asks = 0;
        let told = loop {
            let told = node.height().await?;
            if told >= verified {
                break told;
            }
            asks += 1;
            if asks >= BEHIND_ASKS_MAX {
                return Err(AnswerDifference::Rewound {
                    told: verified,
                    answered: told,
                }
                .into());
            }
            tokio::time::sleep(node.pause()).await;
        };
        Ok(Self {
            index,
            trust,
            node,
            verified,
            told,
        })
    }

    /// The newest block up to which is known what happened.
    #[must_use]
    pub const fn verified(&self) -> u64 {
        self.verified
    }

    /// Compares what the node answers about one subject.
    ///
    /// # Errors
    /// [`CompareError::Source`] when the node does not answer, [`CompareError::Index`]. What is not so is no error:
    /// it is among the [differences](Compared::differences); a node that proves what is not so and then does not answer
    /// about the events is told of by [`CompareError::Difference`].
    pub async fn of(&self, subject: &Subject) -> Result<Compared, CompareError> {
        let object = differences(self.object(subject).await)?;
        let mut history = History::new(self.index, *subject, self.verified);
        let told = match differences(self.events(&mut history, object.as_ref().ok()).await) {
            Ok(told) => told,
            // Whoever proves what is not so and hangs up has lied; an index that cannot be read says so itself.
            Err(CompareError::Source(error)) => {
                return Err(object.err().map_or(error.into(), CompareError::Difference));
            }
            Err(error) => return Err(error),
        };
        Ok(Compared {
            events: history.length(),
            newer: history.newer(),
            differences: [told.err(), object.err()].into_iter().flatten().collect(),
        })
    }

    /// The subject's state as the node proves it.
    async fn object(&self, subject: &Subject) -> Result<ObjectProof, CompareError> {
        let object = self.node.object(subject).await.map_err(unreadable)?;
        let header = object.header();
        let answered = header.height;
        object.verify(self.trust).map_err(AnswerDifference::Proof)?;
        if answered < self.told {
            let told = self.told;
            return Err(AnswerDifference::Rewound { told, answered }.into());
        }
        let ask = "SELECT hash FROM block WHERE height = $1";
        let rows = self.index.ask(ask, &[answered.into()])?;
        let executed = rows.first().map(|row| row.bytes(0)).transpose()?;
        let executed = executed.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let executed = executed.map(|bytes| BlockHash::new(Hash(bytes)));
        let found = header.hash();
        match executed.filter(|executed| *executed != found) {
            Some(executed) => Err(AnswerDifference::OtherBlock {
                height: answered,
                executed,
                found,
            }
            .into()),
            None => Ok(object),
        }
    }

    /// All events that the node tells: page by page, until everything is told that is known to have happened and
    /// that the proved state counts.
    async fn events(
        &self,
        history: &mut History<'_>,
        object: Option<&ObjectProof>,
    ) -> Result<(), CompareError> {
        if let Some(object) = object {
            let chain = object.event_chain().map_err(AnswerDifference::Proof)?;
            history.prove(object.header().height, chain);
        }
        let mut told = self.told;
        let mut is_asked = false;
        loop {
            let due = history.due()?;
            if is_asked && due.is_none() {
                return Ok(());
            }
            let page = self.node.events(&history.subject(), history.length()).await;
            let page = page.map_err(unreadable)?;
            is_asked = true;
            let answered = page.height;
            if answered < told {
                return Err(AnswerDifference::Rewound { told, answered }.into());
            }
            told = answered;
            match due {
                Some(due) if page.events.is_empty() => {
                    return Err(AnswerDifference::HiddenEvent(due).into());
                }
                _ => history.take(&page)?,
            }
        }
    }
}

/// An answer that makes no sense is one that is not so; no answer is none.
fn unreadable(error: ClientError) -> CompareError {
    match error {
        ClientError::Nonsense { reason, .. } => AnswerDifference::Unreadable { reason }.into(),
        error => error.into(),
    }
}

/// What is not so, apart from why nothing can be said.
fn differences<T>(
    result: Result<T, CompareError>,
) -> Result<Result<T, AnswerDifference>, CompareError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(CompareError::Difference(difference)) => Ok(Err(difference)),
        Err(error) => Err(error),
    }
}
