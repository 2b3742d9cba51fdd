//! A disk in memory that can lose power, fill up, fail and rot.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::mem_state::{Crash, Fault, MemState, NameChange};
use super::{Disk, DiskFile, DiskLock};

/// The in-memory [`Disk`] of tests and of the simulator. Clones share one disk. It uses no clock and no
/// randomness of its own: the same calls and the same crash seeds give the same bytes.
#[derive(Debug, Clone, Default)]
pub struct MemDisk {
    state: Arc<Mutex<MemState>>,
}

impl MemDisk {
    /// An empty disk.
    pub fn new() -> MemDisk {
        MemDisk::default()
    }

    /// Cuts the power: open files and locks are dead, and of what was not synced only what `crash`
    /// says is left. Clears the fault.
    pub fn crash(&self, crash: Crash) {
        self.state.lock().crash(crash);
    }

    /// What the next operations run into.
    pub fn set_fault(&self, fault: Fault) {
        self.state.lock().fault = fault;
    }

    /// Flips one bit of a file, durably. Returns whether the file has that bit.
    pub fn flip_bit(&self, path: &Path, bit: u64) -> bool {
        self.edit(path, |content| match content.get_mut((bit / 8) as usize) {
            Some(byte) => {
                *byte ^= 1 << (bit % 8);
                true
            }
            None => false,
        })
        .unwrap_or(false)
    }

    /// Cuts a file, durably. Returns whether it exists.
    pub fn cut(&self, path: &Path, length: u64) -> bool {
        self.edit(path, |content| content.truncate(length as usize))
            .is_some()
    }

    /// The content of a file as a reader sees it now.
    pub fn content(&self, path: &Path) -> Option<Vec<u8>> {
        self.edit(path, |content| content.clone())
    }

    /// Replaces the content of a file, durably. Returns whether it exists.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> bool {
        self.edit(path, |content| bytes.clone_into(content))
            .is_some()
    }

    /// All files, sorted.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.state.lock().names.keys().cloned().collect()
    }

    fn edit<T>(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>) -> T) -> Option<T> {
        let mut state = self.state.lock();
        let file = *state.names.get(path)?;
        state
            .files
            .get_mut(&file)
            .map(|file| change(&mut file.content))
    }

    fn handle(&self, file: u64, generation: u64) -> Box<dyn DiskFile> {
        Box::new(MemHandle {
            state: Arc::clone(&self.state),
            file,
            generation,
        })
    }
}

impl Disk for MemDisk {
    fn create_directories(&self, _directory: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let state = self.state.lock();
        let inside = state
            .names
            .keys()
            .filter(|path| path.parent() == Some(directory));
        Ok(inside
            .filter_map(|path| path.file_name()?.to_str().map(str::to_owned))
            .collect())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state.lock();
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = state.new_file(path);
        Ok(self.handle(file, state.generation))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let state = self.state.lock();
        let file = *state.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(self.handle(file, state.generation))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        let file = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        state.change_name(NameChange::Put {
            path: to.to_path_buf(),
            file,
        });
        state.change_name(NameChange::Remove {
            path: from.to_path_buf(),
        });
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        if !state.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.change_name(NameChange::Remove {
            path: path.to_path_buf(),
        });
        Ok(())
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.on_sync()?;
        state.sync_names(directory);
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn DiskLock>> {
        let mut state = self.state.lock();
        if !state.locks.insert(path.to_path_buf()) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let generation = state.generation;
        let path = path.to_path_buf();
        Ok(Box::new(MemLock {
            state: Arc::clone(&self.state),
            path,
            generation,
        }))
    }
}

#[derive(Debug)]
struct MemHandle {
    state: Arc<Mutex<MemState>>,
    file: u64,
    generation: u64,
}

impl MemHandle {
    fn with<T>(&self, act: impl FnOnce(&mut MemState, u64) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state.lock();
        if state.generation != self.generation || !state.files.contains_key(&self.file) {
            return Err(io::Error::other("this handle did not survive the crash"));
        }
        act(&mut state, self.file)
    }
}

fn content(state: &MemState, file: u64) -> &[u8] {
    state.files.get(&file).map_or(&[], |file| &file.content)
}

impl DiskFile for MemHandle {
    fn length(&self) -> io::Result<u64> {
        self.with(|state, file| Ok(content(state, file).len() as u64))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.with(|state, file| {
            let available = content(state, file).get(offset as usize..).unwrap_or(&[]);
            let count = available.len().min(buffer.len());
            buffer[..count].copy_from_slice(&available[..count]);
            Ok(count)
        })
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.with(|state, file| {
            let (stored, result) = state.on_write(bytes.len());
            if let Some(file) = state.files.get_mut(&file) {
                file.write(offset as usize, &bytes[..stored]);
            }
            result
        })
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.with(|state, file| {
            if let Some(file) = state.files.get_mut(&file) {
                file.truncate(length as usize);
            }
            Ok(())
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.with(|state, file| {
            state.on_sync()?;
            if let Some(file) = state.files.get_mut(&file) {
                file.sync();
            }
            Ok(())
        })
    }
}

#[derive(Debug)]
struct MemLock {
    state: Arc<Mutex<MemState>>,
    path: PathBuf,
    generation: u64,
}

impl DiskLock for MemLock {}

impl Drop for MemLock {
    fn drop(&mut self) {
        let mut state = self.state.lock();
        if state.generation == self.generation {
            state.locks.remove(&self.path);
        }
    }
}
