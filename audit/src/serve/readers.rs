//! Readers of the index: a few, opened when they are needed, each asked by one question at a time.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use super::answer::Problem;
use crate::{
    Index, IndexPlace,
    limits::{READER_ANSWER_PATIENCE, READER_PATIENCE, READERS_MAX},
};

/// How long is waited.
struct Patience {
    turn: Duration,
    answer: Duration,
}

/// Readers that wait for questions.
pub(super) struct Readers {
    place: IndexPlace,
    idle: Arc<Mutex<Vec<Index>>>,
    slots: Arc<Semaphore>,
    patience: Patience,
}

impl Readers {
    pub(super) fn new(place: IndexPlace) -> Self {
        Self {
            place,
            idle: Arc::default(),
            slots: Arc::new(Semaphore::new(READERS_MAX)),
            patience: Patience {
                turn: READER_PATIENCE,
                answer: READER_ANSWER_PATIENCE,
            },
        }
    }

    /// Asks the index, all of one moment.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Index) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let slot = timeout(self.patience.turn, Arc::clone(&self.slots).acquire_owned());
        let Ok(Ok(slot)) = slot.await else {
            return Err(Problem::busy("the index is asked too much at the moment"));
        };
        let (place, idle) = (self.place.clone(), Arc::clone(&self.idle));
        let asked = spawn_blocking(move || {
            let waiting = idle.lock().pop();
            let index = match waiting {
                Some(index) => index,
                None => Index::open(place)?,
            };
            let answer = index.at_once(ask);
            // Nobody knows how a reader is that failed: the next question opens another. That something is not there
            // is no failure of the reader.
            let failed = |problem: &Problem| problem.status.is_server_error();
            if !answer.as_ref().is_err_and(failed) {
                idle.lock().push(index);
            }
            drop(slot);
            answer
        });
        match timeout(self.patience.answer, asked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => std::panic::resume_unwind(error.into_panic()),
            // Its thread waits on and keeps its turn, so that no more than the readers can be stuck.
            Err(_) => Err(Problem::busy(
                "the index took the question and does not answer",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use axum::http::StatusCode;
    use talea_types::{ChainId, Hash};

    use super::*;

    #[tokio::test]
    async fn nobody_waits_for_an_index_that_says_nothing_nor_takes_more_than_all_turns() {
        let directory = tempfile::tempdir().unwrap();
        let place = IndexPlace::File(directory.path().join("index.db"));
        drop(Index::open_or_create(place.clone(), &ChainId::new(Hash([1; 32]))).unwrap());
        let patience = Patience {
            turn: Duration::from_millis(20),
            answer: Duration::from_millis(20),
        };
        let readers = Readers {
            patience,
            ..Readers::new(place)
        };
        let (says, silent) = mpsc::channel::<()>();
        let silent = Arc::new(Mutex::new(silent));
        for turn in 0..2 * READERS_MAX {
            let silent = Arc::clone(&silent);
            let asked = readers.ask(move |_| {
                let _ = silent.lock().recv();
                Ok(())
            });
            let problem = asked.await.unwrap_err();
            assert_eq!(problem.status, StatusCode::SERVICE_UNAVAILABLE);
            let stuck = READERS_MAX - readers.slots.available_permits();
            assert_eq!(
                stuck,
                READERS_MAX.min(turn + 1),
                "its thread keeps its turn"
            );
        }
        // The index speaks again.
        drop(says);
        let all = u32::try_from(READERS_MAX).unwrap();
        drop(readers.slots.acquire_many(all).await.unwrap());
        assert_eq!(readers.idle.lock().len(), READERS_MAX);
    }

    #[tokio::test]
    async fn a_reader_stays_when_what_is_asked_for_is_not_there() {
        let directory = tempfile::tempdir().unwrap();
        let place = IndexPlace::File(directory.path().join("index.db"));
        drop(Index::open_or_create(place.clone(), &ChainId::new(Hash([1; 32]))).unwrap());
        let readers = Readers::new(place);
        for (problem, kept) in [
            (Problem::not_found("such thing"), 1),
            (Problem::internal("broken"), 0),
        ] {
            let asked = readers.ask(move |_| Err::<(), _>(problem)).await;
            assert!(asked.is_err());
            assert_eq!(readers.idle.lock().len(), kept);
        }
    }
}
