//! Looks as a source of the entries of a case file: read from the log a batch at a time, newest first.

use std::collections::VecDeque;

use parking_lot::Mutex;
use talea_types::AccountId;

use super::case_file::{BATCH, Entry, Key, LOOKED, What};
use crate::{Look, LookPlace, Looks, serve::answer::Problem};

/// The looks at one file that are not shown yet.
pub(super) struct LooksThrough<'a> {
    log: &'a Mutex<Looks>,
    debtor: AccountId,
    /// What was read and not taken.
    ready: VecDeque<Entry>,
    /// Where the log is read next; `None` when all of it was, or no look is wanted.
    next: Option<LookPlace>,
}

impl<'a> LooksThrough<'a> {
    pub(super) fn of(
        log: &'a Mutex<Looks>,
        debtor: AccountId,
        (height, place): Key,
        kinds: &[&str],
    ) -> Self {
        let number = place.saturating_sub(LOOKED).max(0);
        let next = (height.unsigned_abs(), number.unsigned_abs());
        Self {
            log,
            debtor,
            ready: VecDeque::new(),
            next: kinds.contains(&"look").then_some(next),
        }
    }

    /// How many there are in all.
    pub(super) fn count(&self) -> Result<i64, Problem> {
        let found = Looks::of_debtor(self.log, &self.debtor, (0, 0), 0)?;
        Ok(i64::try_from(found.count).unwrap_or(i64::MAX))
    }

    /// Below it there are some that were not read; `None` where there are none.
    pub(super) fn floor(&mut self) -> Result<Option<Key>, Problem> {
        if let Some(before) = self.next.filter(|_| self.ready.is_empty()) {
            let found = Looks::of_debtor(self.log, &self.debtor, before, BATCH)?.looks;
            let last = found.last().filter(|_| found.len() == BATCH);
            self.next = last.map(|last| (last.height, last.number));
            self.ready.extend(found.into_iter().map(entry));
        }
        let last = self.ready.back().filter(|_| self.next.is_some());
        Ok(last.map(|last| last.key))
    }

    /// Takes those in front for which `wanted` says so.
    pub(super) fn take_while(&mut self, wanted: impl Fn(&Entry) -> bool, into: &mut Vec<Entry>) {
        while self.ready.front().is_some_and(&wanted) {
            into.extend(self.ready.pop_front());
        }
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
