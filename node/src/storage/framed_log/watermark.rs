//! The watermark: how far the log was synced, in a file of its own.
//!
//! Two slots a sector apart are written in turn, so that a torn write leaves the other. A slot is
//! written after a sync returned: it may be too old, never too new.

use std::io;
use std::path::Path;

use super::format::{array_at, u64_at};
use crate::storage::disk::{Disk, DiskFile};

pub(super) const WATERMARK_NAME: &str = "watermark";
const SLOT_BYTES: usize = 40;
const SLOT_DISTANCE: usize = 4096;
const CONTEXT: &str = "talea framed log 2026 watermark";

/// Everything before this position was synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Synced {
    pub(super) segment: u64,
    pub(super) offset: u64,
}

#[derive(Debug)]
pub(super) struct Watermark {
    file: Box<dyn DiskFile>,
    counter: u64,
}

impl Watermark {
    /// Creates the file with both slots at `synced`, durably.
    pub(super) fn create(
        disk: &dyn Disk,
        directory: &Path,
        synced: Synced,
    ) -> io::Result<Watermark> {
        let path = directory.join(WATERMARK_NAME);
        let mut watermark = Watermark {
            file: disk.create(&path)?,
            counter: 0,
        };
        watermark.write(synced)?;
        watermark.write(synced)?;
        watermark.file.sync()?;
        disk.sync_directory(directory)?;
        Ok(watermark)
    }

    /// Opens the file; `None` for the position if neither slot is valid.
    pub(super) fn open(
        disk: &dyn Disk,
        directory: &Path,
    ) -> io::Result<(Watermark, Option<Synced>)> {
        let file = disk.open(&directory.join(WATERMARK_NAME))?;
        let mut newest: Option<(u64, Synced)> = None;
        for slot in 0..2 {
            let mut bytes = [0; SLOT_BYTES];
            let read = file.read_at(slot * SLOT_DISTANCE as u64, &mut bytes)?;
            if read == SLOT_BYTES
                && bytes[24..] == checksum(&bytes[..24])
                && newest.is_none_or(|(counter, _)| counter < u64_at(&bytes, 0))
            {
                let synced = Synced {
                    segment: u64_at(&bytes, 8),
                    offset: u64_at(&bytes, 16),
                };
                newest = Some((u64_at(&bytes, 0), synced));
            }
        }
        let counter = newest.map_or(0, |(counter, _)| counter.saturating_add(1));
        Ok((
            Watermark { file, counter },
            newest.map(|(_, synced)| synced),
        ))
    }

    /// Notes that everything before `synced` is durable.
    pub(super) fn write(&mut self, synced: Synced) -> io::Result<()> {
        let bytes = slot_of(self.counter, synced);
        let slot = self.counter % 2;
        self.counter = self.counter.saturating_add(1);
        self.file.write_at(slot * SLOT_DISTANCE as u64, &bytes)
    }

    /// Whether nothing valid was found or written yet.
    pub(super) fn is_new(&self) -> bool {
        self.counter == 0
    }

    /// Makes what was written durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
}

fn slot_of(counter: u64, synced: Synced) -> [u8; SLOT_BYTES] {
    let mut bytes = [0; SLOT_BYTES];
    bytes[..8].copy_from_slice(&counter.to_le_bytes());
    bytes[8..16].copy_from_slice(&synced.segment.to_le_bytes());
    bytes[16..24].copy_from_slice(&synced.offset.to_le_bytes());
    let checksum = checksum(&bytes[..24]);
    bytes[24..].copy_from_slice(&checksum);
    bytes
}

/// The bytes of a watermark whose slots say this, whatever it is: counter, segment and offset.
#[must_use]
pub fn watermark_of(slots: [(u64, u64, u64); 2]) -> Vec<u8> {
    let slots = slots
        .map(|(counter, segment, offset)| slot_of(counter, Synced { segment, offset }).to_vec());
    let [mut bytes, second] = slots;
    bytes.resize(SLOT_DISTANCE, 0);
    [bytes, second].concat()
}

fn checksum(bytes: &[u8]) -> [u8; 16] {
    let hash = *blake3::Hasher::new_derive_key(CONTEXT)
        .update(bytes)
        .finalize()
        .as_bytes();
    array_at(&hash, 0)
}
