//! Following: fetch ahead, check several blocks at once, execute one after the other, write in groups.
//!
//! ```text
//! source --blocks--> check (bytes, signatures; parallel) --in order--> chain (executes) --groups--> index
//! ```
//!
//! Bounded: so many blocks are fetched ahead, and so many bytes of them wait to be written; whoever is ahead waits.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use parking_lot::Mutex;
use talea_client::{Client, ClientError, WholeBlock};
use talea_types::{ChainId, crypto::KeyCache};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::spawn_blocking,
};

use crate::{
    Audited, Chain, CheckedBlock, Difference, Index, IndexError,
    limits::{AHEAD_BLOCKS, GROUP_BLOCKS, WAITING_KIB_MAX},
};

/// How often a node is asked whether there is a new block.
const NEW_BLOCK_PAUSE: Duration = Duration::from_millis(250);
/// How often in a row a node may have nothing at a height that it says it has passed. Several nodes behind one
/// address are not at the same height at every moment; a minute apart they are not one network.
const WITHHELD_ASKS_MAX: u32 = 240;

/// Where blocks come from. Nothing that it gives is believed.
pub trait Source: Clone + Send + Sync + 'static {
    /// The block of a height; `None` while there is none yet.
    fn block(
        &self,
        height: u64,
    ) -> impl Future<Output = Result<Option<WholeBlock>, ClientError>> + Send;

    /// The newest height that it says it has.
    fn height(&self) -> impl Future<Output = Result<u64, ClientError>> + Send;

    /// How long to wait before it is asked again for a block that it does not have.
    fn pause(&self) -> Duration {
        NEW_BLOCK_PAUSE
    }
}

