//! Merges the runs of one level into one of the next, a few entries at a time, so that the worker can
//! write new runs in between.

use std::sync::Arc;

use super::IndexError;
use super::entry::{Entry, KEY_BYTES_MAX, Layout};
use super::run::{Run, RunCursor, RunWriter};
use crate::storage::kv::KeyValue;

#[derive(Debug)]
pub(super) struct Merge {
    pub(super) inputs: Vec<Arc<Run>>,
    cursors: Vec<RunCursor>,
    output: RunWriter,
    level: u32,
}

/// Whether a merge goes on.
#[derive(Debug)]
pub(super) enum Progress {
    Working(Merge),
    Done { inputs: Vec<Arc<Run>>, output: Run },
}

impl Merge {
    pub(super) fn start(
        store: &dyn KeyValue,
        layout: Layout,
        inputs: Vec<Arc<Run>>,
        number: u64,
        level: u32,
    ) -> Result<Merge, IndexError> {
        let first = [0; KEY_BYTES_MAX];
        let cursors = inputs
            .iter()
            .map(|run| RunCursor::from_key(store, run, &first))
            .collect::<Result<_, _>>()?;
        Ok(Merge {
            inputs,
            cursors,
            output: RunWriter::new(layout, number),
            level,
        })
    }

    /// Merges about `entries` more.
    pub(super) fn step(
        mut self,
        store: &dyn KeyValue,
        entries: usize,
    ) -> Result<Progress, IndexError> {
        for _ in 0..entries {
            match take_smallest(store, &mut self.cursors)? {
                Some(entry) => self.output.push(store, &entry)?,
                None => {
                    let output = self.output.finish(store, self.level)?;
                    return Ok(Progress::Done {
                        inputs: self.inputs,
                        output,
                    });
                }
            }
        }
        Ok(Progress::Working(self))
    }
}

/// The entry with the smallest key at any cursor, with its first occurrence; every cursor steps over
/// that key.
pub(super) fn take_smallest(
    store: &dyn KeyValue,
    cursors: &mut [RunCursor],
) -> Result<Option<Entry>, IndexError> {
    let smallest = cursors.iter().filter_map(RunCursor::peek).min();
    if let Some((key, _)) = smallest {
        for cursor in cursors {
            if cursor.peek().is_some_and(|(other, _)| other == key) {
                cursor.advance(store)?;
            }
        }
    }
    Ok(smallest)
}
