//! The index: verified blocks, one row for each thing that is asked for, in an embedded SQLite file.
//!
//! Kept true: a block's rows, the state after it and the new tip are written in one transaction, so that
//! every block is in the index exactly once, whatever moment the process is killed at. All rows follow from
//! the blocks: two indexes of one chain have the same [digest](Index::digest).

mod digest;
mod read;
mod write;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use talea_types::{BlockHash, ChainId, DecodeError, Hash};

use crate::{Tip, chain::ResumeError};

pub use digest::Digest;
pub use read::{BlockRow, OutcomeTotal, Totals};

/// Of the tables. An index of another version is made again with `reindex`.
const SCHEMA_VERSION: u8 = 1;
/// How long another process may hold the file.
const BUSY_MAX: Duration = Duration::from_secs(10);

/// An index in a file.
pub struct Index {
    path: PathBuf,
    connection: Connection,
}

/// An index that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// SQLite refuses.
    #[error("the index {path}: {reason}")]
    Store {
        /// Its file.
        path: String,
        /// What SQLite says.
        reason: rusqlite::Error,
    },
    /// There is none.
    #[error("there is no index {path}; 'talea-audit follow' makes one")]
    Missing {
        /// The file.
        path: String,
    },
    /// It is of another network.
    #[error("the index {path} is of network {found}; the genesis document is of {expected}")]
    OtherNetwork {
        /// Its file.
        path: String,
        /// That of the genesis document.
        expected: ChainId,
        /// That of the index.
        found: ChainId,
    },
    /// Made by another version.
    #[error(
        "the index {path} has tables of version {found}, this program has {SCHEMA_VERSION}; make it \
         again from its blocks with 'talea-audit reindex'"
    )]
    OtherVersion {
        /// Its file.
        path: String,
        /// Its version.
        found: u8,
    },
    /// What it holds is no state.
    #[error("the index {path} is damaged: {reason}; make it again with 'talea-audit reindex'")]
    Damaged {
        /// Its file.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

impl Index {
    /// Opens the index of a network, or makes one without blocks.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn open_or_create(path: &Path, chain: &ChainId) -> Result<Self, IndexError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let index = Self::connect(path, flags)?;
        let tables: u32 = index.ask("SELECT count(*) FROM sqlite_schema")?;
        if tables == 0 {
            index.create(chain)?;
        }
        index.check(Some(chain))?;
        Ok(index)
    }

    /// Opens an index for reading, of whatever network.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        if !path.is_file() {
            let path = path.display().to_string();
            return Err(IndexError::Missing { path });
        }
        let index = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        index.check(None)?;
        Ok(index)
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The network that it is of.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn chain(&self) -> Result<ChainId, IndexError> {
        let bytes = self.meta("chain")?;
        let bytes: [u8; 32] = bytes
            .try_into()
            .map_err(|_| self.damaged("its network is not 32 bytes"))?;
        Ok(ChainId::new(Hash(bytes)))
    }

    /// Height of the newest block in it; 0 when it has none.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn height(&self) -> Result<u64, IndexError> {
        let newest: i64 = self.ask("SELECT coalesce(max(height), 0) FROM block")?;
        Ok(newest.unsigned_abs())
    }

    /// The newest block in it; `None` when it has none.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn tip(&self) -> Result<Option<Tip>, IndexError> {
        let newest = "SELECT height, hash FROM block ORDER BY height DESC LIMIT 1";
        let row = self
            .connection
            .query_row(newest, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional();
        let Some((height, hash)) = self.done(row)? else {
            return Ok(None);
        };
        let height: i64 = height;
        let hash: [u8; 32] = hash;
        let validators = self.meta("validators")?;
        let hash = BlockHash::new(Hash(hash));
        Tip::from_kept(height.unsigned_abs(), hash, &validators)
            .map(Some)
            .map_err(|error: DecodeError| self.damaged(&error.to_string()))
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, IndexError> {
        let opened = || {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY_MAX)?;
            if flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) {
                connection.pragma_update(None, "journal_mode", "WAL")?;
                // What a power cut takes with it is fetched and verified again.
                connection.pragma_update(None, "synchronous", "NORMAL")?;
            }
            connection.set_prepared_statement_cache_capacity(64);
            Ok(connection)
        };
        let path = path.to_owned();
        match opened() {
            Ok(connection) => Ok(Self { path, connection }),
            Err(reason) => Err(IndexError::Store {
                path: path.display().to_string(),
                reason,
            }),
        }
    }

    fn create(&self, chain: &ChainId) -> Result<(), IndexError> {
        let made = || {
            let transaction = self.connection.unchecked_transaction()?;
            transaction.execute_batch(include_str!("schema.sql"))?;
            let meta = "INSERT INTO meta (name, value) VALUES (?1, ?2)";
            transaction.execute(meta, ("chain", &chain.as_bytes()[..]))?;
            transaction.execute(meta, ("schema", &[SCHEMA_VERSION][..]))?;
            transaction.commit()
        };
        self.done(made())
    }

    fn check(&self, chain: Option<&ChainId>) -> Result<(), IndexError> {
        let found = self.meta("schema")?.first().copied().unwrap_or_default();
        let path = self.path.display().to_string();
        if found != SCHEMA_VERSION {
            return Err(IndexError::OtherVersion { path, found });
        }
        let found = self.chain()?;
        match chain.filter(|expected| **expected != found) {
            Some(expected) => Err(IndexError::OtherNetwork {
                path,
                expected: *expected,
                found,
            }),
            None => Ok(()),
        }
    }

    fn meta(&self, name: &str) -> Result<Vec<u8>, IndexError> {
        let ask = "SELECT value FROM meta WHERE name = ?1";
        self.done(self.connection.query_row(ask, [name], |row| row.get(0)))
    }

    fn ask<T: rusqlite::types::FromSql>(&self, question: &str) -> Result<T, IndexError> {
        self.done(self.connection.query_row(question, [], |row| row.get(0)))
    }

    fn done<T>(&self, result: rusqlite::Result<T>) -> Result<T, IndexError> {
        result.map_err(|reason| IndexError::Store {
            path: self.path.display().to_string(),
            reason,
        })
    }

    fn damaged(&self, reason: &str) -> IndexError {
        IndexError::Damaged {
            path: self.path.display().to_string(),
            reason: reason.to_owned(),
        }
    }

    pub(crate) fn unusable(&self, error: &ResumeError) -> IndexError {
        self.damaged(&error.to_string())
    }
}