impl Source for Client {
    async fn block(&self, height: u64) -> Result<Option<WholeBlock>, ClientError> {
        match self.whole_block(height).await {
            Ok(block) => Ok(Some(block)),
            Err(ClientError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn height(&self) -> Result<u64, ClientError> {
        Ok(self.network().await?.height)
    }
}

/// Why following ended.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// A block does not verify: the node lies, or a quorum does.
    #[error("{0}")]
    Difference(#[from] Difference),
    /// The node says that it is behind what it has shown already.
    #[error(
        "the node says that its newest block is {told}; block {verified} of this network is verified: \
         it was rewound, or follows another history"
    )]
    Rewound {
        /// What the node says.
        told: u64,
        /// What was verified before.
        verified: u64,
    },
    /// The source does not answer.
    #[error("reading from the node: {0}")]
    Source(#[from] ClientError),
    /// The index cannot be written.
    #[error("{0}")]
    Index(#[from] IndexError),
}

/// How far following is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Newest verified and written block.
    pub height: u64,
    /// Newest block of the source, as it says.
    pub target: u64,
    /// Transactions verified by this run.
    pub transactions: u64,
}

/// What following came to.
pub struct Followed {
    /// The chain up to the last block that verified.
    pub chain: Chain,
    /// The index, written up to there unless it is what failed.
    pub index: Index,
    /// Why it ended before its time.
    pub end: Result<(), FollowError>,
}

/// Follows a source from where the index ends up to `until`, the newest block at that time where it is
/// `None`. Gives chain and index back, also after an error.
pub async fn follow<S: Source>(
    source: &S,
    chain: Chain,
    index: Index,
    until: Option<u64>,
    on_progress: impl FnMut(Progress) + Send + 'static,
) -> Followed {
    let first = chain.tip().height + 1;
    let target = match source.height().await {
        Ok(told) if told + 1 < first => {
            let verified = first - 1;
            let end = Err(FollowError::Rewound { told, verified });
            return Followed { chain, index, end };
        }
        Ok(told) => until.unwrap_or(told),
        Err(error) => {
            let end = Err(error.into());
            return Followed { chain, index, end };
        }
    };
    let caches = Caches::default();
    let id = *chain.id();
    let checked = stream::iter(first..=target)
        .map(|due| fetch_and_check(source.clone(), id, caches.clone(), due))
        .buffered(AHEAD_BLOCKS);

    let (to_chain, from_check) = mpsc::channel::<CheckedBlock>(1);
    let (to_index, from_chain) = mpsc::channel::<Waiting>(GROUP_BLOCKS);
    let executing = spawn_blocking(move || execute(chain, from_check, &to_index));
    let writing = spawn_blocking(move || write(index, from_chain, target, on_progress));
    // A stage that ends early closes its channel: the stages before it see that and end too, and what it
    // says is told first.
    let fetched = checked
        .try_for_each(|block| async {
            // A closed channel ends the loop; the executing stage says why it closed.
            to_chain.send(block).await.map_err(|_| Ended::Elsewhere)
        })
        .await;
    drop(to_chain);
    let (chain, executed) = executing.await.unwrap_or_else(resume_panic);
    let (index, written) = writing.await.unwrap_or_else(resume_panic);
    let end = written
        .map_err(FollowError::from)
        .and_then(|()| executed.map_err(FollowError::from))
        .and_then(|()| match fetched {
            Err(Ended::Because(error)) => Err(error),
            Ok(()) | Err(Ended::Elsewhere) => Ok(()),
        });
    Followed { chain, index, end }
}

/// Waits until the source has a block above a height.
///
/// # Errors
/// [`FollowError::Source`], [`FollowError::Rewound`].
pub async fn wait_for_more<S: Source>(source: &S, verified: u64) -> Result<(), FollowError> {
    loop {
        let told = source.height().await?;
        if told < verified {
            return Err(FollowError::Rewound { told, verified });
        }
        if told > verified {
            return Ok(());
        }
        tokio::time::sleep(source.pause()).await;
    }
}

enum Ended {
    Because(FollowError),
    /// A later stage ended first and knows why.
    Elsewhere,
}

/// A panic of a stage is one of the whole.
fn resume_panic<T>(error: tokio::task::JoinError) -> T {
    std::panic::resume_unwind(error.into_panic())
}

/// Keys that were decompressed, one set for each block that is checked at a time.
#[derive(Clone, Default)]
struct Caches(Arc<Mutex<Vec<KeyCache>>>);

async fn fetch_and_check<S: Source>(
    source: S,
    chain: ChainId,
    caches: Caches,
    due: u64,
) -> Result<CheckedBlock, Ended> {
    let mut withheld = 0;
    let because = |error: ClientError| Ended::Because(error.into());
    let sent = loop {
        if let Some(sent) = source.block(due).await.map_err(because)? {
            break sent;
        }
        // A height that the node has not told of may be waited for without end.
        let told = source.height().await.map_err(because)?;
        withheld = if told < due { 0 } else { withheld + 1 };
        if withheld >= WITHHELD_ASKS_MAX {
            return Err(Ended::Because(Difference::Withheld { due, told }.into()));
        }
        tokio::time::sleep(source.pause()).await;
    };
    let checking = spawn_blocking(move || {
        let mut keys = caches.0.lock().pop().unwrap_or_default();
        let checked = CheckedBlock::of_node(&chain, &mut keys, due, sent);
        caches.0.lock().push(keys);
        checked
    });
    let checked = checking.await.unwrap_or_else(resume_panic);
    checked.map_err(|difference| Ended::Because(difference.into()))
}

/// A block that waits to be written, and its part of what may wait.
struct Waiting {
    block: Audited,
    part: OwnedSemaphorePermit,
}

/// How much may wait to be written: so many kibibytes of encoded blocks. A block that is larger than all of it waits
/// alone.
struct Room {
    free: Arc<Semaphore>,
    kibibytes: u32,
}

impl Room {
    fn new(kibibytes: u32) -> Self {
        Self {
            free: Arc::new(Semaphore::new(kibibytes as usize)),
            kibibytes,
        }
    }

    /// Waits until there is room for an encoded block, in the order of asking: the writer frees what it was given
    /// before it waits for more.
    async fn take(&self, bytes: usize) -> OwnedSemaphorePermit {
        let wanted = u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX);
        let wanted = wanted.min(self.kibibytes);
        let part = Arc::clone(&self.free).acquire_many_owned(wanted).await;
        part.unwrap_or_else(|_| unreachable!("the room is never closed"))
    }
}

fn execute(
    mut chain: Chain,
    mut checked: mpsc::Receiver<CheckedBlock>,
    to_index: &mpsc::Sender<Waiting>,
) -> (Chain, Result<(), Difference>) {
    let room = Room::new(WAITING_KIB_MAX);
    while let Some(block) = checked.blocking_recv() {
        let block = match chain.follow(block) {
            Ok(audited) => audited,
            Err(difference) => return (chain, Err(difference)),
        };
        let part = Handle::current().block_on(room.take(block.bytes.len()));
        if to_index.blocking_send(Waiting { block, part }).is_err() {
            // The index says why.
            break;
        }
    }
    (chain, Ok(()))
}

fn write(
    mut index: Index,
    mut waiting: mpsc::Receiver<Waiting>,
    target: u64,
    mut on_progress: impl FnMut(Progress),
) -> (Index, Result<(), IndexError>) {
    let mut received = Vec::with_capacity(GROUP_BLOCKS);
    let mut progress = Progress {
        target,
        ..Progress::default()
    };
    while waiting.blocking_recv_many(&mut received, GROUP_BLOCKS) > 0 {
        let each = received.drain(..).map(|one| (one.block, one.part));
        let (group, parts): (Vec<Audited>, Vec<OwnedSemaphorePermit>) = each.unzip();
        if let Err(error) = index.append(&group) {
            return (index, Err(error));
        }
        for block in group {
            progress.height = block.tip.height;
            progress.transactions += block.transactions.len() as u64;
        }
        drop(parts);
        on_progress(progress);
    }
    (index, Ok(()))
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn what_waits_to_be_written_is_bounded_by_its_bytes() {
        let room = Room::new(16);
        let take = |kibibytes: usize| room.take(kibibytes * 1024 - 1).now_or_never();
        let held = (take(10).unwrap(), take(6).unwrap());
        assert!(take(1).is_none(), "it is full");
        drop(held.1);
        assert!(take(7).is_none(), "a part is free, and not enough");
        let more = take(6).unwrap();
        drop((held.0, more));
        // One that is larger than all of it waits alone, and does not wait for ever.
        let large = take(1_000).unwrap();
        assert!(take(1).is_none());
        drop(large);
        assert!(take(1).is_some());
        assert!(
            room.take(0).now_or_never().is_some(),
            "nothing is free of charge"
        );
        assert_eq!(room.free.available_permits(), 16);
    }
}
