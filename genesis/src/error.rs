//! Why a document could not be read, written or accepted.

use std::path::PathBuf;

use crate::problem::Problems;

/// A document that cannot be used, or a file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum GenesisError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// More bytes than any document needs.
    #[error("{what} is larger than {max} bytes; is it the right file?")]
    TooLarge {
        /// The document.
        what: String,
        /// The limit in bytes.
        max: usize,
    },
    /// Not TOML, a field that is not known, or a value of another kind than its field's.
    #[error("{what} is not a valid document; correct this and try again:\n{reason}")]
    Syntax {
        /// The document.
        what: String,
        /// Where and why, with the line.
        reason: String,
    },
    /// It can be read, but what it says is not valid.
    #[error("the document has these problems:\n{problems}")]
    Invalid {
        /// All of them.
        problems: Problems,
    },
    /// It is valid, but not yet signed by everybody whose signature it needs.
    #[error("the document is not complete, a node must not start from it:\n{missing}")]
    Incomplete {
        /// Every signature that is missing.
        missing: Problems,
    },
    /// Two files that should belong together do not.
    #[error("{reason}")]
    Mismatch {
        /// What differs, and what to do.
        reason: String,
    },
}

impl GenesisError {
    /// The result of a check: fine when there are no problems.
    pub(crate) fn refuse(problems: Problems) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self::Invalid { problems })
        }
    }
}
