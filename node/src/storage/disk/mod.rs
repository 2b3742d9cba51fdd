//! The file system as the logs see it: a small trait with a real and an in-memory implementation.
//!
//! The contract is what POSIX promises and no more: written bytes are durable after [`DiskFile::sync`],
//! a created, renamed or removed name after [`Disk::sync_directory`]. [`MemDisk`] takes away everything
//! that was not made durable so, and injects the faults that a real disk has.

mod mem_disk;
mod mem_state;
mod std_disk;

use std::fmt::Debug;
use std::io;
use std::path::Path;

pub use mem_disk::MemDisk;
pub use mem_state::{Crash, Fault};
pub use std_disk::{StdDisk, free_bytes};

/// A directory tree that keeps what was synced.
pub trait Disk: Debug + Send + Sync {
    /// Creates `directory` and what is missing above it, durably.
    fn create_directories(&self, directory: &Path) -> io::Result<()>;

    /// The names of the files in `directory`, sorted.
    fn list(&self, directory: &Path) -> io::Result<Vec<String>>;

    /// Creates a file that must not exist yet, for reading and writing.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Opens an existing file for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Renames a file, replacing the target.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in `directory` durable.
    fn sync_directory(&self, directory: &Path) -> io::Result<()>;

    /// Takes the exclusive lock that the file `path` stands for, until the guard is dropped.
    ///
    /// # Errors
    /// `WouldBlock` when another holder has it.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn DiskLock>>;
}

/// An open file. Reads and writes name their position, so that readers need no lock.
pub trait DiskFile: Debug + Send + Sync {
    /// Length in bytes.
    fn length(&self) -> io::Result<u64>;

    /// Reads up to `buffer.len()` bytes at `offset`; fewer only at the end of the file.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file to `length` bytes.
    fn truncate(&self, length: u64) -> io::Result<()>;

    /// Makes content and length durable.
    fn sync(&self) -> io::Result<()>;
}

/// A held lock.
pub trait DiskLock: Debug + Send + Sync {}
