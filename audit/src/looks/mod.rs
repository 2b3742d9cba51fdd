//! The log of looks: who looked at a debtor's file through this desk, when, at what.
//!
//! A text file, one JSON object a line, each with the hash of all lines before it. Kept true: one process writes it;
//! a look is on the disk before what was looked at leaves the desk; a line that was altered, left out, doubled or moved is found
//! when the log is read. What a chain cannot show by itself is that its end was cut off: each look is answered
//! with its number and hash, so that whoever kept those, or wrote the newest down, can ask for them
//! ([`Looks::check_holds`]).

mod line;
mod of_debtor;

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use talea_types::{AccountId, Hash, Subject};

use crate::limits::LOOKS_PLACED_MAX;
use line::Place;
use of_debtor::Places;
pub use of_debtor::{LookPlace, LooksOfDebtor};

/// A look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its place in the log, from 1.
    pub number: u64,
    /// When, by the clock of the desk, milliseconds since 1970.
    pub time_ms: u64,
    /// The newest verified block.
    pub height: u64,
    /// Who looked.
    pub reader: Subject,
    /// At whose file.
    pub debtor: AccountId,
    /// At what of it: the debtor's own record, a loan, a case.
    pub subject: Subject,
    /// Which page or file it was for.
    pub shown: String,
}

/// What a reader keeps of its look: the log that holds it has this hash at this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookHead {
    /// How many looks there are up to this one.
    pub number: u64,
    /// Hash over all of them.
    pub hash: Hash,
}

/// A log that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LooksError {
    /// The file cannot be read or written.
    #[error("the log of looks {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        reason: io::Error,
    },
    /// Another desk writes it.
    #[error(
        "another desk writes the log of looks {path}: end that desk first, or give this one an index and a log of its \
         own (--index, --looks)"
    )]
    Held {
        /// The file.
        path: String,
    },
    /// It is not what was written.
    #[error(
        "the log of looks {path} was altered: line {line} {reason}. Keep the file as it is, for whoever finds out \
         what happened, and name another one"
    )]
    Altered {
        /// The file.
        path: String,
        /// The first line that is not what was written, from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A look that was made is not in it.
    #[error(
        "the log of looks {path} does not hold look {number} with hash {hash}: it was cut off or written anew"
    )]
    Missing {
        /// The file.
        path: String,
        /// Number of the look.
        number: u64,
        /// The hash that was given for it.
        hash: Hash,
    },
}

/// The log of looks of a desk.
#[derive(Debug)]
pub struct Looks {
    path: PathBuf,
    file: File,
    length: u64,
    head: LookHead,
    /// Whether a write failed: what the file holds then is not known, and nothing is written after it.
    is_broken: bool,
    /// Where the newest stand in the file, bounded.
    places: Places,
}

impl Looks {
    /// Opens a log and verifies all of it, or begins one; it is this process's alone until it is dropped. A last line that was never finished is of a look whose
    /// answer never left: it is dropped.
    ///
    /// # Errors
    /// [`LooksError`].
    pub fn open(path: &Path) -> Result<Self, LooksError> {
        let failed = |reason| LooksError::File {
            path: path.display().to_string(),
            reason,
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(failed)?;
        // Before anything is read or cut off: who writes it now has lines that are not finished.
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => LooksError::Held {
                path: path.display().to_string(),
            },
            TryLockError::Error(reason) => failed(reason),
        })?;
        let mut places = Places::at_most(LOOKS_PLACED_MAX);
        let (head, length) = line::read(path, |look, _, place| places.add(&look, place))?;
        file.set_len(length).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        if let Some(directory) = path.parent().filter(|one| !one.as_os_str().is_empty()) {
            // That the file is there survives a power cut too.
            File::open(directory)
                .and_then(|directory| directory.sync_all())
                .map_err(failed)?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            length,
            head,
            is_broken: false,
            places,
        })
    }

    /// The newest look.
    #[must_use]
    pub const fn head(&self) -> LookHead {
        self.head
    }

    /// Writes a look; when this returns it is on the disk. Its number is given here.
    ///
    /// # Errors
    /// [`LooksError::File`]: then nothing may be shown, and no later look is written either. Whoever opens the log
    /// again finds out what it holds.
    pub fn append(&mut self, look: Look) -> Result<LookHead, LooksError> {
        let number = self.head.number + 1;
        let look = Look { number, ..look };
        let (line, hash) = look.line(&self.head.hash);
        let written = (|| {
            if self.is_broken {
                return Err(io::Error::other("an earlier look could not be written"));
            }
            self.file.seek(SeekFrom::Start(self.length))?;
            self.file.write_all(line.as_bytes())?;
            self.file.sync_data()
        })();
        written.map_err(|reason| {
            self.is_broken = true;
            LooksError::File {
                path: self.path.display().to_string(),
                reason,
            }
        })?;
        self.places
            .add(&look, Place::of(self.length, line.as_bytes()));
        self.length += line.len() as u64;
        self.head = LookHead { number, hash };
        Ok(self.head)
    }

    /// Reads a log to its end and tells each look, verified.
    ///
    /// # Errors
    /// [`LooksError`].
    pub fn read(path: &Path, mut on_look: impl FnMut(&Look)) -> Result<LookHead, LooksError> {
        line::read(path, |look, _, _| on_look(&look)).map(|(head, _)| head)
    }

    /// Checks that a log holds a look that was made.
    ///
    /// # Errors
    /// [`LooksError`].
    pub fn check_holds(path: &Path, wanted: LookHead) -> Result<(), LooksError> {
        let mut holds = false;
        line::read(path, |look, hash, _| {
            holds |= look.number == wanted.number && hash == wanted.hash;
        })?;
        let LookHead { number, hash } = wanted;
        holds.then_some(()).ok_or_else(|| LooksError::Missing {
            path: path.display().to_string(),
            number,
            hash,
        })
    }
}

