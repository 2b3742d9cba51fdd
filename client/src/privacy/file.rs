//! Files with secrets: readable by their owner only, never replaced, bounded.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use super::PrivacyError;

fn refuse(path: &Path, reason: impl std::fmt::Display) -> PrivacyError {
    PrivacyError::File {
        path: path.display().to_string(),
        reason: reason.to_string(),
    }
}

/// Writes a new file that only its owner can read.
///
/// # Errors
/// [`PrivacyError::File`], also when the file exists; nothing is left behind.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), PrivacyError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| refuse(path, error))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // What is half written must not look whole. A failure to remove it adds nothing.
        let _ = fs::remove_file(path);
        refuse(path, error)
    })
}

/// Reads a file of at most so many bytes.
pub(super) fn read(path: &Path, bytes_max: usize) -> Result<Vec<u8>, PrivacyError> {
    let length = fs::metadata(path)
        .map_err(|error| refuse(path, error))?
        .len();
    if length > bytes_max as u64 {
        return Err(refuse(path, format!("it is longer than {bytes_max} bytes")));
    }
    fs::read(path).map_err(|error| refuse(path, error))
}
