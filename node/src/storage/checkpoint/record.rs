//! The checkpoint record and the intent to replace it.

use std::collections::BTreeMap;

use super::CheckpointError;

pub(super) const RECORD_KEY: &[u8] = b"checkpoint/record";
pub(super) const INTENT_KEY: &[u8] = b"checkpoint/intent";
pub(super) const PREFIX: &[u8] = b"checkpoint/";

/// What a complete checkpoint consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) height: u64,
    pub(super) root: [u8; 32],
    /// Objects in all pages.
    pub(super) objects: u64,
    /// For each bucket that has a page, the height that wrote it.
    pub(super) pages: BTreeMap<u16, u64>,
}

impl Record {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(48 + self.pages.len() * 10);
        bytes.extend_from_slice(&self.height.to_be_bytes());
        bytes.extend_from_slice(&self.root);
        bytes.extend_from_slice(&self.objects.to_be_bytes());
        encode_pages(&self.pages, &mut bytes);
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Record, CheckpointError> {
        decode_record(bytes).ok_or_else(|| CheckpointError::damaged("its record is unreadable"))
    }
}

/// Pages that a new checkpoint writes, and the versions that go with the old one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Intent {
    /// Height of the new checkpoint, and version of all its new pages.
    pub(super) height: u64,
    /// Buckets of the new pages, with the version superseded.
    pub(super) superseded: BTreeMap<u16, u64>,
    /// Buckets of new pages that supersede nothing.
    pub(super) added: Vec<u16>,
}

impl Intent {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = self.height.to_be_bytes().to_vec();
        bytes.extend_from_slice(&(self.added.len() as u32).to_be_bytes());
        for bucket in &self.added {
            bytes.extend_from_slice(&bucket.to_be_bytes());
        }
        encode_pages(&self.superseded, &mut bytes);
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Intent, CheckpointError> {
        decode_intent(bytes).ok_or_else(|| CheckpointError::damaged("its intent is unreadable"))
    }
}

fn encode_pages(pages: &BTreeMap<u16, u64>, bytes: &mut Vec<u8>) {
    for (bucket, height) in pages {
        bytes.extend_from_slice(&bucket.to_be_bytes());
        bytes.extend_from_slice(&height.to_be_bytes());
    }
}

fn decode_pages(bytes: &[u8]) -> Option<BTreeMap<u16, u64>> {
    let (entries, rest) = bytes.as_chunks::<10>();
    let mut pages = BTreeMap::new();
    for entry in entries {
        let (bucket, height) = entry.split_first_chunk::<2>()?;
        pages.insert(
            u16::from_be_bytes(*bucket),
            u64::from_be_bytes(*height.first_chunk()?),
        );
    }
    rest.is_empty().then_some(pages)
}

fn decode_record(bytes: &[u8]) -> Option<Record> {
    let (height, rest) = bytes.split_first_chunk()?;
    let (root, rest) = rest.split_first_chunk()?;
    let (objects, rest) = rest.split_first_chunk()?;
    Some(Record {
        height: u64::from_be_bytes(*height),
        root: *root,
        objects: u64::from_be_bytes(*objects),
        pages: decode_pages(rest)?,
    })
}

fn decode_intent(bytes: &[u8]) -> Option<Intent> {
    let (height, rest) = bytes.split_first_chunk()?;
    let (count, rest) = rest.split_first_chunk()?;
    let added_bytes = (u32::from_be_bytes(*count) as usize).checked_mul(2)?;
    let (added, rest) = rest.split_at_checked(added_bytes)?;
    Some(Intent {
        height: u64::from_be_bytes(*height),
        superseded: decode_pages(rest)?,
        added: added
            .as_chunks()
            .0
            .iter()
            .map(|bucket| u16::from_be_bytes(*bucket))
            .collect(),
    })
}
