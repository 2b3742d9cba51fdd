//! Transactions that were accepted here and are not final, and who waits for them.
//!
//! Kept true: whoever waits is told once, when a block carries the transaction or its expiry passes;
//! entries and waiters are bounded; nothing is kept of a transaction that is final.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use parking_lot::Mutex;
use talea_types::{Timestamp, TransactionId};
use tokio::sync::{Notify, oneshot};

use super::resolution::Resolution;
use crate::{
    interface::CommittedRecord,
    limits::api::{PENDING_MAX, WAITERS_PER_TRANSACTION_MAX},
};

/// Resolutions for one stream of submissions.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    resolved: Mutex<Vec<(TransactionId, Resolution)>>,
    changed: Notify,
}

impl Inbox {
    /// Waits until there may be something to take.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Takes what has come.
    pub(super) fn take(&self) -> Vec<(TransactionId, Resolution)> {
        std::mem::take(&mut self.resolved.lock())
    }
}

/// Who waits.
#[derive(Debug)]
pub(super) enum Waiter {
    /// A single call.
    Call(oneshot::Sender<Resolution>),
    /// A stream.
    Stream(Arc<Inbox>),
}

impl Waiter {
    fn is_gone(&self) -> bool {
        match self {
            Self::Call(reply) => reply.is_closed(),
            Self::Stream(_) => false,
        }
    }
}

/// How registering a waiter went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Registered {
    /// It will be told.
    Waiting,
    /// The same, but a block came since; the transaction may be in it, so the history must be asked.
    Late,
    /// Too many are waiting.
    Full,
}

#[derive(Debug)]
struct Entry {
    expires_at: Timestamp,
    waiters: Vec<Waiter>,
}

#[derive(Debug, Default)]
struct Table {
    entries: BTreeMap<TransactionId, Entry>,
    by_expiry: BTreeSet<(Timestamp, TransactionId)>,
    /// Blocks up to this height were looked at.
    height: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Pending(Mutex<Table>);

impl Pending {
    /// Blocks up to this height need no looking at.
    pub(super) fn starting_at(height: u64) -> Self {
        Self(Mutex::new(Table {
            height,
            ..Table::default()
        }))
    }

    /// The height up to which blocks were looked at. Ask before a transaction is submitted.
    pub(super) fn height(&self) -> u64 {
        self.0.lock().height
    }

    /// Whether the transaction waits to be final.
    pub(super) fn contains(&self, id: &TransactionId) -> bool {
        self.0.lock().entries.contains_key(id)
    }

    /// Remembers a transaction that was accepted. `since` is the height of before it was submitted: a
    /// transaction that may be in a later block already is not remembered.
    pub(super) fn remember(&self, id: TransactionId, expires_at: Timestamp, since: u64) {
        let mut table = self.0.lock();
        if table.height <= since {
            // When the table is full the transaction is not reported as accepted; nothing else.
            let _ = table.entry(id, expires_at);
        }
    }

    /// Waits for a transaction that was accepted. `since` as for [`Pending::remember`].
    pub(super) fn register(
        &self,
        id: TransactionId,
        expires_at: Timestamp,
        since: u64,
        waiter: Waiter,
    ) -> Registered {
        let mut table = self.0.lock();
        let late = table.height > since;
        let Some(entry) = table.entry(id, expires_at) else {
            return Registered::Full;
        };
        entry.waiters.retain(|waiter| !waiter.is_gone());
        if entry.waiters.len() >= WAITERS_PER_TRANSACTION_MAX {
            return Registered::Full;
        }
        entry.waiters.push(waiter);
        if late {
            Registered::Late
        } else {
            Registered::Waiting
        }
    }

    /// The transaction is final; its waiters need not be told.
    pub(super) fn forget(&self, id: &TransactionId) {
        self.0.lock().remove(id);
    }

    /// A stream ended.
    pub(super) fn forget_stream<'a>(
        &self,
        inbox: &Arc<Inbox>,
        ids: impl Iterator<Item = &'a TransactionId>,
    ) {
        let mut table = self.0.lock();
        for id in ids {
            if let Some(entry) = table.entries.get_mut(id) {
                let is_other = |waiter: &Waiter| !matches!(waiter, Waiter::Stream(other) if Arc::ptr_eq(inbox, other));
                entry.waiters.retain(is_other);
            }
        }
    }

    /// Looks at a block.
    pub(super) fn on_block(&self, record: &CommittedRecord) {
        let mut woken: Vec<Arc<Inbox>> = Vec::new();
        let mut table = self.0.lock();
        let height = record.height();
        if height <= table.height {
            return;
        }
        if !table.entries.is_empty() {
            for (index, result) in (0_u32..).zip(&record.results) {
                if let Some(entry) = table.remove(&result.transaction) {
                    let resolution = Resolution::of_result(result.outcome, height, index);
                    entry.resolve(result.transaction, resolution, &mut woken);
                }
            }
            table.expire(record.body.content.header.time, &mut woken);
        }
        table.height = height;
        drop(table);
        for inbox in woken {
            inbox.changed.notify_one();
        }
    }
}

impl Table {
    /// The entry, made if there is room.
    fn entry(&mut self, id: TransactionId, expires_at: Timestamp) -> Option<&mut Entry> {
        if self.entries.len() >= PENDING_MAX && !self.entries.contains_key(&id) {
            return None;
        }
        self.by_expiry.insert((expires_at, id));
        let new = || Entry {
            expires_at,
            waiters: Vec::new(),
        };
        Some(self.entries.entry(id).or_insert_with(new))
    }

    fn remove(&mut self, id: &TransactionId) -> Option<Entry> {
        let entry = self.entries.remove(id)?;
        self.by_expiry.remove(&(entry.expires_at, *id));
        Some(entry)
    }

    fn expire(&mut self, now: Timestamp, woken: &mut Vec<Arc<Inbox>>) {
        while let Some((expires_at, id)) = self.by_expiry.first().copied()
            && expires_at < now
        {
            if let Some(entry) = self.remove(&id) {
                entry.resolve(id, Resolution::Expired, woken);
            }
        }
    }
}

impl Entry {
    fn resolve(self, id: TransactionId, resolution: Resolution, woken: &mut Vec<Arc<Inbox>>) {
        for waiter in self.waiters {
            match waiter {
                // A caller that went away needs no answer.
                Waiter::Call(reply) => drop(reply.send(resolution)),
                Waiter::Stream(inbox) => {
                    inbox.resolved.lock().push((id, resolution));
                    if woken.last().is_none_or(|last| !Arc::ptr_eq(last, &inbox)) {
                        woken.push(inbox);
                    }
                }
            }
        }
    }
}
