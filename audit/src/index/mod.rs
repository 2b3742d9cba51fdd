//! The index: verified blocks, one row for each thing that is asked for, in a file of SQLite or in a
//! database of a PostgreSQL server.
//!
//! Kept true: a block's rows, the state after it and the new tip are written in one transaction, so that
//! every block is in the index exactly once, whatever moment the process is killed at. All rows follow from
//! the blocks: two indexes of one chain have the same [digest](Index::digest).

mod days;
mod digest;
mod month_ends;
mod place;
mod postgres;
mod read;
mod rules;
mod sqlite;
mod store;
mod tables;
mod value;
mod write;

use std::cell::Cell;

use talea_types::{BlockHash, ChainId, DecodeError, Hash};

use self::store::Store;
use crate::{Tip, chain::ResumeError, limits::ANSWER_ROWS_MAX};

pub use digest::Digest;
pub use place::{IndexPlace, ServerUrl};
pub use read::{BlockRow, OutcomeTotal, Totals};
pub use value::{Row, Value};

/// Of the tables. An index of another version is made again with `reindex`.
const SCHEMA_VERSION: u8 = 4;

/// An index: a place with tables in it.
pub struct Index {
    place: IndexPlace,
    store: Store,
    /// Whether what is asked now is of one moment.
    is_at_once: Cell<bool>,
}

/// Why a store does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refuses.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The PostgreSQL server refuses, or is not there.
    #[error("{}", server_says(.0))]
    Postgres(#[from] ::postgres::Error),
    /// The URL asks for TLS that cannot be had.
    #[error("{0}")]
    Tls(#[from] crate::tls::TlsError),
    /// Another process writes.
    #[error("another process writes it; end that one first")]
    Held,
    /// Rows cannot be handed to the server.
    #[error("writing to the server: {0}")]
    Writing(#[from] std::io::Error),
    /// An answer holds what no index holds.
    #[error("an answer holds {0}")]
    Kind(&'static str),
}

/// An index that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Its store refuses.
    #[error("the index {place}: {reason}")]
    Store {
        /// Where it is.
        place: String,
        /// What the store says.
        reason: StoreError,
    },
    /// There is none.
    #[error("there is no index {place}; 'talea-audit follow' makes one")]
    Missing {
        /// Where it should be.
        place: String,
    },
    /// It is of another network.
    #[error("the index {place} is of network {found}; the genesis document is of {expected}")]
    OtherNetwork {
        /// Where it is.
        place: String,
        /// That of the genesis document.
        expected: ChainId,
        /// That of the index.
        found: ChainId,
    },
    /// Made by another version.
    #[error(
        "the index {place} has tables of version {found}, this program has {SCHEMA_VERSION}; make it \
         again from its blocks with 'talea-audit reindex'"
    )]
    OtherVersion {
        /// Where it is.
        place: String,
        /// Its version.
        found: u8,
    },
    /// What it holds is no state.
    #[error("the index {place} is damaged: {reason}; make it again with 'talea-audit reindex'")]
    Damaged {
        /// Where it is.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// An answer holds something else than was expected.
    #[error(
        "column {column} of an answer holds {found}, not {expected}; make the index again with \
         'talea-audit reindex'"
    )]
    Column {
        /// Which, from 0.
        column: usize,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// An answer is longer than any that is asked for.
    #[error("an answer of the index has more than {ANSWER_ROWS_MAX} rows; ask for less at once")]
    TooManyRows,
}

