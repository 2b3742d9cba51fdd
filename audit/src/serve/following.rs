//! Following while the desk answers: on and on, through a node that does not answer and a server of the index that is
//! started again, until a block does not verify. Then it ends, and the desk stays open to say so.

use std::{thread, time::Duration};

use serde_json::{Value, json};
use talea_client::ClientError;
use talea_genesis::GenesisRecord;
use tokio::sync::{oneshot, watch};

use super::now_ms;
use crate::{
    Chain, FollowError, Index, IndexError, IndexPlace, SharedLedger, Source, follow,
    limits::{INDEX_PAUSE_MAX, INDEX_PAUSE_MIN, NODE_PAUSE, STALLED_AFTER},
    wait_for_more,
};

/// How following goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Following {
    /// The node.
    pub node: String,
    /// What is done.
    pub state: FollowingState,
    /// Newest verified and written block.
    pub height: u64,
    /// Newest block of the node, as it says.
    pub told_height: u64,
    /// When the newest block was verified, by the clock of the desk; 0 before the first.
    pub last_block_ms: u64,
}

/// What following does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FollowingState {
    /// Blocks are verified as they come.
    Following,
    /// The node, or the server of the index, does not answer; it is asked again.
    Waiting {
        /// What is wrong.
        text: String,
    },
    /// Something is not so. It will not go on.
    Ended(Named),
}

/// Why following ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its stable name.
    pub name: &'static str,
    /// The block at which it ended: the first that was not verified.
    pub height: u64,
    /// What differs.
    pub text: String,
}

impl Following {
    pub(super) const fn new(node: String, height: u64) -> Self {
        Self {
            node,
            state: FollowingState::Following,
            height,
            told_height: height,
            last_block_ms: 0,
        }
    }

    /// Its word: also whether the network stands still.
    #[must_use]
    pub fn word(&self, now_ms: u64) -> &'static str {
        let quiet = now_ms.saturating_sub(self.last_block_ms);
        match &self.state {
            FollowingState::Ended(_) => "ended",
            FollowingState::Waiting { .. } => "waiting",
            FollowingState::Following
                if self.last_block_ms > 0 && u128::from(quiet) >= STALLED_AFTER.as_millis() =>
            {
                "stalled"
            }
            FollowingState::Following => "following",
        }
    }

    pub(super) fn to_json(&self, now_ms: u64) -> Value {
        let (text, difference) = match &self.state {
            FollowingState::Following => (None, None),
            FollowingState::Waiting { text } => (Some(text), None),
            FollowingState::Ended(named) => (
                Some(&named.text),
                Some(json!({
                    "name": named.name,
                    "height": named.height,
                    "text": named.text,
                })),
            ),
        };
        json!({
            "node": self.node,
            "state": self.word(now_ms),
            "height": self.height,
            "told_height": self.told_height,
            "last_block_ms": self.last_block_ms,
            "text": text,
            "difference": difference,
        })
    }
}

/// What following works with besides the chain, the index and the node.
pub(super) struct Own {
    /// Where the index is.
    pub(super) place: IndexPlace,
    /// Of the network.
    pub(super) record: GenesisRecord,
    /// Where it says how it goes.
    pub(super) told: watch::Sender<Following>,
    /// When to stop.
    pub(super) stop: watch::Receiver<bool>,
}

/// Follows until told to stop, or until something differs.
pub(super) async fn follow_on<S: Source>(
    source: S,
    mut chain: Chain,
    mut index: Index,
    mut own: Own,
) {
    loop {
        let progress = own.told.clone();
        let followed = {
            let following = follow(&source, chain, index, None, move |now| {
                progress.send_modify(|following| {
                    following.state = FollowingState::Following;
                    following.height = now.height;
                    following.told_height = now.target.max(now.height);
                    following.last_block_ms = now_ms();
                });
            });
            tokio::select! {
                followed = following => followed,
                // What was not written is verified again next time.
                _ = own.stop.wait_for(|stop| *stop) => return,
            }
        };
        (chain, index) = (followed.chain, followed.index);
        let height = chain.tip().height;
        let ended = match followed.end {
            Ok(()) => {
                own.told.send_if_modified(|following| {
                    let was = std::mem::replace(&mut following.state, FollowingState::Following);
                    // A node that stands at its newest block is followed too, since now.
                    let first = following.last_block_ms == 0;
                    if first {
                        following.last_block_ms = now_ms();
                    }
                    first || was != FollowingState::Following
                });
                tokio::select! {
                    more = wait_for_more(&source, height) => more,
                    _ = own.stop.wait_for(|stop| *stop) => return,
                }
            }
            Err(error) => Err(error),
        };
        let Err(error) = ended else {
            continue;
        };
        match passing(&error) {
            None => return own.end(Named::of(&error, height)),
            Some(Passing::Node) => {
                own.wait(&error.to_string());
                if own.stops_within(NODE_PAUSE).await {
                    return;
                }
            }
            Some(Passing::Index) => {
                // Its session is gone, and with it what waited to be written: that is verified again.
                let shared = chain.shared_ledger();
                drop((chain, index));
                let Some(again) = own.open_again(error, &shared).await else {
                    return;
                };
                (chain, index) = again;
            }
        }
    }
}

