//! `/api/live`: news as they come, server-sent. `block` when there are newer blocks, `following` when how
//! following goes has changed. Nothing personal is in them.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse as _,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::stream;
use serde_json::json;
use tokio::{
    sync::{OwnedSemaphorePermit, watch},
    time::timeout,
};

use super::{Answer, Asked, Shared};
use crate::serve::{Following, answer::Problem, now_ms};

/// How often it is looked whether the network stands still.
const TICK: Duration = Duration::from_secs(5);
/// At most so often is a block told: a person does not see more.
const PACE: Duration = Duration::from_millis(200);

struct Live {
    following: watch::Receiver<Following>,
    stop: watch::Receiver<bool>,
    height: Option<u64>,
    word: &'static str,
    /// What is told next.
    pending: Vec<Event>,
    _slot: OwnedSemaphorePermit,
}

/// The stream of news.
pub(super) async fn live(State(desk): State<Shared>, _: Asked) -> Answer {
    let slot = std::sync::Arc::clone(&desk.live).try_acquire_owned();
    let slot = slot.map_err(|_| Problem::busy("too many pages are open on this desk"))?;
    let live = Live {
        following: desk.following.clone(),
        stop: desk.stop.clone(),
        height: None,
        word: "",
        pending: Vec::new(),
        _slot: slot,
    };
    let news = stream::unfold(live, |mut live| async move {
        let event = live.next().await?;
        Some((Ok::<_, Infallible>(event), live))
    });
    Ok(Sse::new(news)
        .keep_alive(KeepAlive::default())
        .into_response())
}

impl Live {
    /// The next news; `None` when the desk ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if *self.stop.borrow() {
                return None;
            }
            if let Some(event) = self.pending.pop() {
                return Some(event);
            }
            self.look();
            if !self.pending.is_empty() {
                continue;
            }
            let pause = match timeout(TICK, self.changed()).await {
                // Following has ended for good: what it said stays.
                Ok(false) => TICK,
                Ok(true) => PACE,
                Err(_) => Duration::ZERO,
            };
            let ended = timeout(pause, self.stop.changed()).await;
            if ended.is_ok_and(|changed| changed.is_err()) {
                return None;
            }
        }
    }

    /// Waits for news of following or for the end of the desk; `false` when there will be none.
    async fn changed(&mut self) -> bool {
        tokio::select! {
            changed = self.following.changed() => changed.is_ok(),
            changed = self.stop.changed() => changed.is_ok(),
        }
    }

    fn look(&mut self) {
        let now = now_ms();
        let following = self.following.borrow_and_update().clone();
        let word = following.word(now);
        if word != self.word {
            self.word = word;
            let text = following.to_json(now).to_string();
            self.pending
                .push(Event::default().event("following").data(text));
        }
        if self.height != Some(following.height) {
            self.height = Some(following.height);
            let text = json!({
                "height": following.height,
                "told_height": following.told_height,
                "last_block_ms": following.last_block_ms,
            });
            let event = Event::default().event("block").data(text.to_string());
            self.pending.push(event);
        }
    }
}
