//! What the storage tests share.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use talea_node::storage::block_log::{BlockLog, BlockLogError, BlockLogOptions};
use talea_node::storage::disk::{Disk, MemDisk};
use talea_node::storage::framed_log::{LogError, Opened};

/// SplitMix64: a seed gives the same run everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

pub fn directory() -> PathBuf {
    PathBuf::from("/node/blocks")
}

pub fn shared(disk: &MemDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

pub fn hash(height: u64, round: u64) -> [u8; 32] {
    let mut hash = [7; 32];
    hash[..8].copy_from_slice(&height.to_le_bytes());
    hash[8..16].copy_from_slice(&round.to_le_bytes());
    hash
}

/// Content that follows from height and round, of a size that does too.
pub fn body(height: u64, round: u64) -> Vec<u8> {
    let mut random = Random(height << 8 | round);
    let length = random.below(400);
    (0..length).map(|_| random.next() as u8).collect()
}

pub fn certificate(height: u64) -> Vec<u8> {
    format!("certificate of {height}").into_bytes()
}

pub fn options(segment_bytes: u32) -> BlockLogOptions {
    BlockLogOptions {
        segment_bytes,
        segments_verified: 3,
        ..BlockLogOptions::new([9; 16])
    }
}

pub fn open_blocks(
    disk: &Arc<dyn Disk>,
    at: &Path,
    segment_bytes: u32,
) -> Result<(BlockLog, Opened), BlockLogError> {
    BlockLog::open(disk, at, options(segment_bytes))
}

/// Appends a whole decided block; durable after the next sync.
pub fn append_block(log: &mut BlockLog, height: u64, round: u64) -> Result<(), BlockLogError> {
    log.append_body(height, hash(height, round), &body(height, round))?;
    log.append_commit(height, hash(height, round), &certificate(height))
}

/// A log with `heights` synced blocks, closed again.
pub fn written_log(heights: u64, segment_bytes: u32) -> MemDisk {
    let disk = MemDisk::new();
    let (mut log, _) = open_blocks(&shared(&disk), &directory(), segment_bytes).expect("new");
    for height in 1..=heights {
        append_block(&mut log, height, 0).expect("a healthy disk");
        log.sync().expect("a healthy disk");
    }
    disk
}

/// Asserts that every block of the log reads as it was written, in round 0.
pub fn assert_intact(log: &BlockLog, heights: u64) {
    for height in 1..=heights {
        let block = log.block(height).expect("readable").expect("present");
        assert_eq!(block.header_hash, hash(height, 0));
        assert_eq!(block.body, body(height, 0));
        assert_eq!(block.certificate, certificate(height));
    }
}

/// The same files on another disk.
pub fn copy(disk: &MemDisk) -> MemDisk {
    let copied = MemDisk::new();
    for path in disk.paths() {
        write(&copied, &path, &disk.content(&path).expect("there"));
    }
    copied
}

/// A file that was not there, durably.
pub fn write(disk: &MemDisk, path: &Path, content: &[u8]) {
    let file = disk.create(path).expect("new");
    file.write_at(0, content).expect("writes");
    file.sync().expect("syncs");
    disk.sync_directory(path.parent().expect("a directory"))
        .expect("syncs");
}

pub fn is_damage(error: &BlockLogError) -> bool {
    matches!(error, BlockLogError::Log(LogError::Damaged { .. }))
}

/// Its panics are expected here; all others are still reported.
pub fn silence_sled() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic
            .location()
            .is_some_and(|location| location.file().contains("sled-0.34"))
        {
            report(panic);
        }
    }));
}

/// Copies a directory and what is in it.
pub fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("creates");
    for entry in fs::read_dir(from).expect("lists") {
        let entry = entry.expect("lists");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("known").is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copies");
        }
    }
}

/// Damages one file of a sled directory: cuts it, zeroes a page or flips a bit.
pub fn damage(directory: &Path, random: &mut Random) {
    let name = if random.below(8) == 0 { "conf" } else { "db" };
    let path = directory.join(name);
    let mut bytes = fs::read(&path).expect("reads");
    let at = random.below(bytes.len() as u64) as usize;
    match random.below(4) {
        0 => bytes.truncate(at),
        1 => {
            let end = bytes.len().min(at + 4096);
            bytes[at..end].fill(0);
        }
        _ => bytes[at] ^= 1 << random.below(8),
    }
    fs::write(path, bytes).expect("writes");
}
