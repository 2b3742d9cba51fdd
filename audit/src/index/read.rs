//! Reading: the kept state and blocks, and the totals that a person asks for first.

use bytes::Bytes;
use rusqlite::OptionalExtension as _;
use talea_genesis::GenesisRecord;
use talea_types::{Hash, Outcome};

use super::{Index, IndexError};
use crate::Chain;

/// A block as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRow {
    /// Height.
    pub height: u64,
    /// Canonical bytes of the block with its certificate.
    pub committed: Bytes,
}

/// What is in the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Blocks: the newest height.
    pub blocks: u64,
    /// Ledger time of the newest block, milliseconds since 1970.
    pub time_ms: u64,
    /// Root of the state after the newest block.
    pub state_root: Option<Hash>,
    /// Entries of all blocks, without effect or with.
    pub transactions: u64,
    /// Events of all subjects.
    pub events: u64,
    /// How many transactions ended how, ascending by number.
    pub outcomes: Vec<OutcomeTotal>,
}

/// How many transactions ended so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeTotal {
    /// How.
    pub outcome: Outcome,
    /// How many.
    pub count: u64,
}

impl Index {
    /// The chain, to be gone on with where the index ends.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn resume(&mut self, record: &GenesisRecord) -> Result<Chain, IndexError> {
        let Some(tip) = self.tip()? else {
            let chain = Chain::genesis(record).map_err(|error| self.unusable(&error))?;
            let ledger = chain.ledger();
            let objects: Vec<_> = ledger
                .objects()
                .map(|(key, value)| (key.to_bytes(), value))
                .collect();
            drop(ledger);
            self.begin(objects)?;
            return Ok(chain);
        };
        let objects = self.objects()?;
        Chain::restore(record.chain_id(), tip, objects).map_err(|error| self.unusable(&error))
    }

    fn objects(&self) -> Result<Vec<(Vec<u8>, Bytes)>, IndexError> {
        let read = (|| {
            let mut all = self.connection.prepare("SELECT key, value FROM state")?;
            let rows = all.query_map([], |row| {
                let value: Vec<u8> = row.get(1)?;
                Ok((row.get(0)?, Bytes::from(value)))
            })?;
            rows.collect()
        })();
        self.done(read)
    }

    /// The block of a height, as it was kept.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn block(&self, height: u64) -> Result<Option<BlockRow>, IndexError> {
        let ask = "SELECT committed FROM block WHERE height = ?1";
        let read = self
            .connection
            .query_row(ask, [i64::try_from(height).unwrap_or(i64::MAX)], |row| {
                row.get::<_, Vec<u8>>(0)
            })
            .optional();
        Ok(self.done(read)?.map(|committed| BlockRow {
            height,
            committed: committed.into(),
        }))
    }

    /// Counts what is there.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn totals(&self) -> Result<Totals, IndexError> {
        let newest = "SELECT height, time_ms, state_root FROM block ORDER BY height DESC LIMIT 1";
        let newest = self
            .connection
            .query_row(newest, [], |row| {
                let (height, time): (i64, i64) = (row.get(0)?, row.get(1)?);
                let root: [u8; 32] = row.get(2)?;
                Ok((height.unsigned_abs(), time.unsigned_abs(), Hash(root)))
            })
            .optional();
        let Some((blocks, time_ms, root)) = self.done(newest)? else {
            return Ok(Totals::default());
        };
        let counted = (|| {
            let ask = "SELECT outcome, count(*) FROM tx GROUP BY outcome ORDER BY outcome";
            let mut ask = self.connection.prepare(ask)?;
            let rows = ask.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<(u32, i64)>>>()
        })();
        let outcomes: Vec<OutcomeTotal> = self
            .done(counted)?
            .into_iter()
            .map(|(number, count)| {
                let outcome = Outcome::from_number(number)
                    .ok_or_else(|| self.damaged("it has an outcome that does not exist"))?;
                let count = count.unsigned_abs();
                Ok(OutcomeTotal { outcome, count })
            })
            .collect::<Result<_, IndexError>>()?;
        let events: i64 = self.ask("SELECT count(*) FROM event")?;
        Ok(Totals {
            blocks,
            time_ms,
            state_root: Some(root),
            transactions: outcomes.iter().map(|one| one.count).sum(),
            events: events.unsigned_abs(),
            outcomes,
        })
    }
}