impl Own {
    fn end(&self, named: Named) {
        self.told
            .send_modify(|following| following.state = FollowingState::Ended(named));
    }

    fn wait(&self, text: &str) {
        let text = text.to_owned();
        self.told
            .send_modify(|following| following.state = FollowingState::Waiting { text });
    }

    async fn stops_within(&mut self, pause: Duration) -> bool {
        let stopped = self.stop.wait_for(|stop| *stop);
        tokio::time::timeout(pause, stopped).await.is_ok()
    }

    /// Opens an index whose server went away, at growing distances, and goes on from what it holds; `None` when the
    /// desk ends, or when what is there cannot be used.
    async fn open_again(
        &mut self,
        mut error: FollowError,
        shared: &SharedLedger,
    ) -> Option<(Chain, Index)> {
        let mut pause = INDEX_PAUSE_MIN;
        loop {
            self.wait(&error.to_string());
            if self.stops_within(pause).await {
                return None;
            }
            pause = (pause * 2).min(INDEX_PAUSE_MAX);
            let (place, record) = (self.place.clone(), self.record.clone());
            let opened = tokio::select! {
                opened = opened(place, record) => opened,
                // Whoever opens it ends with the process, and has written nothing.
                _ = self.stop.wait_for(|stop| *stop) => return None,
            };
            match opened {
                Ok((chain, index)) => {
                    let height = chain.tip().height;
                    self.told.send_modify(|following| following.height = height);
                    return Some((chain.in_place_of(shared), index));
                }
                Err(again) => error = again.into(),
            }
            if passing(&error).is_none() {
                let height = self.told.borrow().height;
                self.end(Named::of(&error, height));
                return None;
            }
        }
    }
}

/// The index at a place, with the chain that goes on from it. It is opened on a thread of its own: a runtime waits for
/// its own threads when it ends, and a server can take a connection and say nothing for ever.
async fn opened(place: IndexPlace, record: GenesisRecord) -> Result<(Chain, Index), IndexError> {
    let (done, opening) = oneshot::channel();
    let open = move || {
        let mut index = Index::open(place.clone())
            .and_then(|_| Index::open_or_create(place, &record.chain_id()))?;
        let chain = index.resume(&record)?;
        Ok((chain, index))
    };
    thread::spawn(move || {
        // Nobody hears of it where the desk has ended meanwhile.
        let _ = done.send(open());
    });
    opening
        .await
        .unwrap_or_else(|_| panic!("opening the index panicked, as was told"))
}

/// What does not last.
enum Passing {
    /// The node does not answer.
    Node,
    /// The server of the index went away.
    Index,
}

/// Whether following goes on after an error, and what has to come back for it; `None` for what stays as it is.
fn passing(error: &FollowError) -> Option<Passing> {
    match error {
        // A proof that does not hold is a lie, whatever it was about.
        FollowError::Source(ClientError::Proof(_))
        | FollowError::Difference(_)
        | FollowError::Rewound { .. } => None,
        FollowError::Source(_) => Some(Passing::Node),
        FollowError::Index(error) => error.is_of_the_connection().then_some(Passing::Index),
    }
}

impl Named {
    /// What following ends with, after this block.
    fn of(error: &FollowError, verified: u64) -> Self {
        let name = match error {
            FollowError::Difference(difference) => difference.name(),
            FollowError::Rewound { .. } => "REWOUND",
            FollowError::Source(_) => "NOT_PROVED",
            FollowError::Index(_) => "INDEX",
        };
        Self {
            name,
            height: verified + 1,
            text: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use talea_genesis::localnet::{Localnet, LocalnetOptions};
    use talea_types::Timestamp;

    use super::*;

    /// A server that takes connections and never answers is waited for, until the desk is told to stop.
    #[tokio::test]
    async fn a_server_that_says_nothing_keeps_nobody_from_stopping() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = silent.local_addr().unwrap().port();
        let options = LocalnetOptions {
            network: "test".to_owned(),
            validators: 4,
            seed: [5; 32],
            time: Timestamp::from_millis(1_790_000_000_000),
        };
        let record = Localnet::new(&options).unwrap().record;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("index.db");
        let mut index = Index::open_or_create(file, &record.chain_id()).unwrap();
        let shared = index.resume(&record).unwrap().shared_ledger();
        let (stop, stopped) = watch::channel(false);
        let mut own = Own {
            place: format!("postgresql://nobody@127.0.0.1:{port}/none")
                .parse()
                .unwrap(),
            record,
            told: watch::channel(Following::new("a node".to_owned(), 0)).0,
            stop: stopped,
        };
        let asked = tokio::spawn(async move {
            let lost = FollowError::Index(IndexError::TooManyRows);
            own.open_again(lost, &shared).await.is_none()
        });
        let taken = tokio::task::spawn_blocking(move || silent.accept().unwrap());
        let connection = taken.await.unwrap();
        stop.send_replace(true);
        let ended = tokio::time::timeout(Duration::from_secs(20), asked).await;
        assert!(ended.expect("it stops").unwrap());
        drop(connection);
    }
}
