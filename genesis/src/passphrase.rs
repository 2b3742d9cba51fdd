//! Where the passphrase of a key file comes from: a variable, a file or a prompt. Never an argument,
//! which every process on the machine can read. Kept true: it is erased when dropped, never printed.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, Read as _, Write},
    path::{Path, PathBuf},
};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::private_file::open_mode;

/// Fewest bytes of a passphrase for a new key.
pub const PASSPHRASE_BYTES_MIN: usize = 8;

/// A passphrase that protects key files.
pub struct Passphrase(Zeroizing<String>);

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    /// The variable is not set.
    #[error("the environment variable {name} is not set; set it to the passphrase of the key")]
    Variable {
        /// Its name.
        name: String,
    },
    /// The file cannot be read.
    #[error("cannot read the passphrase from {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others can read the file.
    #[error(
        "{} has mode {mode:04o}: others may read the passphrase; run 'chmod 600' on it, and choose another if they \
         could have",
        path.display()
    )]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// No terminal to ask on.
    #[error(
        "cannot ask for a passphrase: {source}; without a terminal, name a variable or a file that holds it"
    )]
    Prompt {
        /// What the system said.
        source: io::Error,
    },
    /// Too short for a new key.
    #[error("the passphrase has {bytes} bytes; use at least {PASSPHRASE_BYTES_MIN}")]
    Short {
        /// Its length.
        bytes: usize,
    },
    /// Two entries differ.
    #[error("the two entries differ; nothing was written; try again")]
    Differ,
}

impl Passphrase {
    /// This passphrase.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The value of an environment variable.
    ///
    /// # Errors
    /// [`PassphraseError::Variable`] when it is not set or not text.
    pub fn from_variable(name: &str) -> Result<Self, PassphraseError> {
        let text = std::env::var(name).map_err(|_| PassphraseError::Variable {
            name: name.to_owned(),
        })?;
        Ok(Self::new(text))
    }

    /// The first line of a file that only its owner may read.
    ///
    /// # Errors
    /// [`PassphraseError::File`], [`PassphraseError::Mode`].
    pub fn from_file(path: &Path) -> Result<Self, PassphraseError> {
        let access = |source| PassphraseError::File {
            path: path.to_owned(),
            source,
        };
        let mut file = File::open(path).map_err(access)?;
        if let Some(mode) = open_mode(&file.metadata().map_err(access)?) {
            return Err(PassphraseError::Mode {
                path: path.to_owned(),
                mode,
            });
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(access)?;
        Ok(Self::new(
            text.lines().next().unwrap_or_default().to_owned(),
        ))
    }

    /// Asks on the terminal, without showing what is typed.
    ///
    /// # Errors
    /// [`PassphraseError::Prompt`] when there is no terminal.
    pub fn prompt(question: &str) -> Result<Self, PassphraseError> {
        ask(question).map_err(|source| PassphraseError::Prompt { source })
    }

    /// Asks twice, for a key that is about to be made.
    ///
    /// # Errors
    /// As [`Passphrase::prompt`]; [`PassphraseError::Differ`]; as [`Passphrase::check_new`].
    pub fn prompt_new(question: &str) -> Result<Self, PassphraseError> {
        let first = Self::prompt(question)?;
        first.check_new()?;
        let second = Self::prompt("Again, to be sure: ")?;
        if first.0 == second.0 {
            Ok(first)
        } else {
            Err(PassphraseError::Differ)
        }
    }

    /// Checks that it is long enough for a new key.
    ///
    /// # Errors
    /// [`PassphraseError::Short`] below [`PASSPHRASE_BYTES_MIN`].
    pub fn check_new(&self) -> Result<(), PassphraseError> {
        if self.0.len() < PASSPHRASE_BYTES_MIN {
            return Err(PassphraseError::Short {
                bytes: self.0.len(),
            });
        }
        Ok(())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(hidden)")
    }
}

fn ask(question: &str) -> io::Result<Passphrase> {
    let terminal = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/tty")?;
    (&terminal).write_all(question.as_bytes())?;
    let shown = tcgetattr(&terminal)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &hidden)?;
    let mut line = Zeroizing::new(String::new());
    let read = io::BufReader::new(&terminal).read_line(&mut line);
    tcsetattr(&terminal, OptionalActions::Flush, &shown)?;
    (&terminal).write_all(b"\n")?;
    read?;
    Ok(Passphrase::new(
        line.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "open sesame\nsecond line\n").unwrap();
        let passphrase = Passphrase::from_file(file.path()).unwrap();
        assert_eq!(passphrase.as_bytes(), b"open sesame");
        assert_eq!(format!("{passphrase:?}"), "Passphrase(hidden)");
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "open sesame\n").unwrap();
        for (mode, is_open) in [(0o644, true), (0o640, true), (0o600, false), (0o400, false)] {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(file.path(), permissions).unwrap();
            let error = Passphrase::from_file(file.path()).err();
            assert_eq!(error.is_some(), is_open, "{mode:o}: {error:?}");
            let text = error.map(|error| error.to_string()).unwrap_or_default();
            assert_eq!(text.contains("chmod 600"), is_open, "{text}");
        }
    }

    #[test]
    fn short_ones_are_refused_for_new_keys() {
        let error = Passphrase::new("1234567".into()).check_new().unwrap_err();
        assert!(matches!(error, PassphraseError::Short { bytes: 7 }));
        Passphrase::new("12345678".into()).check_new().unwrap();
    }
}
