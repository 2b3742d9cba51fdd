//! What ends by itself, in the order in which it does.

use std::collections::BTreeSet;

use talea_types::{AccountId, HoldId, LoanId, PermitId, Timestamp};

use super::RightId;

/// An object that ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Expiring {
    /// A hold: its amount becomes available again.
    Hold(HoldId),
    /// A right to refund: it is forgotten.
    RefundRight(RightId),
    /// A permit: nobody closed it, or it is forgotten.
    Permit(PermitId),
    /// A promise to pay: it is broken.
    Promise(LoanId),
    /// A complaint: it is overdue.
    Complaint(AccountId, u32),
}

/// Objects by the time at which they end, then by kind and id.
#[derive(Default)]
pub(crate) struct ExpiryQueue(BTreeSet<(Timestamp, Expiring)>);

impl ExpiryQueue {
    pub(crate) fn insert(&mut self, at: Timestamp, object: Expiring) {
        self.0.insert((at, object));
    }

    pub(crate) fn remove(&mut self, at: Timestamp, object: Expiring) {
        self.0.remove(&(at, object));
    }

    /// An object that ended at one time ends at another from now on.
    pub(crate) fn replace(
        &mut self,
        object: Expiring,
        old: Option<Timestamp>,
        new: Option<Timestamp>,
    ) {
        if let Some(at) = old {
            self.remove(at, object);
        }
        if let Some(at) = new {
            self.insert(at, object);
        }
    }

    /// What has ended at `now`, earliest first.
    pub(crate) fn ended_at(&self, now: Timestamp) -> impl Iterator<Item = Expiring> {
        let ended = self.0.iter().take_while(move |(at, _)| *at <= now);
        ended.map(|(_, object)| *object)
    }
}
