//! The store that needs nothing: a file of SQLite.

use std::{borrow::Cow, collections::BTreeMap, path::Path, time::Duration};

use rusqlite::{
    Connection, OpenFlags, ToSql, Transaction, params_from_iter,
    types::{ToSqlOutput, Value as Owned, ValueRef},
};

use super::{
    Row, StoreError, Value,
    tables::Table,
    value::{Cell, kept_text},
    write::{ContactChange, Sink},
};
use crate::limits::{INDEX_CACHE_KIB, INDEX_LOG_PAGES};

/// How long another process may hold the file.
const BUSY_MAX: Duration = Duration::from_secs(10);
const SET: &str = "INSERT INTO state (key, value) VALUES ($1, $2) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const REMOVE: &str = "DELETE FROM state WHERE key = $1";
const CHANGE_CONTACT: &str = "UPDATE contact SET result = coalesce($1, result), \
                              result_ms = coalesce($2, result_ms), \
                              result_hour = coalesce($3, result_hour), \
                              closed_height = coalesce($4, closed_height), \
                              breach = coalesce($5, breach), \
                              revoked_ms = coalesce($6, revoked_ms) WHERE permit = $7";

/// A file.
pub(super) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    /// Opens a file for reading, and for writing too where that is said; then it is made if it is not there.
    pub(super) fn open(path: &Path, writes: bool) -> Result<Self, StoreError> {
        let flags = if writes {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        } else {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        };
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_MAX)?;
        if writes {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            // What a power cut takes with it is fetched and verified again.
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            // Ids and subjects come in no order: their indexes are written all over.
            connection.pragma_update(None, "cache_size", -INDEX_CACHE_KIB)?;
            connection.pragma_update(None, "wal_autocheckpoint", INDEX_LOG_PAGES)?;
        }
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection })
    }

    /// Whether nothing was ever written.
    pub(super) fn is_empty(&self) -> Result<bool, StoreError> {
        let count = "SELECT count(*) FROM sqlite_schema";
        let tables: u32 = self.connection.query_row(count, [], |row| row.get(0))?;
        Ok(tables == 0)
    }

    /// Makes the tables, with their first rows.
    pub(super) fn create(&self, meta: &[(&str, &[u8])]) -> Result<(), StoreError> {
        let transaction = self.connection.unchecked_transaction()?;
        transaction.execute_batch(include_str!("sqlite.sql"))?;
        for row in meta {
            transaction.execute("INSERT INTO meta (name, value) VALUES ($1, $2)", *row)?;
        }
        Ok(transaction.commit()?)
    }

    pub(super) fn each<E: From<StoreError>>(
        &self,
        sql: &str,
        values: &[Value],
        mut on_row: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |reason: rusqlite::Error| E::from(StoreError::from(reason));
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        assert!(statement.readonly(), "a question changes nothing: {sql}");
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(values)).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let read: Result<Vec<Value>, StoreError> = (0..columns)
                .map(|column| value(row.get_ref(column)?))
                .collect();
            on_row(Row::new(read?))?;
        }
        Ok(())
    }

    /// Everything that is asked until [`Self::end`] is of one moment.
    pub(super) fn begin(&self) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch("BEGIN")?)
    }

    pub(super) fn end(&self) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch("COMMIT")?)
    }

    pub(super) fn write(
        &mut self,
        rows: impl FnOnce(&mut dyn Sink) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        let mut writing = Writing {
            transaction: &transaction,
            inserts: BTreeMap::new(),
        };
        rows(&mut writing)?;
        Ok(transaction.commit()?)
    }
}

struct Writing<'t> {
    transaction: &'t Transaction<'t>,
    inserts: BTreeMap<&'static str, String>,
}

impl Sink for Writing<'_> {
    fn insert(&mut self, table: &'static Table, cells: &[Cell<'_>]) -> Result<(), StoreError> {
        assert_eq!(cells.len(), table.columns.len(), "{}", table.name);
        let insert = self.inserts.entry(table.name);
        let sql = insert.or_insert_with(|| table.insert());
        let mut statement = self.transaction.prepare_cached(sql)?;
        statement.execute(params_from_iter(cells))?;
        Ok(())
    }

    fn run(&mut self, sql: &'static str, cells: &[Cell<'_>]) -> Result<(), StoreError> {
        let mut statement = self.transaction.prepare_cached(sql)?;
        statement.execute(params_from_iter(cells))?;
        Ok(())
    }

    fn set_object(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), StoreError> {
        match value {
            Some(value) => self.run(SET, &[Cell::Bytes(key), Cell::Bytes(value)]),
            None => self.run(REMOVE, &[Cell::Bytes(key)]),
        }
    }

    fn change_contact(&mut self, change: &ContactChange) -> Result<(), StoreError> {
        self.run(CHANGE_CONTACT, &change.cells())
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => match kept_text(text) {
                Cow::Borrowed(text) => ValueRef::Text(text.as_bytes()),
                Cow::Owned(text) => return Ok(ToSqlOutput::Owned(Owned::Text(text))),
            },
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value(found: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match found {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => return Err(StoreError::Kind("text that is not UTF-8")),
        },
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => return Err(StoreError::Kind("a broken number")),
    })
}
