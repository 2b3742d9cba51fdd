//! The two stores behind one face.

use super::{
    Row, StoreError, Value, place::IndexPlace, postgres::Postgres, sqlite::Sqlite, write::Sink,
};

/// Where rows are.
pub(super) enum Store {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Store {
    /// Opens it for reading, and for writing too where that is said.
    pub(super) fn open(place: &IndexPlace, writes: bool) -> Result<Self, StoreError> {
        Ok(match place {
            IndexPlace::File(path) => Self::Sqlite(Sqlite::open(path, writes)?),
            IndexPlace::Server(url) => {
                Self::Postgres(Box::new(Postgres::open(url.text(), writes)?))
            }
        })
    }

    pub(super) fn is_empty(&self) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(store) => store.is_empty(),
            Self::Postgres(store) => store.is_empty(),
        }
    }

    pub(super) fn create(&self, meta: &[(&str, &[u8])]) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.create(meta),
            Self::Postgres(store) => store.create(meta),
        }
    }

    pub(super) fn each<E: From<StoreError>>(
        &self,
        sql: &str,
        values: &[Value],
        on_row: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::Sqlite(store) => store.each(sql, values, on_row),
            Self::Postgres(store) => store.each(sql, values, on_row),
        }
    }

    pub(super) fn begin(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.begin(),
            Self::Postgres(store) => store.begin(),
        }
    }

    pub(super) fn end(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.end(),
            Self::Postgres(store) => store.end(),
        }
    }

    pub(super) fn write(
        &mut self,
        rows: impl FnOnce(&mut dyn Sink) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.write(rows),
            Self::Postgres(store) => store.write(rows),
        }
    }
}
