//! Statements of an account: what was booked on it in a period, and what was on it before and after, read from
//! its own history.
//!
//! Kept true: opening balance, entries and closing balance add up, and the closing balance is the one that the
//! ledger had.

mod camt;

pub use camt::{Message, write_message};

use std::collections::BTreeMap;

use bytes::Bytes;
use talea_genesis::standards::currency;
use talea_types::{
    AccountId, Asset, DecodeError, Event, EventDetail, Subject, Timestamp,
    event::{Posted, PostingKind},
    state::{Account, AssetKind, AssetTotals, Participant, StateKey},
};

use crate::{Index, IndexError, limits::STATEMENT_ENTRIES_MAX};

/// Digits after the point that ISO 20022 has room for.
const DECIMALS_MAX: u8 = 5;
/// What ISO 4217 has for what is no currency.
const NO_CURRENCY: &str = "XXX";

/// What was booked on an account in a period, of one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whose.
    pub account: AccountId,
    /// The sponsor: who keeps the account.
    pub servicer: Participant,
    /// Of what.
    pub asset: Asset,
    /// Digits after the point.
    pub decimals: u8,
    /// Whether the asset's code is one of ISO 4217.
    pub is_currency: bool,
    /// First business date, days since 1970-01-01.
    pub from: u32,
    /// Last business date.
    pub until: u32,
    /// Newest block that was read, and its time: when the statement is of.
    pub height: u64,
    /// Time of that block.
    pub at: Timestamp,
    /// On the account before the first entry, available and held, minor units.
    pub opening: u64,
    /// After the last entry.
    pub closing: u64,
    /// In the order in which they were booked.
    pub entries: Vec<Entry>,
}

/// One booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Block.
    pub height: u64,
    /// Its place in the account's history.
    pub sequence: u64,
    /// Time of the block.
    pub at: Timestamp,
    /// Business date.
    pub date: u32,
    /// How.
    pub kind: PostingKind,
    /// Whether it made the balance larger.
    pub is_credit: bool,
    /// How much, minor units.
    pub amount: u64,
    /// The other account, if there is one.
    pub counterparty: Option<AccountId>,
    /// Reference of who caused it; may be empty.
    pub end_to_end_id: String,
    /// Id of the transaction; `None` for what the ledger does by itself.
    pub transaction: Option<String>,
}

