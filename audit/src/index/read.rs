//! Reading: the kept state and blocks, and the totals that a person asks for first.

use bytes::Bytes;
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
            let objects: Vec<_> = ledger.objects().collect();
            drop(ledger);
            self.begin(objects)?;
            return Ok(chain);
        };
        let objects = self.objects()?;
        Chain::restore(record.chain_id(), tip, objects).map_err(|error| self.unusable(&error))
    }

    fn objects(&self) -> Result<Vec<(Vec<u8>, Bytes)>, IndexError> {
        let mut objects = Vec::new();
        self.each("SELECT key, value FROM state", &[], |row| {
            let value = Bytes::copy_from_slice(row.bytes(1)?);
            objects.push((row.bytes(0)?.to_vec(), value));
            Ok::<_, IndexError>(())
        })?;
        Ok(objects)
    }

    /// The block of a height, as it was kept.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn block(&self, height: u64) -> Result<Option<BlockRow>, IndexError> {
        let ask = "SELECT committed FROM block WHERE height = $1";
        let rows = self.ask(ask, &[height.into()])?;
        let committed = rows.first().map(|row| row.bytes(0)).transpose()?;
        Ok(committed.map(|committed| BlockRow {
            height,
            committed: Bytes::copy_from_slice(committed),
        }))
    }

    /// What is there. Counted when it was written: this reads a few rows, however many there are.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn totals(&self) -> Result<Totals, IndexError> {
        self.at_once(Self::totals_now)
    }

    fn totals_now(&self) -> Result<Totals, IndexError> {
        let newest = "SELECT height, time_ms, transactions_total, events_total, state_root \
                      FROM block ORDER BY height DESC LIMIT 1";
        let rows = self.ask(newest, &[])?;
        let Some(row) = rows.first() else {
            return Ok(Totals::default());
        };
        let ask = "SELECT outcome, transactions FROM outcome_total ORDER BY outcome";
        let outcomes = self.ask(ask, &[])?;
        let outcomes = outcomes.iter().map(|row| {
            let number = u32::try_from(row.integer(0)?).ok();
            let outcome = number.and_then(Outcome::from_number);
            Ok(OutcomeTotal {
                outcome: outcome
                    .ok_or_else(|| self.damaged("it has an outcome that does not exist"))?,
                count: row.integer(1)?.unsigned_abs(),
            })
        });
        Ok(Totals {
            blocks: row.integer(0)?.unsigned_abs(),
            time_ms: row.integer(1)?.unsigned_abs(),
            state_root: Some(self.hash(row, 4)?),
            transactions: row.integer(2)?.unsigned_abs(),
            events: row.integer(3)?.unsigned_abs(),
            outcomes: outcomes.collect::<Result<_, IndexError>>()?,
        })
    }
}
