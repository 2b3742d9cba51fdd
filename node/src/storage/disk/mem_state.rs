//! What a [`super::MemDisk`] holds: files with the history since their last sync, and the faults that
//! wait for them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// What the next operations of a [`super::MemDisk`] run into. Counts are of operations from now on; a
/// fault stays until it is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// Everything works.
    #[default]
    None,
    /// After this many writes, a write stores half of its bytes and fails.
    WriteFailsAfter(u64),
    /// After this many more bytes, the disk is full: a write stores what fits and fails.
    FullAfter(u64),
    /// After this many syncs, a sync fails and leaves the bytes unsynced.
    SyncFailsAfter(u64),
}

/// What a power cut leaves of the bytes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// Nothing that was not synced.
    SyncedOnly,
    /// Everything that was written: the process was killed, the machine went on.
    Everything,
    /// Derived from the seed, for each file by itself: a prefix of its writes, the last one torn at
    /// any byte; sometimes the length without the content; sometimes a sector lost before others
    /// that were kept.
    Torn(u64),
}

#[derive(Debug)]
enum Operation {
    Write {
        offset: usize,
        old: Vec<u8>,
        old_length: usize,
        new: Vec<u8>,
    },
    Truncate {
        length: usize,
        cut: Vec<u8>,
    },
}

/// One file: its content, and the operations since the last sync with what undoes them.
#[derive(Debug, Default)]
pub(super) struct MemFile {
    pub(super) content: Vec<u8>,
    unsynced: Vec<Operation>,
}

impl MemFile {
    pub(super) fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        let old_length = self.content.len();
        if self.content.len() < end {
            self.content.resize(end, 0);
        }
        let old = self.content[offset..end].to_vec();
        self.content[offset..end].copy_from_slice(bytes);
        let new = bytes.to_vec();
        self.unsynced.push(Operation::Write {
            offset,
            old,
            old_length,
            new,
        });
    }

    pub(super) fn truncate(&mut self, length: usize) {
        if length < self.content.len() {
            let cut = self.content.split_off(length);
            self.unsynced.push(Operation::Truncate { length, cut });
        }
    }

    pub(super) fn sync(&mut self) {
        self.unsynced.clear();
    }

    fn crash(&mut self, crash: Crash, random: &mut SplitMix) {
        let mut operations = std::mem::take(&mut self.unsynced);
        if crash == Crash::Everything {
            return;
        }
        for operation in operations.iter_mut().rev() {
            match operation {
                Operation::Write {
                    offset,
                    old,
                    old_length,
                    ..
                } => {
                    self.content[*offset..*offset + old.len()].copy_from_slice(old);
                    self.content.truncate(*old_length);
                }
                Operation::Truncate { cut, .. } => self.content.append(&mut cut.clone()),
            }
        }
        if crash == Crash::SyncedOnly || operations.is_empty() {
            return;
        }
        let kept = random.below(operations.len() as u64 + 1) as usize;
        let damage = random.below(4);
        for (at, operation) in operations.into_iter().enumerate() {
            match operation {
                Operation::Truncate { length, .. } if at < kept => self.truncate(length),
                Operation::Write {
                    offset, mut new, ..
                } if at <= kept => {
                    if at == kept {
                        new.truncate(random.below(new.len() as u64 + 1) as usize);
                    }
                    let sector = random.below(new.len() as u64 + 1) as usize / 512 * 512;
                    match damage {
                        0 => new.fill(0),
                        1 => {
                            let end = new.len().min(sector + 512);
                            new[sector.min(end)..end].fill(0);
                        }
                        _ => {}
                    }
                    self.write(offset, &new);
                }
                _ => {}
            }
        }
        self.unsynced.clear();
    }
}

/// A change of names that was not made durable yet.
#[derive(Debug, Clone)]
pub(super) enum NameChange {
    Put { path: PathBuf, file: u64 },
    Remove { path: PathBuf },
}

