//! Readers of the index: a few, opened when they are needed, each asked by one question at a time.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use super::answer::Problem;
use crate::{
    Index, IndexPlace,
    limits::{READER_PATIENCE, READERS_MAX},
};

/// Readers that wait for questions.
pub(super) struct Readers {
    place: IndexPlace,
    idle: Arc<Mutex<Vec<Index>>>,
    slots: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(place: IndexPlace) -> Self {
        Self {
            place,
            idle: Arc::default(),
            slots: Arc::new(Semaphore::new(READERS_MAX)),
        }
    }

    /// Asks the index, all of one moment.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Index) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let slot = timeout(READER_PATIENCE, Arc::clone(&self.slots).acquire_owned());
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
        match asked.await {
            Ok(answer) => answer,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

#[cfg(test)]
mod tests {
    use talea_types::{ChainId, Hash};

    use super::*;

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
