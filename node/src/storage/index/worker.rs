//! The background thread of an index: writes runs and merges them.

use std::sync::Arc;

use super::IndexError;
use super::entry::Layout;
use super::manifest::Manifest;
use super::merge::{Merge, Progress};
use super::queue::{Sealed, Shared};
use super::run::{Run, RunWriter, run_prefix};
use crate::storage::kv::{KeyValue, remove_prefix};

/// Entries merged before the worker looks whether a run waits to be written.
const MERGE_STEP_ENTRIES: usize = 16 << 10;
/// With this many times the runs a level should have, merging goes before writing.
const MERGE_FIRST_FACTOR: usize = 4;

#[derive(Debug)]
pub(super) struct Worker {
    pub(super) store: Arc<dyn KeyValue>,
    pub(super) layout: Layout,
    pub(super) runs_per_level: usize,
    pub(super) shared: Arc<Shared>,
    pub(super) manifest: Manifest,
    /// Runs that were merged; a look-up may still read them.
    pub(super) retired: Vec<Arc<Run>>,
    pub(super) merge: Option<Merge>,
}

impl Worker {
    pub(super) fn run(mut self) {
        let stopping = Stopping(Arc::clone(&self.shared));
        loop {
            match self.work() {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    stopping.0.signals.lock().stopped = Some(error.to_string());
                    return;
                }
            }
        }
    }

    /// Does one piece of work, or waits for it; false when closing.
    fn work(&mut self) -> Result<bool, IndexError> {
        self.start_merge_if_due()?;
        let crowded = self.manifest.runs.len() > self.runs_per_level * MERGE_FIRST_FACTOR
            && self.level_of_due_merge().is_some();
        {
            let mut signals = self.shared.signals.lock();
            while signals.waiting == 0 && self.merge.is_none() && !signals.closing {
                self.shared.changed.wait(&mut signals);
            }
            if signals.closing {
                return Ok(false);
            }
        }
        let sealed = self.shared.view.read().sealed.front().cloned();
        match (sealed, self.merge.take()) {
            (Some(sealed), merge) if merge.is_none() || !crowded => {
                self.merge = merge;
                self.write(&sealed)?;
            }
            (_, Some(merge)) => match merge.step(&*self.store, MERGE_STEP_ENTRIES)? {
                Progress::Working(merge) => self.merge = Some(merge),
                Progress::Done { inputs, output } => self.end_merge(inputs, output)?,
            },
            (_, None) => {}
        }
        self.remove_retired()?;
        Ok(true)
    }

    fn write(&mut self, sealed: &Arc<Sealed>) -> Result<(), IndexError> {
        if !sealed.entries.is_empty() {
            let number = self.manifest.begin_run();
            self.save_manifest()?;
            let mut writer = RunWriter::new(self.layout, number);
            for (key, location) in &sealed.entries {
                writer.push(&*self.store, &(*key, *location))?;
            }
            let run = writer.finish(&*self.store, 0)?;
            self.store.flush()?;
            self.manifest.is_garbage(number, false);
            self.manifest.runs.push(run.record);
            self.manifest.complete_to = Some(sealed.complete_to);
            self.save_manifest()?;
            let mut view = self.shared.view.write();
            view.runs.push(Arc::new(run));
            view.sealed.pop_front();
        } else {
            self.manifest.complete_to = Some(sealed.complete_to);
            self.save_manifest()?;
            self.shared.view.write().sealed.pop_front();
        }
        self.store.flush()?;
        let mut signals = self.shared.signals.lock();
        signals.waiting -= 1;
        signals.complete_to = self.manifest.complete_to;
        self.shared.changed.notify_all();
        Ok(())
    }

    fn level_of_due_merge(&self) -> Option<u32> {
        let levels = self.manifest.runs.iter().map(|run| run.level);
        let highest = levels.clone().max()?;
        (0..=highest).find(|level| {
            levels.clone().filter(|other| other == level).count() >= self.runs_per_level
        })
    }

    fn start_merge_if_due(&mut self) -> Result<(), IndexError> {
        let Some(level) = self.level_of_due_merge().filter(|_| self.merge.is_none()) else {
            return Ok(());
        };
        let number = self.manifest.begin_run();
        self.save_manifest()?;
        let runs = self.shared.view.read().runs.clone();
        let inputs = runs
            .into_iter()
            .filter(|run| run.record.level == level)
            .collect();
        self.merge = Some(Merge::start(
            &*self.store,
            self.layout,
            inputs,
            number,
            level + 1,
        )?);
        Ok(())
    }

    fn end_merge(&mut self, inputs: Vec<Arc<Run>>, output: Run) -> Result<(), IndexError> {
        self.store.flush()?;
        self.manifest.is_garbage(output.record.number, false);
        for input in &inputs {
            self.manifest.is_garbage(input.record.number, true);
        }
        let merged = |number| inputs.iter().any(|input| input.record.number == number);
        self.manifest.runs.retain(|run| !merged(run.number));
        self.manifest.runs.push(output.record);
        self.save_manifest()?;
        self.store.flush()?;
        let mut view = self.shared.view.write();
        view.runs.retain(|run| !merged(run.record.number));
        view.runs.push(Arc::new(output));
        drop(view);
        self.retired.extend(inputs);
        Ok(())
    }

    /// Removes merged runs that no look-up holds any more.
    fn remove_retired(&mut self) -> Result<(), IndexError> {
        let (free, held): (Vec<_>, Vec<_>) = self
            .retired
            .drain(..)
            .partition(|run| Arc::strong_count(run) == 1);
        self.retired = held;
        if free.is_empty() {
            return Ok(());
        }
        for run in free {
            remove_prefix(&*self.store, &run_prefix(self.layout, run.record.number))?;
            self.manifest.is_garbage(run.record.number, false);
        }
        self.save_manifest()
    }

    fn save_manifest(&self) -> Result<(), IndexError> {
        let key = super::sorted_runs::manifest_key(self.layout);
        Ok(self
            .store
            .apply(vec![(key, Some(self.manifest.encode()))])?)
    }
}

/// Tells the waiting when the worker ends.
struct Stopping(Arc<Shared>);

impl Drop for Stopping {
    fn drop(&mut self) {
        let mut signals = self.0.signals.lock();
        signals
            .stopped
            .get_or_insert_with(|| "the writer ended".to_owned());
        self.0.changed.notify_all();
    }
}
