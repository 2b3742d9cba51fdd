//! A run: sorted entries in the store, found by their fences.
//!
//! ```text
//! index/NAME/run/ number u64 / 'c' | chunk u32    entries
//! index/NAME/run/ number u64 / 'f' | block u32    fences: the first key of each chunk, in order
//! ```

use std::sync::Arc;

use super::IndexError;
use super::chunk::Chunk;
use super::entry::{Entry, EntryKey, Layout, Location, pad};
use super::manifest::RunRecord;
use crate::limits::storage::INDEX_CHUNK_BYTES;
use crate::storage::kv::{Batch, KeyValue};

const BATCH_CHUNKS: usize = 64;

pub(super) fn run_prefix(layout: Layout, number: u64) -> Vec<u8> {
    [
        b"index/",
        layout.name.as_bytes(),
        b"/run/",
        &number.to_be_bytes(),
    ]
    .concat()
}

fn part_key(layout: Layout, run: u64, kind: u8, part: u32) -> Vec<u8> {
    let mut key = run_prefix(layout, run);
    key.push(kind);
    key.extend_from_slice(&part.to_be_bytes());
    key
}

/// A complete run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) record: RunRecord,
    layout: Layout,
    /// First keys of the chunks, without padding, one after the other.
    fences: Vec<u8>,
}

impl Run {
    pub(super) fn load(
        store: &dyn KeyValue,
        layout: Layout,
        record: RunRecord,
    ) -> Result<Run, IndexError> {
        let expected = record.chunks as usize * layout.key_bytes;
        let mut fences = Vec::new();
        let mut block = 0;
        while fences.len() < expected {
            let found = store.get(&part_key(layout, record.number, b'f', block))?;
            fences.extend_from_slice(&found.ok_or_else(|| missing(layout, record.number))?);
            block += 1;
        }
        if fences.len() != expected {
            return Err(missing(layout, record.number));
        }
        Ok(Run {
            record,
            layout,
            fences,
        })
    }

    /// The smallest location of `key` in this run.
    pub(super) fn get(
        &self,
        store: &dyn KeyValue,
        key: &EntryKey,
    ) -> Result<Option<Location>, IndexError> {
        let Some(number) = self.chunk_of(key) else {
            return Ok(None);
        };
        let chunk = self.chunk(store, number)?;
        let found = chunk.get(chunk.lower_bound(key));
        Ok(found
            .filter(|(found, _)| found == key)
            .map(|(_, location)| location))
    }

    /// The chunk that holds `key` if any does.
    fn chunk_of(&self, key: &EntryKey) -> Option<u32> {
        let (mut low, mut high) = (0, self.record.chunks as usize);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.fence(middle) <= &key[..self.layout.key_bytes] {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low.checked_sub(1).map(|chunk| chunk as u32)
    }

    fn fence(&self, chunk: usize) -> &[u8] {
        &self.fences[chunk * self.layout.key_bytes..(chunk + 1) * self.layout.key_bytes]
    }

    fn chunk(&self, store: &dyn KeyValue, number: u32) -> Result<Chunk, IndexError> {
        let bytes = store.get(&part_key(self.layout, self.record.number, b'c', number))?;
        let bytes = bytes.ok_or_else(|| missing(self.layout, self.record.number))?;
        let chunk = Chunk::decode(self.layout, bytes)?;
        if chunk.get(0).map(|(key, _)| key) != Some(pad(self.fence(number as usize))) {
            return Err(missing(self.layout, self.record.number));
        }
        Ok(chunk)
    }
}

fn missing(layout: Layout, run: u64) -> IndexError {
    IndexError::Damaged {
        index: layout.name,
        reason: format!("a part of run {run} is missing"),
    }
}

/// Walks a run from a key on, one chunk in memory.
#[derive(Debug)]
pub(super) struct RunCursor {
    run: Arc<Run>,
    next_chunk: u32,
    chunk: Option<Chunk>,
    at: usize,
}

impl RunCursor {
    pub(super) fn from_key(
        store: &dyn KeyValue,
        run: &Arc<Run>,
        key: &EntryKey,
    ) -> Result<RunCursor, IndexError> {
        let next_chunk = run.chunk_of(key).unwrap_or(0);
        let mut cursor = RunCursor {
            run: Arc::clone(run),
            next_chunk,
            chunk: None,
            at: 0,
        };
        cursor.fill(store)?;
        if let Some(chunk) = &cursor.chunk {
            cursor.at = chunk.lower_bound(key);
        }
        cursor.fill(store)?;
        Ok(cursor)
    }

    pub(super) fn peek(&self) -> Option<Entry> {
        self.chunk.as_ref()?.get(self.at)
    }

    pub(super) fn advance(&mut self, store: &dyn KeyValue) -> Result<(), IndexError> {
        self.at += 1;
        self.fill(store)
    }

    /// Loads the next chunk if this one is used up.
    fn fill(&mut self, store: &dyn KeyValue) -> Result<(), IndexError> {
        let used_up = self
            .chunk
            .as_ref()
            .is_none_or(|chunk| self.at >= chunk.len());
        if used_up {
            self.at = 0;
            self.chunk = None;
            if self.next_chunk < self.run.record.chunks {
                self.chunk = Some(self.run.chunk(store, self.next_chunk)?);
                self.next_chunk += 1;
            }
        }
        Ok(())
    }
}

/// Writes sorted entries as a run, in bounded batches.
#[derive(Debug)]
pub(super) struct RunWriter {
    layout: Layout,
    number: u64,
    chunk: Vec<u8>,
    chunks: u32,
    fences: Vec<u8>,
    batch: Batch,
}

impl RunWriter {
    pub(super) fn new(layout: Layout, number: u64) -> RunWriter {
        let (chunk, fences, batch) = (Vec::new(), Vec::new(), Vec::new());
        RunWriter {
            layout,
            number,
            chunk,
            chunks: 0,
            fences,
            batch,
        }
    }

    /// Adds an entry whose key is above all before it.
    pub(super) fn push(&mut self, store: &dyn KeyValue, entry: &Entry) -> Result<(), IndexError> {
        if self.chunk.len() + self.layout.entry_bytes() > INDEX_CHUNK_BYTES {
            self.end_chunk(store)?;
        }
        if self.chunk.is_empty() {
            self.fences
                .extend_from_slice(&entry.0[..self.layout.key_bytes]);
        }
        self.layout.encode(entry, &mut self.chunk);
        Ok(())
    }

    /// Writes what is left and the fences. The run counts once the manifest names it.
    pub(super) fn finish(mut self, store: &dyn KeyValue, level: u32) -> Result<Run, IndexError> {
        if !self.chunk.is_empty() {
            self.end_chunk(store)?;
        }
        for (block, fences) in (0..).zip(self.fences.chunks(INDEX_CHUNK_BYTES)) {
            let key = part_key(self.layout, self.number, b'f', block);
            self.batch.push((key, Some(fences.to_vec())));
        }
        store.apply(self.batch)?;
        let record = RunRecord {
            number: self.number,
            level,
            chunks: self.chunks,
        };
        Ok(Run {
            record,
            layout: self.layout,
            fences: self.fences,
        })
    }

    fn end_chunk(&mut self, store: &dyn KeyValue) -> Result<(), IndexError> {
        let key = part_key(self.layout, self.number, b'c', self.chunks);
        self.chunks += 1;
        self.batch
            .push((key, Some(std::mem::take(&mut self.chunk))));
        if self.batch.len() >= BATCH_CHUNKS {
            store.apply(std::mem::take(&mut self.batch))?;
        }
        Ok(())
    }
}
