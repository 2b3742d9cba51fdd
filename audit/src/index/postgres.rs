//! The store for many readers: a PostgreSQL server, by its URL.
//!
//! The client of the server runs a loop of its own and must not be called where another runs. So everything
//! that asks or writes is done on a thread beside the caller, which waits for it.

use std::{collections::BTreeMap, io::Write as _, sync::mpsc, thread};

use bytes::BytesMut;
use parking_lot::Mutex;
use postgres::{
    Client, Config, NoTls, Statement,
    error::SqlState,
    fallible_iterator::FallibleIterator as _,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};

use crate::{
    limits::{INDEX_CONNECT_PATIENCE, INDEX_SILENCE},
    tls::Asked,
};

use super::{
    Row, StoreError, Value,
    tables::Table,
    value::{Cell, kept_text},
    write::{ContactChange, Sink},
};

/// One process writes at a time. One that was killed may still hold the lock, until the server notices.
const LOCK: &str =
    "SET lock_timeout = '10s'; SELECT pg_advisory_lock(7811003321); SET lock_timeout = 0";
/// Where rows wait that change others, until the transaction ends.
const INCOMING: &str = "\
    CREATE TEMP TABLE incoming_state (key BYTEA, value BYTEA) ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE incoming_contact (result TEXT, result_ms BIGINT, result_hour BIGINT, closed_height BIGINT,
        breach TEXT, revoked_ms BIGINT, permit BYTEA) ON COMMIT DELETE ROWS;";
const COPY_STATE: &str = "COPY incoming_state (key, value) FROM STDIN BINARY";
const COPY_CONTACT: &str = "COPY incoming_contact (result, result_ms, result_hour, closed_height, breach, revoked_ms, \
                            permit) FROM STDIN BINARY";
const MERGE_STATE: [&str; 2] = [
    "DELETE FROM state USING incoming_state AS incoming \
     WHERE state.key = incoming.key AND incoming.value IS NULL",
    "INSERT INTO state (key, value) SELECT key, value FROM incoming_state WHERE value IS NOT NULL \
     ON CONFLICT (key) DO UPDATE SET value = excluded.value",
];
const MERGE_CONTACT: &str = "UPDATE contact SET result = coalesce(incoming.result, contact.result), \
     result_ms = coalesce(incoming.result_ms, contact.result_ms), \
     result_hour = coalesce(incoming.result_hour, contact.result_hour), \
     closed_height = coalesce(incoming.closed_height, contact.closed_height), \
     breach = coalesce(incoming.breach, contact.breach), \
     revoked_ms = coalesce(incoming.revoked_ms, contact.revoked_ms) \
     FROM incoming_contact AS incoming WHERE contact.permit = incoming.permit";
/// Questions that stay prepared.
const PREPARED_MAX: usize = 64;
/// Rows that are handed over at once, and how many such parts wait.
const PART_ROWS: usize = 256;
const PARTS_WAITING: usize = 4;

/// A connection.
pub(super) struct Postgres {
    /// Always there until it is dropped.
    session: Mutex<Option<Session>>,
}

struct Session {
    client: Client,
    prepared: BTreeMap<String, Statement>,
}

/// Does something on a thread where no loop runs.
fn aside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| match scope.spawn(work).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

/// What a URL says, and that nobody waits for ever for a machine that is gone.
fn configured(url: &str) -> Result<Config, postgres::Error> {
    let mut config: Config = url.parse()?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(INDEX_CONNECT_PATIENCE);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(INDEX_SILENCE);
        config.keepalives_idle(INDEX_SILENCE);
    }
    Ok(config)
}

fn held(error: postgres::Error) -> StoreError {
    match error.code() {
        Some(&SqlState::LOCK_NOT_AVAILABLE) => StoreError::Held,
        _ => error.into(),
    }
}

