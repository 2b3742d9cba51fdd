//! Writing: all rows of some blocks in one transaction.

use rusqlite::Transaction;

use super::{Index, IndexError};
use crate::{Audited, checked::Counts};

const BLOCK: &str = "INSERT INTO block (height, hash, time_ms, business_date, proposer, round, \
                     state_root, applied, rejected, void, committed) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const TX: &str = "INSERT INTO tx (height, position, id, author, operation, outcome, rules) \
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const EVENT: &str = "INSERT INTO event (height, position, subject, sequence, kind, \
                     transaction_position, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const SET: &str = "INSERT INTO state (key, value) VALUES (?1, ?2) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const REMOVE: &str = "DELETE FROM state WHERE key = ?1";
const META: &str = "INSERT INTO meta (name, value) VALUES (?1, ?2) \
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

impl Index {
    /// Adds the next blocks, all or none. The objects of a new index's genesis state are written with the
    /// first.
    ///
    /// # Errors
    /// [`IndexError::Store`]; also when a block is there already.
    pub fn append(&mut self, blocks: &[Audited]) -> Result<(), IndexError> {
        let written = (|| {
            let transaction = self.connection.transaction()?;
            for block in blocks {
                write_block(&transaction, block)?;
            }
            if let Some(last) = blocks.last() {
                let validators = last.tip.validators_bytes();
                transaction.execute(META, ("validators", validators))?;
            }
            transaction.commit()
        })();
        self.done(written)
    }

    /// Keeps the objects of the state before the first block, from which the state goes on.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn begin(
        &mut self,
        objects: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
    ) -> Result<(), IndexError> {
        let written = (|| {
            let transaction = self.connection.transaction()?;
            for (key, value) in objects {
                transaction.prepare_cached(SET)?.execute((key, value))?;
            }
            transaction.commit()
        })();
        self.done(written)
    }
}

/// Numbers of the protocol fit: heights, times and counts are far below 2^63.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or_else(|_| unreachable!("{value} is no number of the protocol"))
}

fn write_block(transaction: &Transaction<'_>, audited: &Audited) -> rusqlite::Result<()> {
    let content = &audited.block.body.content;
    let header = &content.header;
    let height = number(header.height);
    let counts = Counts::of(&audited.results);
    transaction.prepare_cached(BLOCK)?.execute((
        height,
        &audited.tip.hash.as_bytes()[..],
        number(header.time.millis()),
        header.business_date,
        &header.proposer.as_bytes()[..],
        audited.block.certificate.round,
        &header.state_root.as_bytes()[..],
        counts.applied,
        counts.rejected,
        counts.void,
        &audited.bytes[..],
    ))?;
    let mut insert = transaction.prepare_cached(TX)?;
    let results = audited.transactions.iter().zip(&audited.results);
    for (position, (transaction, result)) in (0_u32..).zip(results) {
        insert.execute((
            height,
            position,
            &result.transaction.as_bytes()[..],
            &transaction.body().author.to_bytes()[..],
            transaction.body().operation.name(),
            result.outcome.number(),
            result.rules.join(" "),
        ))?;
    }
    let mut insert = transaction.prepare_cached(EVENT)?;
    for (position, record) in (0_u32..).zip(&audited.events) {
        let event = &record.event;
        insert.execute((
            height,
            position,
            &event.subject.to_bytes()[..],
            number(event.sequence),
            event.detail.name(),
            event.cause.map(|cause| cause.index),
            &record.encoded[..],
        ))?;
    }
    let mut set = transaction.prepare_cached(SET)?;
    let mut remove = transaction.prepare_cached(REMOVE)?;
    for entry in &audited.delta.entries {
        let key = entry.key.to_bytes();
        match &entry.value {
            Some(value) => set.execute((key, &value[..]))?,
            None => remove.execute((key,))?,
        };
    }
    Ok(())
}
