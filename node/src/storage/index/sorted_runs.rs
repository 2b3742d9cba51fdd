//! An index of entries with keys of fixed length: in memory, waiting, and in runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use super::entry::{Entry, EntryKey, Layout, Location};
use super::manifest::Manifest;
use super::merge::take_smallest;
use super::queue::{Sealed, Shared, Signals};
use super::run::{Run, RunCursor, run_prefix};
use super::worker::Worker;
use super::{IndexError, IndexOptions};
use crate::limits::storage::INDEX_RUNS_WAITING;
use crate::storage::kv::{KeyValue, remove_prefix};

pub(super) fn manifest_key(layout: Layout) -> Vec<u8> {
    [b"index/", layout.name.as_bytes(), b"/manifest"].concat()
}

#[derive(Debug)]
pub(super) struct SortedRuns {
    store: Arc<dyn KeyValue>,
    layout: Layout,
    options: IndexOptions,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl SortedRuns {
    pub(super) fn open(
        store: &Arc<dyn KeyValue>,
        layout: Layout,
        options: IndexOptions,
    ) -> Result<SortedRuns, IndexError> {
        let mut manifest = match store.get(&manifest_key(layout))? {
            Some(bytes) => Manifest::decode(layout, &bytes)?,
            None => Manifest::default(),
        };
        for number in std::mem::take(&mut manifest.garbage) {
            remove_prefix(&**store, &run_prefix(layout, number))?;
        }
        store.apply(vec![(manifest_key(layout), Some(manifest.encode()))])?;
        let shared = Arc::new(Shared::default());
        {
            let mut view = shared.view.write();
            for record in &manifest.runs {
                view.runs
                    .push(Arc::new(Run::load(&**store, layout, *record)?));
            }
            view.last = manifest.complete_to;
            shared.signals.lock().complete_to = manifest.complete_to;
        }
        let worker = Worker {
            store: Arc::clone(store),
            layout,
            runs_per_level: options.runs_per_level.max(2),
            shared: Arc::clone(&shared),
            manifest,
            retired: Vec::new(),
            merge: None,
        };
        let thread = thread::Builder::new()
            .name(format!("index {}", layout.name))
            .spawn(move || worker.run())
            .map_err(|error| IndexError::Stopped {
                index: layout.name,
                reason: error.to_string(),
            })?;
        Ok(SortedRuns {
            store: Arc::clone(store),
            layout,
            options,
            shared,
            thread: Some(thread),
        })
    }

    /// Removes everything an index stored, readable or not.
    pub(super) fn discard(store: &Arc<dyn KeyValue>, layout: Layout) -> Result<(), IndexError> {
        let prefix = [b"index/", layout.name.as_bytes(), b"/"].concat();
        store.apply(vec![(manifest_key(layout), None)])?;
        store.flush()?;
        remove_prefix(&**store, &prefix)?;
        Ok(store.flush()?)
    }

    /// Adds the entries of the next block; of equal keys the first stays. Waits while too many runs wait
    /// to be written. A block that is there already is passed over: after a crash another index may be behind
    /// this one, and both are given every block from there on.
    pub(super) fn insert_block(
        &self,
        height: u64,
        entries: impl Iterator<Item = Entry>,
    ) -> Result<(), IndexError> {
        let mut view = self.shared.view.write();
        if let Some(last) = view.last {
            if height <= last {
                return Ok(());
            }
            if last.checked_add(1) != Some(height) {
                return Err(IndexError::NotConsecutive {
                    index: self.layout.name,
                    height,
                    last,
                });
            }
        }
        view.last = Some(height);
        for (key, location) in entries {
            view.memory.entry(key).or_insert(location);
        }
        let full = view.memory.len() >= self.options.run_entries;
        drop(view);
        if full {
            return self.seal();
        }
        self.check_running(&self.shared.signals.lock())
    }

    /// Lets everything inserted so far be written, and waits for it.
    pub(super) fn flush(&self) -> Result<(), IndexError> {
        let Some(last) = self.shared.view.read().last else {
            return Ok(());
        };
        if self.complete_to() < Some(last) {
            self.seal()?;
        }
        let mut signals = self.shared.signals.lock();
        while signals.complete_to < Some(last) && signals.stopped.is_none() {
            self.shared.changed.wait(&mut signals);
        }
        self.check_running(&signals)
    }

    /// Every block up to this height is in the store.
    pub(super) fn complete_to(&self) -> Option<u64> {
        self.shared.signals.lock().complete_to
    }

    /// The first location of `key`.
    pub(super) fn get(&self, key: &EntryKey) -> Result<Option<Location>, IndexError> {
        let (mut first, runs) = {
            let view = self.shared.view.read();
            let sealed = view
                .sealed
                .iter()
                .filter_map(|sealed| sealed.entries.get(key));
            (
                sealed.chain(view.memory.get(key)).min().copied(),
                view.runs.clone(),
            )
        };
        for run in &runs {
            let found = run.get(&*self.store, key)?;
            first = match (first, found) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        Ok(first)
    }

    /// Up to `limit` entries from `start` to `end`, inclusive, in order.
    pub(super) fn range(
        &self,
        start: &EntryKey,
        end: &EntryKey,
        limit: usize,
    ) -> Result<Vec<Entry>, IndexError> {
        let mut found: BTreeMap<EntryKey, Location> = BTreeMap::new();
        let mut add = |key: EntryKey, location: Location| {
            let known = found.entry(key).or_insert(location);
            *known = (*known).min(location);
        };
        let runs = {
            let view = self.shared.view.read();
            for entries in view
                .sealed
                .iter()
                .map(|sealed| &sealed.entries)
                .chain([&view.memory])
            {
                for (key, location) in entries.range(*start..=*end).take(limit) {
                    add(*key, *location);
                }
            }
            view.runs.clone()
        };
        let mut cursors = Vec::with_capacity(runs.len());
        for run in &runs {
            cursors.push(RunCursor::from_key(&*self.store, run, start)?);
        }
        for _ in 0..limit {
            match take_smallest(&*self.store, &mut cursors)? {
                Some((key, location)) if key <= *end => add(key, location),
                _ => break,
            }
        }
        Ok(found.into_iter().take(limit).collect())
    }

    /// Hands the entries in memory to the worker.
    fn seal(&self) -> Result<(), IndexError> {
        let mut signals = self.shared.signals.lock();
        while signals.waiting >= INDEX_RUNS_WAITING && signals.stopped.is_none() {
            self.shared.changed.wait(&mut signals);
        }
        self.check_running(&signals)?;
        let mut view = self.shared.view.write();
        if let Some(complete_to) = view.last {
            let entries = std::mem::take(&mut view.memory);
            view.sealed.push_back(Arc::new(Sealed {
                entries,
                complete_to,
            }));
            signals.waiting += 1;
            self.shared.changed.notify_all();
        }
        Ok(())
    }

    fn check_running(&self, signals: &Signals) -> Result<(), IndexError> {
        match &signals.stopped {
            None => Ok(()),
            Some(reason) => Err(IndexError::Stopped {
                index: self.layout.name,
                reason: reason.clone(),
            }),
        }
    }
}

impl Drop for SortedRuns {
    fn drop(&mut self) {
        self.shared.signals.lock().closing = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported when it happened; there is nobody to tell here.
            let _ = thread.join();
        }
    }
}