impl Postgres {
    /// Connects for reading, and for writing too where that is said.
    pub(super) fn open(url: &str, writes: bool) -> Result<Self, StoreError> {
        let asked = Asked::of(url)?;
        let config = configured(&asked.url)?;
        let client = aside(move || {
            let mut client = match asked.verified {
                Some(verified) => config.connect(verified)?,
                None => config.connect(NoTls)?,
            };
            if writes {
                // What a power cut takes with it is fetched and verified again.
                client.batch_execute("SET synchronous_commit = off")?;
                client.batch_execute(LOCK).map_err(held)?;
                client.batch_execute(INCOMING)?;
            } else {
                client.batch_execute("SET default_transaction_read_only = on")?;
            }
            Ok::<_, StoreError>(client)
        })?;
        Ok(Self {
            session: Mutex::new(Some(Session {
                client,
                prepared: BTreeMap::new(),
            })),
        })
    }

    fn with<T: Send>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        let mut session = self.session.lock();
        let Some(session) = session.as_mut() else {
            unreachable!("a session ends when it is dropped")
        };
        aside(|| work(session))
    }

    /// Whether nothing was ever written.
    pub(super) fn is_empty(&self) -> Result<bool, StoreError> {
        let count = "SELECT count(*) FROM information_schema.tables \
                     WHERE table_schema = current_schema() AND table_name = 'meta'";
        self.with(|session| {
            let tables: i64 = session.client.query_one(count, &[])?.try_get(0)?;
            Ok(tables == 0)
        })
    }

    /// Makes the tables, with their first rows.
    pub(super) fn create(&self, meta: &[(&str, &[u8])]) -> Result<(), StoreError> {
        self.with(|session| {
            let mut transaction = session.client.transaction()?;
            transaction.batch_execute(include_str!("postgres.sql"))?;
            for (name, value) in meta {
                let insert = "INSERT INTO meta (name, value) VALUES ($1, $2)";
                transaction.execute(insert, &[name, value])?;
            }
            Ok(transaction.commit()?)
        })
    }

    pub(super) fn each<E: From<StoreError>>(
        &self,
        sql: &str,
        values: &[Value],
        mut on_row: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut session = self.session.lock();
        let Some(session) = session.as_mut() else {
            unreachable!("a session ends when it is dropped")
        };
        thread::scope(|scope| {
            let (to_caller, parts) = mpsc::sync_channel(PARTS_WAITING);
            let reading = scope.spawn(move || session.read(sql, values, &to_caller));
            let mut handled = Ok(());
            'parts: for part in parts {
                for row in part {
                    handled = on_row(row);
                    if handled.is_err() {
                        break 'parts;
                    }
                }
            }
            let read = match reading.join() {
                Ok(read) => read,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            handled?;
            Ok(read?)
        })
    }

    /// Everything that is asked until [`Self::end`] is of one moment.
    pub(super) fn begin(&self) -> Result<(), StoreError> {
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    }

    pub(super) fn end(&self) -> Result<(), StoreError> {
        self.run("COMMIT")
    }

    fn run(&self, sql: &'static str) -> Result<(), StoreError> {
        self.with(|session| Ok(session.client.batch_execute(sql)?))
    }

    pub(super) fn write(
        &mut self,
        rows: impl FnOnce(&mut dyn Sink) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        rows(&mut batch)?;
        batch.flush();
        self.with(|session| batch.send(&mut session.client))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let session = self.session.get_mut().take();
        aside(|| drop(session));
    }
}