impl Default for LookHead {
    fn default() -> Self {
        Self {
            number: 0,
            hash: Hash([0; 32]),
        }
    }
}

impl std::fmt::Display for LookHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

impl std::str::FromStr for LookHead {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a look is NUMBER:HASH, as the desk gave it";
        let (number, hash) = text.split_once(':').ok_or(FORM)?;
        Ok(Self {
            number: number.parse().map_err(|_| FORM)?,
            hash: hash.parse().map_err(|_| FORM)?,
        })
    }
}

impl Look {
    /// As JSON, for people and programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "number": self.number,
            "time_ms": self.time_ms,
            "height": self.height,
            "reader": self.reader.to_string(),
            "debtor": self.debtor.to_string(),
            "subject": self.subject.to_string(),
            "shown": self.shown,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use talea_types::ParticipantId;

    fn look(debtor: u8) -> Look {
        let debtor = AccountId::from_bytes([debtor; 16]);
        Look {
            number: 0,
            time_ms: 1_790_000_000_000,
            height: 12,
            reader: Subject::Participant(ParticipantId::from_bytes([7; 16])),
            debtor,
            subject: Subject::Debtor(debtor),
            shown: "case file".to_owned(),
        }
    }

    #[test]
    fn looks_outlive_the_desk_and_a_torn_last_line_is_dropped() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("looks");
        let mut looks = Looks::open(&path).unwrap();
        let first = looks.append(look(1)).unwrap();
        looks.append(look(2)).unwrap();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], b"{\"hash\":\"12"].concat()).unwrap();
        let head = looks.head();
        drop(looks);
        let mut again = Looks::open(&path).unwrap();
        assert_eq!(again.head(), head);
        let third = again.append(look(1)).unwrap();
        assert_eq!(third.number, 3);
        drop(again);
        assert_eq!(Looks::open(&path).unwrap().head(), third);
        for head in [first, third] {
            assert_eq!(head.to_string().parse(), Ok(head));
            Looks::check_holds(&path, head).unwrap();
        }
    }

    #[test]
    fn one_process_writes_a_log_and_the_other_changes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("looks");
        let mut looks = Looks::open(&path).unwrap();
        looks.append(look(1)).unwrap();
        // As if the first were in the middle of a line.
        let unfinished = [fs::read(&path).unwrap(), b"{\"hash\"".to_vec()].concat();
        fs::write(&path, &unfinished).unwrap();
        let refused = Looks::open(&path).unwrap_err();
        assert!(matches!(refused, LooksError::Held { .. }));
        assert!(
            refused
                .to_string()
                .contains("another desk writes the log of looks")
        );
        assert_eq!(fs::read(&path).unwrap(), unfinished);
        // Reading needs no turn.
        assert_eq!(Looks::read(&path, |_| {}).unwrap(), looks.head());
        drop(looks);
        Looks::open(&path).unwrap();
    }

    #[test]
    fn after_a_write_that_failed_nothing_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("looks");
        let mut looks = Looks::open(&path).unwrap();
        let head = looks.append(look(1)).unwrap();
        let good = std::mem::replace(&mut looks.file, File::open(&path).unwrap());
        let refused = looks.append(look(1));
        assert!(matches!(refused, Err(LooksError::File { .. })));
        // Also not when the disk is well again.
        looks.file = good;
        assert!(looks.append(look(2)).is_err());
        assert_eq!(looks.head(), head);
        drop(looks);
        assert_eq!(Looks::open(&path).unwrap().head(), head);
    }

    #[test]
    fn no_byte_can_be_altered_and_no_line_moved() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("looks");
        let mut looks = Looks::open(&path).unwrap();
        for debtor in [1, 2, 3] {
            looks.append(look(debtor)).unwrap();
        }
        let last = looks.head();
        drop(looks);
        let whole = fs::read(&path).unwrap();
        let refused = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            matches!(Looks::open(&path), Err(LooksError::Altered { .. }))
        };
        for at in 0..whole.len() - 1 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            assert!(refused(&bytes), "byte {at}");
        }
        let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
        assert!(refused(&[lines[1], lines[2]].concat()));
        assert!(refused(&[lines[0], lines[2]].concat()));
        assert!(refused(&[lines[0], lines[0], lines[1]].concat()));
        assert!(refused(&[lines[1], lines[0], lines[2]].concat()));
        // Cut at a line, the rest holds; who knows of the last look finds it out.
        fs::write(&path, [lines[0], lines[1]].concat()).unwrap();
        assert_eq!(Looks::open(&path).unwrap().head().number, 2);
        let missing = Looks::check_holds(&path, last);
        assert!(matches!(
            missing,
            Err(LooksError::Missing { number: 3, .. })
        ));
    }
}
