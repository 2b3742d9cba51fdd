//! What may still be kept: records about a debtor, for as long after the last thing that happened to the debtor
//! as the packs in force say, and longer where a legal hold says that nothing of the holder may be deleted. What the
//! ledger itself holds is not touched by this: an export is a copy.
//!
//! Kept true: no row of an export holds the id of a loan or a case that may no longer be kept, neither in a column
//! nor in the bytes of an event.

use std::collections::BTreeSet;

use bytes::Bytes;
use talea_rules::{Pack, Provision};
use talea_types::{
    AccountId, Subject,
    event::Event,
    state::{Case, Loan, RulePackRecord, RulePackStatus, StateKey},
};

use super::ExportError;
use crate::Index;

/// Days of a year, at most: what is kept a day longer was not kept too short.
const YEAR_MS: u64 = 366 * 86_400_000;

/// Whose records may no longer be kept.
#[derive(Debug, Default)]
pub(super) struct Retention {
    /// The longest that a pack in force says; `None` when none says anything: then all is kept.
    pub(super) years: Option<u32>,
    /// Before this time is too old.
    pub(super) before_ms: u64,
    /// Debtors, loans and cases, as subjects.
    ended: BTreeSet<Vec<u8>>,
    /// The ids of those loans and cases.
    ended_ids: BTreeSet<[u8; 16]>,
}

impl Retention {
    /// As of the newest block, whichever days are exported: those of long ago are what may no longer be kept.
    pub(super) fn of(index: &Index) -> Result<Self, ExportError> {
        let Some(years) = longest(index)? else {
            return Ok(Self::default());
        };
        let times = index.ask("SELECT min(time_ms), max(time_ms) FROM block", &[])?;
        let time = |column| {
            let time = times.first().map(|row| row.optional_integer(column));
            Ok::<_, ExportError>(time.transpose()?.flatten().map(i64::unsigned_abs))
        };
        let (first_ms, now_ms) = (time(0)?, time(1)?.unwrap_or_default());
        let before_ms = now_ms.saturating_sub(u64::from(years).saturating_mul(YEAR_MS));
        let mut retention = Self {
            years: Some(years),
            before_ms,
            ..Self::default()
        };
        let is_young = first_ms.is_none_or(|time| before_ms <= time);
        if !is_young {
            retention.find_ended(index)?;
        }
        Ok(retention)
    }

    /// Debtors to whom nothing happened since, and their loans and cases.
    fn find_ended(&mut self, index: &Index) -> Result<(), ExportError> {
        let mut on_hold = BTreeSet::new();
        each_object(index, |key, _| {
            // There is no such object once the last hold is lifted.
            if let StateKey::LegalHolds(account) = key {
                on_hold.insert(Subject::Debtor(account).to_bytes().to_vec());
            }
            Ok(())
        })?;
        let (low, high) = kind_of(Subject::Debtor);
        let ask = "SELECT event.subject, max(block.time_ms) FROM event \
                   JOIN block ON block.height = event.height \
                   WHERE event.subject >= $1 AND event.subject <= $2 \
                   GROUP BY event.subject ORDER BY event.subject";
        index.each(ask, &[low[..].into(), high[..].into()], |row| {
            let is_old = row.integer(1)?.unsigned_abs() < self.before_ms;
            let debtor = row.bytes(0)?;
            if is_old && !on_hold.contains(debtor) {
                self.ended.insert(debtor.to_vec());
            }
            Ok::<_, ExportError>(())
        })?;
        each_object(index, |key, value| {
            let (subject, id, debtor) = match key {
                StateKey::Loan(id) => (
                    Subject::Loan(id),
                    *id.as_bytes(),
                    Loan::decode(value)?.borrower,
                ),
                StateKey::Case(id) => (
                    Subject::Case(id),
                    *id.as_bytes(),
                    Case::decode(value)?.debtor,
                ),
                _ => return Ok(()),
            };
            if !self.keeps_debtor(debtor.as_bytes()) {
                self.ended.insert(subject.to_bytes().to_vec());
                self.ended_ids.insert(id);
            }
            Ok(())
        })
    }

    /// Whether records of a subject may be kept.
    pub(super) fn keeps(&self, subject: &[u8]) -> bool {
        !self.ended.contains(subject)
    }

    /// Whether an event in somebody's history may be kept: it names no debtor, loan or case whose records may not.
    /// Its bytes are searched, so that no kind of event can be forgotten here; ids are 16 bytes that nobody chooses.
    pub(super) fn keeps_event(&self, event: &Event, bytes: &[u8]) -> bool {
        if self.ended.is_empty() {
            return true;
        }
        // A movement of money is of the account and not of the debtor: without it nothing would add up.
        let is_of_account = matches!(event.subject, Subject::Account(_));
        self.keeps(&event.subject.to_bytes())
            && bytes.windows(16).all(|id| {
                let is_named =
                    <[u8; 16]>::try_from(id).is_ok_and(|id| self.ended_ids.contains(&id));
                !is_named && (is_of_account || self.keeps_debtor(id))
            })
    }

    /// The same of a debtor's account.
    pub(super) fn keeps_debtor(&self, account: &[u8]) -> bool {
        let id: Result<[u8; 16], _> = account.try_into();
        id.is_ok_and(|id| self.keeps(&Subject::Debtor(AccountId::from_bytes(id)).to_bytes()))
    }
}

/// The least and the greatest subject of a kind.
fn kind_of(make: fn(AccountId) -> Subject) -> ([u8; 17], [u8; 17]) {
    let subject = |byte| make(AccountId::from_bytes([byte; 16])).to_bytes();
    (subject(0), subject(u8::MAX))
}

/// The longest of the packs in force.
fn longest(index: &Index) -> Result<Option<u32>, ExportError> {
    let mut longest = None;
    each_object(index, |key, value| {
        let StateKey::RulePack(_) = key else {
            return Ok(());
        };
        let record = RulePackRecord::decode(value)?;
        if record.status == RulePackStatus::InForce
            && let Ok(pack) = Pack::decode(&record.document)
        {
            for rule in &pack.rules {
                if let Provision::Retention(retention) = &rule.provision {
                    longest = longest.max(Some(retention.years));
                }
            }
        }
        Ok(())
    })?;
    Ok(longest)
}

fn each_object(
    index: &Index,
    mut on_object: impl FnMut(StateKey, &Bytes) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    index.each("SELECT key, value FROM state ORDER BY key", &[], |row| {
        let key = StateKey::from_bytes(row.bytes(0)?)?;
        on_object(key, &Bytes::copy_from_slice(row.bytes(1)?))
    })
}