impl Session {
    fn read(
        &mut self,
        sql: &str,
        values: &[Value],
        to_caller: &mpsc::SyncSender<Vec<Row>>,
    ) -> Result<(), StoreError> {
        let statement = self.prepare(sql)?;
        let mut rows = self.client.query_raw(&statement, values)?;
        let mut part = Vec::new();
        while let Some(row) = rows.next()? {
            part.push(read_row(&row)?);
            if part.len() == PART_ROWS && to_caller.send(std::mem::take(&mut part)).is_err() {
                // The caller has read enough.
                return Ok(());
            }
        }
        let _ = to_caller.send(part);
        Ok(())
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        if self.prepared.len() >= PREPARED_MAX {
            self.prepared.clear();
        }
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// What one transaction writes, in order.
#[derive(Default)]
struct Batch {
    steps: Vec<Step>,
    /// Rows since the last statement.
    copies: BTreeMap<&'static str, (&'static Table, Copied)>,
    state: Copied,
    contacts: Copied,
}

enum Step {
    Copy(&'static Table, Copied),
    Run(&'static str, Vec<Value>),
}

/// Rows as `COPY ... BINARY` wants them.
#[derive(Default)]
struct Copied(Vec<u8>);

impl Copied {
    /// Signature, flags, no extension.
    const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
    /// No more rows.
    const END: [u8; 2] = (-1_i16).to_be_bytes();

    fn add(&mut self, cells: &[Cell<'_>]) {
        let length = |bytes: &[u8]| match i32::try_from(bytes.len()) {
            Ok(length) => length.to_be_bytes(),
            Err(_) => unreachable!("a value of more than 2 GiB"),
        };
        let fields = i16::try_from(cells.len()).unwrap_or_else(|_| unreachable!("a few columns"));
        self.0.extend(fields.to_be_bytes());
        for cell in cells {
            match cell {
                Cell::Null => self.0.extend((-1_i32).to_be_bytes()),
                Cell::Integer(number) => {
                    self.0.extend(8_i32.to_be_bytes());
                    self.0.extend(number.to_be_bytes());
                }
                Cell::Text(text) => {
                    let text = kept_text(text);
                    self.0.extend(length(text.as_bytes()));
                    self.0.extend(text.as_bytes());
                }
                Cell::Bytes(bytes) => {
                    self.0.extend(length(bytes));
                    self.0.extend(*bytes);
                }
            }
        }
    }

    fn send(&self, copy: &str, to: &mut postgres::Transaction<'_>) -> Result<(), StoreError> {
        let mut writer = to.copy_in(copy)?;
        for part in [Self::HEAD, &self.0, &Self::END] {
            writer.write_all(part)?;
        }
        writer.finish()?;
        Ok(())
    }
}

impl Batch {
    fn flush(&mut self) {
        let copies = std::mem::take(&mut self.copies).into_values();
        let copies = copies.map(|(table, rows)| Step::Copy(table, rows));
        self.steps.extend(copies);
    }

    fn send(&self, client: &mut Client) -> Result<(), StoreError> {
        let mut transaction = client.transaction()?;
        for step in &self.steps {
            match step {
                Step::Copy(table, rows) => {
                    let columns = table.columns.join(", ");
                    let copy = format!("COPY {} ({columns}) FROM STDIN BINARY", table.name);
                    rows.send(&copy, &mut transaction)?;
                }
                Step::Run(sql, values) => {
                    let values: Vec<&(dyn ToSql + Sync)> =
                        values.iter().map(|value| value as _).collect();
                    transaction.execute(*sql, &values)?;
                }
            }
        }
        if !self.contacts.0.is_empty() {
            self.contacts.send(COPY_CONTACT, &mut transaction)?;
            transaction.execute(MERGE_CONTACT, &[])?;
        }
        if !self.state.0.is_empty() {
            self.state.send(COPY_STATE, &mut transaction)?;
            for merge in MERGE_STATE {
                transaction.execute(merge, &[])?;
            }
        }
        Ok(transaction.commit()?)
    }
}

impl Sink for Batch {
    fn insert(&mut self, table: &'static Table, cells: &[Cell<'_>]) -> Result<(), StoreError> {
        assert_eq!(cells.len(), table.columns.len(), "{}", table.name);
        let copy = self.copies.entry(table.name);
        copy.or_insert_with(|| (table, Copied::default()))
            .1
            .add(cells);
        Ok(())
    }

    fn run(&mut self, sql: &'static str, cells: &[Cell<'_>]) -> Result<(), StoreError> {
        self.flush();
        let values = cells.iter().map(|cell| match cell {
            Cell::Null => Value::Null,
            Cell::Integer(number) => Value::Integer(*number),
            Cell::Text(text) => Value::Text(kept_text(text).into_owned()),
            Cell::Bytes(bytes) => (*bytes).into(),
        });
        self.steps.push(Step::Run(sql, values.collect()));
        Ok(())
    }

    fn set_object(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), StoreError> {
        self.state
            .add(&[Cell::Bytes(key), Cell::optional_bytes(value)]);
        Ok(())
    }

    fn change_contact(&mut self, change: &ContactChange) -> Result<(), StoreError> {
        self.contacts.add(&change.cells());
        Ok(())
    }
}

type Refused = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Refused> {
        match (self, kind) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Integer(number), &Type::INT8) => number.to_sql(kind, out),
            (Self::Integer(number), &Type::INT4) => i32::try_from(*number)?.to_sql(kind, out),
            (Self::Text(text), &Type::TEXT | &Type::VARCHAR) => text.to_sql(kind, out),
            (Self::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(kind, out),
            _ => Err(format!("a question compares {self:?} with {kind}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A sum, which the server gives with as many digits as it takes.
struct Whole(i64);

impl<'a> FromSql<'a> for Whole {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Refused> {
        // Number of digits to the base 10,000, power of the first, sign, digits after the point.
        let mut words = raw
            .chunks_exact(2)
            .map(|pair| i16::from_be_bytes([pair[0], pair[1]]));
        let mut word = || words.next().ok_or("a number is cut short");
        let (_, weight, sign, _) = (word()?, word()?, word()?, word()?);
        let mut power = weight;
        let mut whole = 0_i128;
        for digit in words {
            if power < 0 && digit != 0 {
                return Err("a sum that is not whole".into());
            }
            if power >= 0 {
                whole = whole * 10_000 + i128::from(digit);
                power -= 1;
            }
        }
        for _ in 0..=power {
            whole = whole.checked_mul(10_000).ok_or("a sum that is too large")?;
        }
        match sign {
            0 => Ok(Self(i64::try_from(whole)?)),
            0x4000 => Ok(Self(i64::try_from(-whole)?)),
            _ => Err("a sum that is no number".into()),
        }
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::NUMERIC
    }
}

fn read_row(row: &postgres::Row) -> Result<Row, StoreError> {
    let columns = row.columns().iter().enumerate();
    let values = columns.map(|(column, about)| {
        let integer = |number: Option<i64>| number.map_or(Value::Null, Value::Integer);
        Ok(match *about.type_() {
            Type::INT8 => integer(row.try_get(column)?),
            Type::INT4 => integer(row.try_get::<_, Option<i32>>(column)?.map(i64::from)),
            Type::NUMERIC => {
                let sum: Option<Whole> = row.try_get(column)?;
                integer(sum.map(|sum| sum.0))
            }
            Type::BOOL => integer(row.try_get::<_, Option<bool>>(column)?.map(i64::from)),
            Type::TEXT | Type::VARCHAR => {
                let text: Option<String> = row.try_get(column)?;
                text.map_or(Value::Null, Value::Text)
            }
            Type::BYTEA => {
                let bytes: Option<Vec<u8>> = row.try_get(column)?;
                bytes.map_or(Value::Null, Value::Bytes)
            }
            _ => return Err(StoreError::Kind("a value of another kind")),
        })
    });
    Ok(Row::new(values.collect::<Result<_, StoreError>>()?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_machine_that_is_gone_is_not_waited_for() {
        let patience = |url: &str| configured(url).unwrap().get_connect_timeout().copied();
        let url = "postgresql://somebody@elsewhere/index";
        assert_eq!(patience(url), Some(INDEX_CONNECT_PATIENCE));
        let own = patience(&format!("{url}?connect_timeout=3"));
        assert_eq!(own, Some(Duration::from_secs(3)));
        let silence = |url: &str| configured(url).unwrap().get_tcp_user_timeout().copied();
        assert_eq!(silence(url), Some(INDEX_SILENCE));
        let own = silence(&format!("{url}?tcp_user_timeout=5"));
        assert_eq!(own, Some(Duration::from_secs(5)));
    }
}