#[derive(Debug, Default)]
pub(super) struct MemState {
    pub(super) names: BTreeMap<PathBuf, u64>,
    durable_names: BTreeMap<PathBuf, u64>,
    pending_names: Vec<NameChange>,
    pub(super) files: BTreeMap<u64, MemFile>,
    pub(super) locks: BTreeSet<PathBuf>,
    pub(super) fault: Fault,
    /// Handles and locks from before a crash are dead.
    pub(super) generation: u64,
    next_file: u64,
}

impl MemState {
    pub(super) fn new_file(&mut self, path: &Path) -> u64 {
        let file = self.next_file;
        self.next_file += 1;
        self.files.insert(file, MemFile::default());
        self.change_name(NameChange::Put {
            path: path.to_path_buf(),
            file,
        });
        file
    }

    pub(super) fn change_name(&mut self, change: NameChange) {
        apply_name(&mut self.names, change.clone());
        self.pending_names.push(change);
    }

    pub(super) fn sync_names(&mut self, directory: &Path) {
        let pending = std::mem::take(&mut self.pending_names);
        for change in pending {
            let path = match &change {
                NameChange::Put { path, .. } | NameChange::Remove { path } => path,
            };
            if path.parent() == Some(directory) {
                apply_name(&mut self.durable_names, change);
            } else {
                self.pending_names.push(change);
            }
        }
        self.forget_unnamed();
    }

    pub(super) fn crash(&mut self, crash: Crash) {
        let mut random = SplitMix(match crash {
            Crash::Torn(seed) => seed,
            _ => 0,
        });
        let pending = std::mem::take(&mut self.pending_names);
        let kept = match crash {
            Crash::SyncedOnly => 0,
            Crash::Everything => pending.len(),
            Crash::Torn(_) => random.below(pending.len() as u64 + 1) as usize,
        };
        for change in pending.into_iter().take(kept) {
            apply_name(&mut self.durable_names, change);
        }
        self.names = self.durable_names.clone();
        for file in self.files.values_mut() {
            file.crash(crash, &mut random);
        }
        self.forget_unnamed();
        self.locks.clear();
        self.fault = Fault::None;
        self.generation += 1;
    }

    /// What of a write of `length` bytes is stored, and whether it then fails.
    pub(super) fn on_write(&mut self, length: usize) -> (usize, io::Result<()>) {
        match &mut self.fault {
            Fault::WriteFailsAfter(0) => (length / 2, Err(io::Error::other("injected: write"))),
            Fault::WriteFailsAfter(left) => {
                *left -= 1;
                (length, Ok(()))
            }
            Fault::FullAfter(left) if (*left as usize) < length => {
                let stored = *left as usize;
                *left = 0;
                (stored, Err(io::Error::from(io::ErrorKind::StorageFull)))
            }
            Fault::FullAfter(left) => {
                *left -= length as u64;
                (length, Ok(()))
            }
            _ => (length, Ok(())),
        }
    }

    pub(super) fn on_sync(&mut self) -> io::Result<()> {
        match &mut self.fault {
            Fault::SyncFailsAfter(0) => Err(io::Error::other("injected: sync")),
            Fault::SyncFailsAfter(left) => {
                *left -= 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn forget_unnamed(&mut self) {
        let pending = self.pending_names.iter().filter_map(|change| match change {
            NameChange::Put { file, .. } => Some(*file),
            NameChange::Remove { .. } => None,
        });
        let named: BTreeSet<u64> = self
            .names
            .values()
            .chain(self.durable_names.values())
            .copied()
            .chain(pending)
            .collect();
        self.files.retain(|file, _| named.contains(file));
    }
}

fn apply_name(names: &mut BTreeMap<PathBuf, u64>, change: NameChange) {
    match change {
        NameChange::Put { path, file } => names.insert(path, file),
        NameChange::Remove { path } => names.remove(&path),
    };
}

/// SplitMix64 (Steele, Lea, Flood 2014): enough to choose where a crash tears.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
