//! An entry: a key of fixed length and where it leads.

/// Where a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Height of the block.
    pub height: u64,
    /// Place in the block.
    pub index: u32,
}

/// Longest key of an index; shorter ones are padded with zeros in memory.
pub(super) const KEY_BYTES_MAX: usize = 24;
/// Bytes of a stored location.
pub(super) const LOCATION_BYTES: usize = 12;

pub(super) type EntryKey = [u8; KEY_BYTES_MAX];
pub(super) type Entry = (EntryKey, Location);

/// Which index it is, and how long its keys are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) name: &'static str,
    pub(super) key_bytes: usize,
}

impl Layout {
    pub(super) fn entry_bytes(&self) -> usize {
        self.key_bytes + LOCATION_BYTES
    }

    pub(super) fn encode(&self, (key, location): &Entry, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&key[..self.key_bytes]);
        bytes.extend_from_slice(&location.height.to_be_bytes());
        bytes.extend_from_slice(&location.index.to_be_bytes());
    }

    /// The entry that starts `bytes`, which holds at least one.
    pub(super) fn decode(&self, bytes: &[u8]) -> Entry {
        let (key, location) = bytes.split_at(self.key_bytes);
        let mut height = [0; 8];
        let mut index = [0; 4];
        height.copy_from_slice(&location[..8]);
        index.copy_from_slice(&location[8..LOCATION_BYTES]);
        let location = Location {
            height: u64::from_be_bytes(height),
            index: u32::from_be_bytes(index),
        };
        (pad(key), location)
    }
}

pub(super) fn pad(key: &[u8]) -> EntryKey {
    let mut padded = [0; KEY_BYTES_MAX];
    padded[..key.len()].copy_from_slice(key);
    padded
}