impl Index {
    /// Opens the index of a network, or makes one without blocks.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn open_or_create(
        place: impl Into<IndexPlace>,
        chain: &ChainId,
    ) -> Result<Self, IndexError> {
        let index = Self::connect(place.into(), true)?;
        if index.done(index.store.is_empty())? {
            let meta = [
                ("chain", &chain.as_bytes()[..]),
                ("schema", &[SCHEMA_VERSION][..]),
            ];
            index.done(index.store.create(&meta))?;
        }
        index.check(Some(chain))?;
        Ok(index)
    }

    /// Opens an index for reading, of whatever network. It can be open many times at once.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn open(place: impl Into<IndexPlace>) -> Result<Self, IndexError> {
        let index = Self::open_of_any_version(place)?;
        index.check(None)?;
        Ok(index)
    }

    /// Opens an index of whatever version, to make it again from its blocks.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn open_of_any_version(place: impl Into<IndexPlace>) -> Result<Self, IndexError> {
        let place = place.into();
        if !Self::is_there(&place)? {
            let place = place.to_string();
            return Err(IndexError::Missing { place });
        }
        Self::connect(place, false)
    }

    /// Whether something is at a place: a file, or an index in a database.
    ///
    /// # Errors
    /// [`IndexError::Store`] when a server does not say.
    pub fn is_there(place: &IndexPlace) -> Result<bool, IndexError> {
        match place {
            IndexPlace::File(path) => Ok(path.exists()),
            IndexPlace::Server(_) => {
                let index = Self::connect(place.clone(), false)?;
                Ok(!index.done(index.store.is_empty())?)
            }
        }
    }

    /// Whether its tables are those of this program.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn is_of_this_version(&self) -> Result<bool, IndexError> {
        Ok(self.version()? == SCHEMA_VERSION)
    }

    /// Where it is.
    #[must_use]
    pub const fn place(&self) -> &IndexPlace {
        &self.place
    }

    /// Asks a question. Its text is the same for every store: only tables and columns of the schema, no
    /// function that one of them has not, values as `$1`, `$2`, ... in the order in which they first stand in
    /// it; an order by what can be nothing says where that comes (`NULLS LAST`).
    ///
    /// # Errors
    /// [`IndexError::Store`]; [`IndexError::TooManyRows`] when a question without a `LIMIT` is about more
    /// than [`ANSWER_ROWS_MAX`].
    pub fn ask(&self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, IndexError> {
        let mut rows = Vec::new();
        self.each(sql, values, |row| {
            if rows.len() == ANSWER_ROWS_MAX {
                return Err(IndexError::TooManyRows);
            }
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Gives every row of an answer, one after the other: for what is longer than memory. `on_row` asks
    /// nothing itself.
    ///
    /// # Errors
    /// [`IndexError::Store`], and what `on_row` says.
    pub fn each<E: From<IndexError>>(
        &self,
        sql: &str,
        values: &[Value],
        mut on_row: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let read = self
            .store
            .each(sql, values, |row| on_row(row).map_err(Interrupted::By));
        read.map_err(|ended| match ended {
            Interrupted::By(error) => error,
            Interrupted::Store(reason) => self.refused(reason).into(),
        })
    }

    /// Everything that `read` asks is of one moment, while another process goes on writing.
    ///
    /// # Errors
    /// [`IndexError::Store`], and what `read` says.
    pub fn at_once<T, E: From<IndexError>>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.is_at_once.get() {
            return read(self);
        }
        self.done(self.store.begin())?;
        self.is_at_once.set(true);
        let answer = read(self);
        self.is_at_once.set(false);
        let ended = self.done(self.store.end());
        let answer = answer?;
        ended?;
        Ok(answer)
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
        let rows = self.ask("SELECT coalesce(max(height), 0) FROM block", &[])?;
        let newest = rows.first().map(|row| row.integer(0)).transpose()?;
        Ok(newest.unwrap_or_default().unsigned_abs())
    }

    /// The newest block in it; `None` when it has none.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn tip(&self) -> Result<Option<Tip>, IndexError> {
        let newest = "SELECT height, hash FROM block ORDER BY height DESC LIMIT 1";
        let rows = self.ask(newest, &[])?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let hash = self.hash(row, 1)?;
        let validators = self.meta("validators")?;
        let height = row.integer(0)?.unsigned_abs();
        Tip::from_kept(height, BlockHash::new(hash), &validators)
            .map(Some)
            .map_err(|error: DecodeError| self.damaged(&error.to_string()))
    }

    fn connect(place: IndexPlace, writes: bool) -> Result<Self, IndexError> {
        match Store::open(&place, writes) {
            Ok(store) => Ok(Self {
                place,
                store,
                is_at_once: Cell::new(false),
            }),
            Err(reason) => Err(IndexError::Store {
                place: place.to_string(),
                reason,
            }),
        }
    }

    fn check(&self, chain: Option<&ChainId>) -> Result<(), IndexError> {
        let found = self.version()?;
        let place = self.place.to_string();
        if found != SCHEMA_VERSION {
            return Err(IndexError::OtherVersion { place, found });
        }
        let found = self.chain()?;
        match chain.filter(|expected| **expected != found) {
            Some(expected) => Err(IndexError::OtherNetwork {
                place,
                expected: *expected,
                found,
            }),
            None => Ok(()),
        }
    }

    fn version(&self) -> Result<u8, IndexError> {
        Ok(self.meta("schema")?.first().copied().unwrap_or_default())
    }

    fn meta(&self, name: &str) -> Result<Vec<u8>, IndexError> {
        let rows = self.ask("SELECT value FROM meta WHERE name = $1", &[name.into()])?;
        let row = rows
            .first()
            .ok_or_else(|| self.damaged(&format!("it does not say its {name}")))?;
        Ok(row.bytes(0)?.to_vec())
    }

    fn hash(&self, row: &Row, column: usize) -> Result<Hash, IndexError> {
        let bytes: [u8; 32] = row
            .bytes(column)?
            .try_into()
            .map_err(|_| self.damaged("a hash is not 32 bytes"))?;
        Ok(Hash(bytes))
    }

    fn done<T>(&self, result: Result<T, StoreError>) -> Result<T, IndexError> {
        result.map_err(|reason| self.refused(reason))
    }

    fn refused(&self, reason: StoreError) -> IndexError {
        IndexError::Store {
            place: self.place.to_string(),
            reason,
        }
    }

    fn damaged(&self, reason: &str) -> IndexError {
        IndexError::Damaged {
            place: self.place.to_string(),
            reason: reason.to_owned(),
        }
    }

    pub(crate) fn unusable(&self, error: &ResumeError) -> IndexError {
        self.damaged(&error.to_string())
    }
}

impl IndexError {
    /// Whether the server of the index is not there at the moment, which says nothing of what it holds.
    pub(crate) fn is_of_the_connection(&self) -> bool {
        match self {
            Self::Store { reason, .. } => reason.is_of_the_connection(),
            _ => false,
        }
    }
}

impl StoreError {
    fn is_of_the_connection(&self) -> bool {
        // Connection exceptions; too many connections; the server is stopped, or still begins.
        const CLASSES: [&str; 3] = ["08", "53300", "57P"];
        match self {
            Self::Postgres(error) => match error.code() {
                Some(code) => CLASSES.iter().any(|class| code.code().starts_with(class)),
                // No answer of the server.
                None => error.is_closed() || is_of_the_system(error),
            },
            // Rows go nowhere but to the server; a session that was lost may still have the turn to write.
            Self::Writing(_) | Self::Held => true,
            Self::Sqlite(_) | Self::Tls(_) | Self::Kind(_) => false,
        }
    }
}

fn is_of_the_system(error: &::postgres::Error) -> bool {
    use std::error::Error as _;
    error
        .source()
        .is_some_and(|cause| cause.is::<std::io::Error>())
}

/// What the server says, and not only that it refuses.
fn server_says(error: &::postgres::Error) -> String {
    use std::error::Error as _;

    match (error.as_db_error(), error.source()) {
        (Some(said), _) => format!("the server refuses: {}", said.message()),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

/// Why reading rows ended early.
enum Interrupted<E> {
    By(E),
    Store(StoreError),
}

impl<E> From<StoreError> for Interrupted<E> {
    fn from(reason: StoreError) -> Self {
        Self::Store(reason)
    }
}
