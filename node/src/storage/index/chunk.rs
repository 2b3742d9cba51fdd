//! A chunk: consecutive entries of a run in one value.

use super::IndexError;
use super::entry::{Entry, EntryKey, Layout};

/// Reads a stored chunk, which must hold at least one whole entry.
#[derive(Debug)]
pub(super) struct Chunk {
    layout: Layout,
    bytes: Vec<u8>,
}

impl Chunk {
    pub(super) fn decode(layout: Layout, bytes: Vec<u8>) -> Result<Chunk, IndexError> {
        if bytes.is_empty() || !bytes.len().is_multiple_of(layout.entry_bytes()) {
            let reason = format!("a chunk has {} bytes", bytes.len());
            return Err(IndexError::Damaged {
                index: layout.name,
                reason,
            });
        }
        Ok(Chunk { layout, bytes })
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len() / self.layout.entry_bytes()
    }

    pub(super) fn get(&self, at: usize) -> Option<Entry> {
        let bytes = self.bytes.get(at * self.layout.entry_bytes()..)?;
        (!bytes.is_empty()).then(|| self.layout.decode(bytes))
    }

    /// Place of the first entry whose key is not below `key`.
    pub(super) fn lower_bound(&self, key: &EntryKey) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle) {
                Some((found, _)) if found < *key => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }
}
