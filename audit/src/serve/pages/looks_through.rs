//! Looks as a source of the entries of a case file: as many as a page can hold, read before the index is asked, so that
//! no question to the index waits for the log.

use std::{collections::VecDeque, sync::Arc};

use talea_types::AccountId;
use tokio::{task::spawn_blocking, time::timeout};

use super::case_file::{Entry, Key, LOOKED, What};
use crate::{
    Look, LookPlace, Looks, LooksError, LooksOfDebtor,
    limits::READER_PATIENCE,
    serve::{Desk, answer::Problem},
};

/// The looks at one file that are not shown yet.
pub(super) struct LooksThrough {
    /// How many there are in all.
    pub(super) count: i64,
    /// What was read and not taken.
    ready: VecDeque<Entry>,
    /// Whether the log has more below them.
    has_more: bool,
}

impl LooksThrough {
    /// Those before a place, at most `wanted`.
    pub(super) async fn read(
        desk: &Desk,
        debtor: AccountId,
        (height, place): Key,
        wanted: usize,
    ) -> Result<Self, Problem> {
        let number = place.saturating_sub(LOOKED).max(0);
        let before = (height.unsigned_abs(), number.unsigned_abs());
        let found = of_debtor(desk, debtor, before, wanted).await?;
        Ok(Self {
            count: i64::try_from(found.count).unwrap_or(i64::MAX),
            has_more: found.looks.len() == wanted,
            ready: found.looks.into_iter().map(entry).collect(),
        })
    }

    /// Below it there can be some that were not read; `None` where there are none.
    pub(super) fn floor(&self) -> Option<Key> {
        let last = self.ready.back().filter(|_| self.has_more);
        last.map(|last| last.key)
    }

    /// Takes those in front for which `wanted` says so.
    pub(super) fn take_while(&mut self, wanted: impl Fn(&Entry) -> bool, into: &mut Vec<Entry>) {
        while self.ready.front().is_some_and(&wanted) {
            into.extend(self.ready.pop_front());
        }
    }
}

/// Looks by where they stand in the log; where they are too old for that, by reading all of it, in turn.
async fn of_debtor(
    desk: &Desk,
    debtor: AccountId,
    before: LookPlace,
    limit: usize,
) -> Result<LooksOfDebtor, Problem> {
    let log = Arc::clone(&desk.looks);
    let placed = aside(move || Looks::of_debtor(&log, &debtor, before, limit)).await?;
    if let Some(found) = placed {
        return Ok(found);
    }
    let turn = Arc::clone(&desk.log_readings).acquire_owned();
    let Ok(Ok(turn)) = timeout(READER_PATIENCE, turn).await else {
        return Err(Problem::busy("old looks are being read for somebody else"));
    };
    let log = Arc::clone(&desk.looks);
    aside(move || {
        // It ends with the reading, also when nobody waits for that any more.
        let _turn = turn;
        Looks::read_of_debtor(&log, &debtor, before, limit)
    })
    .await
}

/// Reads on a thread that may wait for the disk.
async fn aside<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, LooksError> + Send + 'static,
) -> Result<T, Problem> {
    match spawn_blocking(read).await {
        Ok(found) => Ok(found?),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn entry(look: Look) -> Entry {
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    Entry {
        key: (
            number(look.height),
            LOOKED.saturating_add(number(look.number)),
        ),
        kind: "look",
        what: What::Look(look),
    }
}