/// Why there is no statement.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// The index cannot be read.
    #[error("{0}")]
    Index(#[from] IndexError),
    /// Nobody has this account.
    #[error(
        "there is no account {account} in the index; is it of another network, or not yet followed?"
    )]
    AccountUnknown {
        /// The account.
        account: AccountId,
    },
    /// Nothing was ever booked.
    #[error("nothing was booked on {account} up to the last day")]
    Nothing {
        /// The account.
        account: AccountId,
    },
    /// The period ends before it begins.
    #[error("the period ends before it begins: --from is the first day, --until the last")]
    NoPeriod,
    /// More than one file should hold.
    #[error(
        "more than {STATEMENT_ENTRIES_MAX} entries between the two days; ask for fewer days at once"
    )]
    TooLong,
    /// ISO 20022 has no room for the amounts.
    #[error(
        "{asset} has {decimals} digits after the point; ISO 20022 messages have room for {DECIMALS_MAX}"
    )]
    Decimals {
        /// Of what.
        asset: Asset,
        /// How many.
        decimals: u8,
    },
    /// An object or event of the index cannot be read.
    #[error("the index is damaged: {0}; make it again with 'talea-audit reindex'")]
    Damaged(#[from] DecodeError),
    /// Something that must be there is not.
    #[error("the index is damaged: {0}; make it again with 'talea-audit reindex'")]
    Missing(&'static str),
}

/// Balances of one asset while the history is read.
#[derive(Default)]
struct Reading {
    opening: u64,
    balance: u64,
    entries: Vec<Entry>,
}

/// Statements of an account from one business date to another, both included: one for each asset that it has
/// or had, or for one of them.
///
/// # Errors
/// [`StatementError`].
pub fn read_statements(
    index: &Index,
    account: AccountId,
    (from, until): (u32, u32),
    only: Option<Asset>,
) -> Result<Vec<Statement>, StatementError> {
    if until < from {
        return Err(StatementError::NoPeriod);
    }
    index.at_once(|index| read_now(index, account, (from, until), only))
}

fn read_now(
    index: &Index,
    account: AccountId,
    (from, until): (u32, u32),
    only: Option<Asset>,
) -> Result<Vec<Statement>, StatementError> {
    let Some(bytes) = object(index, &StateKey::Account(account))? else {
        return Err(StatementError::AccountUnknown { account });
    };
    let sponsor = Account::decode(&bytes)?.sponsor;
    let servicer = object(index, &StateKey::Participant(sponsor))?;
    let servicer = servicer.ok_or(StatementError::Missing("the sponsor is not in the state"))?;
    let servicer = Participant::decode(&servicer)?;
    let read = read_history(index, account, (from, until), only)?;
    if read.is_empty() {
        return Err(StatementError::Nothing { account });
    }
    let newest = index.totals()?;
    read.into_iter()
        .map(|(asset, read)| {
            let totals = object(index, &StateKey::Asset(asset))?;
            let totals = totals.ok_or(StatementError::Missing("an asset is not in the state"))?;
            let totals = AssetTotals::decode(&totals)?;
            let decimals = totals.decimals;
            if decimals > DECIMALS_MAX {
                return Err(StatementError::Decimals { asset, decimals });
            }
            let is_iso = currency::decimals(asset.as_str()).is_some();
            Ok(Statement {
                account,
                servicer: servicer.clone(),
                asset,
                decimals,
                is_currency: totals.kind == AssetKind::Currency && is_iso,
                from,
                until,
                height: newest.blocks,
                at: Timestamp::from_millis(newest.time_ms),
                opening: read.opening,
                closing: read.balance,
                entries: read.entries,
            })
        })
        .collect()
}

/// Everything that was ever posted up to the last day: what is before the first is in the opening balance.
fn read_history(
    index: &Index,
    account: AccountId,
    (from, until): (u32, u32),
    only: Option<Asset>,
) -> Result<BTreeMap<Asset, Reading>, StatementError> {
    let history = "SELECT event.bytes, block.business_date FROM event \
                   JOIN block ON block.height = event.height \
                   WHERE event.subject = $1 AND block.business_date <= $2 \
                   ORDER BY event.sequence";
    let subject = Subject::Account(account).to_bytes();
    let values = [subject[..].into(), u64::from(until).into()];
    let mut read: BTreeMap<Asset, Reading> = BTreeMap::new();
    let mut count = 0_usize;
    index.each(history, &values, |row| {
        let event = Event::decode(&Bytes::copy_from_slice(row.bytes(0)?))?;
        let EventDetail::Posted(posted) = &*event.detail else {
            return Ok(());
        };
        if only.is_some_and(|only| only != posted.asset) {
            return Ok(());
        }
        let reading = read.entry(posted.asset).or_default();
        let after = posted
            .available
            .minor_units()
            .saturating_add(posted.held.minor_units());
        let before = std::mem::replace(&mut reading.balance, after);
        let date = u32::try_from(row.integer(1)?);
        let date = date.map_err(|_| StatementError::Missing("a block has no business date"))?;
        if date < from {
            reading.opening = after;
            return Ok(());
        }
        // What is only set aside, or no longer is, stays on the account.
        if after != before {
            count += 1;
            if count > STATEMENT_ENTRIES_MAX {
                return Err(StatementError::TooLong);
            }
            reading
                .entries
                .push(entry(&event, posted, (before, after), date));
        }
        Ok(())
    })?;
    Ok(read)
}

fn entry(event: &Event, posted: &Posted, (before, after): (u64, u64), date: u32) -> Entry {
    Entry {
        height: event.height,
        sequence: event.sequence,
        at: event.time,
        date,
        kind: posted.kind,
        is_credit: before < after,
        amount: before.abs_diff(after),
        counterparty: posted.counterparty,
        end_to_end_id: posted.end_to_end_id.clone(),
        transaction: event.cause.map(|cause| cause.transaction.to_string()),
    }
}

fn object(index: &Index, key: &StateKey) -> Result<Option<Bytes>, IndexError> {
    let key = key.to_bytes();
    let rows = index.ask("SELECT value FROM state WHERE key = $1", &[key[..].into()])?;
    let value = rows.first().map(|row| row.bytes(0)).transpose()?;
    Ok(value.map(Bytes::copy_from_slice))
}

impl Statement {
    /// The currency code that the message carries: the asset's own, or that for what is none.
    #[must_use]
    pub fn currency(&self) -> &str {
        if self.is_currency {
            self.asset.as_str()
        } else {
            NO_CURRENCY
        }
    }
}
