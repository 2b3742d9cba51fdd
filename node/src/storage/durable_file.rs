//! A small file that is replaced as a whole: after a crash it has the old content or the new one.
//!
//! The signer keeps how far it has signed in one. A reader never sees a content that was not written:
//! length and checksum are verified, and a file that fails is reported, not treated as absent.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::Disk;
use crate::limits::storage::DURABLE_FILE_BYTES_MAX;

const MAGIC: &[u8; 8] = b"TALEAFIL";
const HEADER_BYTES: usize = 8 + 32;
const CONTEXT: &str = "talea durable file 2026 content";

/// A failure of a durable file.
#[derive(Debug, thiserror::Error)]
pub enum DurableFileError {
    /// The content is not what was written.
    #[error(
        "{path} is damaged: {reason}; restore it from a copy or remove it if you know it is safe"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: &'static str,
    },
    /// The content is larger than a durable file may be.
    #[error("{bytes} bytes are too many for {path}: at most {DURABLE_FILE_BYTES_MAX}")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes of the content.
        bytes: usize,
    },
    /// The file system refused. After a failed replacement the content is the old or the new one.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// Names a file; every operation opens it anew.
#[derive(Debug, Clone)]
pub struct DurableFile {
    disk: Arc<dyn Disk>,
    path: PathBuf,
}

impl DurableFile {
    /// The durable file at `path`, which need not exist; its directory must.
    pub fn new(disk: &Arc<dyn Disk>, path: &Path) -> DurableFile {
        DurableFile {
            disk: Arc::clone(disk),
            path: path.to_path_buf(),
        }
    }

    /// The content; `None` if the file was never written.
    ///
    /// # Errors
    /// `Damaged` if the content is not one that was written.
    pub fn read(&self) -> Result<Option<Vec<u8>>, DurableFileError> {
        let file = match self.disk.open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(self.failed("open"))?,
        };
        let length = file.length().map_err(self.failed("measure"))?;
        if length > DURABLE_FILE_BYTES_MAX + HEADER_BYTES as u64 {
            return Err(self.damaged("it is too long"));
        }
        let mut bytes = vec![0; length as usize];
        let read = file.read_at(0, &mut bytes).map_err(self.failed("read"))?;
        let header = bytes[..read].first_chunk::<HEADER_BYTES>();
        let header = header.ok_or_else(|| self.damaged("it is too short"))?;
        if &header[..8] != MAGIC {
            return Err(self.damaged("it is not a durable file"));
        }
        if header[8..] != checksum(&bytes[HEADER_BYTES..]) {
            return Err(self.damaged("its checksum is wrong"));
        }
        bytes.drain(..HEADER_BYTES);
        Ok(Some(bytes))
    }

    /// Removes the file, durably; it need not be there.
    ///
    /// # Errors
    /// `Io`.
    pub fn remove(&self) -> Result<(), DurableFileError> {
        match self.disk.remove(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => removed.map_err(self.failed("remove"))?,
        }
        let directory = self.path.parent().unwrap_or(Path::new("."));
        let synced = self.disk.sync_directory(directory);
        synced.map_err(self.failed("make durable the removal of"))
    }

    /// Replaces the content. It is durable when this returns.
    ///
    /// # Errors
    /// After `Io` the content may be the old or the new one; the caller must not rely on either.
    pub fn replace(&self, content: &[u8]) -> Result<(), DurableFileError> {
        if content.len() as u64 > DURABLE_FILE_BYTES_MAX {
            let path = self.path.clone();
            return Err(DurableFileError::TooLarge {
                path,
                bytes: content.len(),
            });
        }
        let mut name = self.path.file_name().unwrap_or_default().to_os_string();
        name.push(".new");
        let temporary = self.path.with_file_name(name);
        match self.disk.remove(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(self.failed("prepare")(error));
            }
            _ => {}
        }
        let mut bytes = Vec::with_capacity(HEADER_BYTES + content.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&checksum(content));
        bytes.extend_from_slice(content);
        let file = self
            .disk
            .create(&temporary)
            .map_err(self.failed("prepare"))?;
        file.write_at(0, &bytes).map_err(self.failed("write"))?;
        file.sync().map_err(self.failed("sync"))?;
        self.disk
            .rename(&temporary, &self.path)
            .map_err(self.failed("replace"))?;
        let directory = self.path.parent().unwrap_or(Path::new("."));
        self.disk
            .sync_directory(directory)
            .map_err(self.failed("sync the directory of"))
    }

    fn damaged(&self, reason: &'static str) -> DurableFileError {
        DurableFileError::Damaged {
            path: self.path.clone(),
            reason,
        }
    }

    fn failed(&self, action: &'static str) -> impl FnOnce(io::Error) -> DurableFileError + use<> {
        let path = self.path.clone();
        move |source| DurableFileError::Io {
            action,
            path,
            source,
        }
    }
}

fn checksum(content: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new_derive_key(CONTEXT)
        .update(content)
        .finalize()
        .as_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::disk::{Crash, Fault, MemDisk};
    use super::*;

    fn file(disk: &MemDisk) -> DurableFile {
        let disk: Arc<dyn Disk> = Arc::new(disk.clone());
        DurableFile::new(&disk, Path::new("/signer/last"))
    }

    #[test]
    fn a_crash_anywhere_leaves_the_old_or_the_new_content() {
        for seed in 0..500 {
            let disk = MemDisk::new();
            file(&disk).replace(b"old").expect("a healthy disk");
            let fault = match seed % 5 {
                0 => Fault::WriteFailsAfter(0),
                1 => Fault::SyncFailsAfter(0),
                2 => Fault::SyncFailsAfter(1),
                3 => Fault::FullAfter(seed % 60),
                _ => Fault::None,
            };
            disk.set_fault(fault);
            let replaced = file(&disk).replace(b"new");
            disk.crash(Crash::Torn(seed));
            let content = file(&disk)
                .read()
                .expect("never damaged")
                .expect("never gone");
            match replaced {
                Ok(()) => assert_eq!(content, b"new"),
                Err(_) => assert!(content == b"old" || content == b"new"),
            }
            file(&disk)
                .replace(b"after")
                .expect("usable after the crash");
        }
    }

    #[test]
    fn a_flipped_bit_is_reported() {
        let disk = MemDisk::new();
        assert_eq!(file(&disk).read().expect("absent"), None);
        file(&disk).replace(b"content").expect("a healthy disk");
        for bit in 0..(HEADER_BYTES as u64 + 7) * 8 {
            assert!(disk.flip_bit(Path::new("/signer/last"), bit));
            assert!(matches!(
                file(&disk).read(),
                Err(DurableFileError::Damaged { .. })
            ));
            assert!(disk.flip_bit(Path::new("/signer/last"), bit));
        }
    }
}
