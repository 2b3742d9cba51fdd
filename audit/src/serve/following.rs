//! Following while the desk answers: on and on, through a node that does not answer, until a block does not
//! verify. Then it ends, and the desk stays open to say so.

use serde_json::{Value, json};
use talea_client::ClientError;
use tokio::sync::watch;

use super::now_ms;
use crate::{
    Chain, FollowError, Index, Source, follow,
    limits::{NODE_PAUSE, STALLED_AFTER},
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
    /// The node does not answer; it is asked again.
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

/// Follows until told to stop, or until something differs.
pub(super) async fn follow_on<S: Source>(
    source: S,
    mut chain: Chain,
    mut index: Index,
    told: watch::Sender<Following>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let progress = told.clone();
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
                _ = stop.wait_for(|stop| *stop) => return,
            }
        };
        (chain, index) = (followed.chain, followed.index);
        let height = chain.tip().height;
        let ended = match followed.end {
            Ok(()) => {
                told.send_if_modified(|following| {
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
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            }
            Err(error) => Err(error),
        };
        let Err(error) = ended else {
            continue;
        };
        if let Some(named) = named(&error, height) {
            told.send_modify(|following| following.state = FollowingState::Ended(named));
            return;
        }
        told.send_modify(|following| {
            following.state = FollowingState::Waiting {
                text: error.to_string(),
            };
        });
        tokio::select! {
            () = tokio::time::sleep(NODE_PAUSE) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// What following ends with; `None` for what passes.
fn named(error: &FollowError, verified: u64) -> Option<Named> {
    let name = match error {
        FollowError::Difference(difference) => difference.name(),
        FollowError::Rewound { .. } => "REWOUND",
        // A proof that does not hold is a lie, whatever it was about.
        FollowError::Source(ClientError::Proof(_)) => "NOT_PROVED",
        FollowError::Source(_) => return None,
        FollowError::Index(_) => "INDEX",
    };
    Some(Named {
        name,
        height: verified + 1,
        text: error.to_string(),
    })
}
