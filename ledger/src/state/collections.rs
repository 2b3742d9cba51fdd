//! Cases, permits and counters of contacts; complaints and promises.

use talea_types::{
    AccountId, CaseId, LoanId, PermitId, StateKey,
    conduct::{ContactTallies, TallyKey},
    state::{Case, Complaint, PaymentPromise, Permit},
};

use super::{Expiring, ExpiryQueue, ObjectChanges, Table, Touched};

/// A debtor, and the number of its complaint.
pub(crate) type ComplaintId = (AccountId, u32);

/// The committed objects.
#[derive(Default)]
pub(crate) struct Collections {
    pub(crate) cases: Table<CaseId, Case>,
    pub(crate) permits: Table<PermitId, Permit>,
    pub(crate) tallies: Table<TallyKey, ContactTallies>,
    pub(crate) complaints: Table<ComplaintId, Complaint>,
    pub(crate) promises: Table<LoanId, PaymentPromise>,
}

/// What a block touched of them. No leg of a batch changes them.
pub(crate) struct CollectionsTouched<'a> {
    pub(crate) cases: Touched<'a, CaseId, Case>,
    pub(crate) permits: Touched<'a, PermitId, Permit>,
    pub(crate) tallies: Touched<'a, TallyKey, ContactTallies>,
    pub(crate) complaints: Touched<'a, ComplaintId, Complaint>,
    pub(crate) promises: Touched<'a, LoanId, PaymentPromise>,
}

/// What a block changed of them.
pub(crate) struct CollectionsChanges {
    pub(crate) cases: ObjectChanges<CaseId, Case>,
    pub(crate) permits: ObjectChanges<PermitId, Permit>,
    pub(crate) tallies: ObjectChanges<TallyKey, ContactTallies>,
    pub(crate) complaints: ObjectChanges<ComplaintId, Complaint>,
    pub(crate) promises: ObjectChanges<LoanId, PaymentPromise>,
}

impl Collections {
    /// Takes over what a block changed; `expiries` holds what of it ends by itself.
    pub(crate) fn apply(&mut self, changes: CollectionsChanges, expiries: &mut ExpiryQueue) {
        for (id, permit) in changes.permits.iter() {
            let object = Expiring::Permit(*id);
            let old = self.permits.get(id).map(|permit| permit.ends_at);
            expiries.replace(object, old, permit.map(|permit| permit.ends_at));
        }
        for (id, promise) in changes.promises.iter() {
            let object = Expiring::Promise(*id);
            let old = self.promises.get(id).map(PaymentPromise::broken_at);
            expiries.replace(object, old, promise.map(PaymentPromise::broken_at));
        }
        for (id, complaint) in changes.complaints.iter() {
            let object = Expiring::Complaint(id.0, id.1);
            let old = self.complaints.get(id).and_then(Complaint::overdue_at);
            expiries.replace(object, old, complaint.and_then(Complaint::overdue_at));
        }
        changes.cases.apply_to(&mut self.cases);
        changes.permits.apply_to(&mut self.permits);
        changes.tallies.apply_to(&mut self.tallies);
        changes.complaints.apply_to(&mut self.complaints);
        changes.promises.apply_to(&mut self.promises);
    }

    /// Adds all that ends by itself.
    pub(crate) fn queue(&self, expiries: &mut ExpiryQueue) {
        for (id, permit) in self.permits.iter() {
            expiries.insert(permit.ends_at, Expiring::Permit(*id));
        }
        for (id, promise) in self.promises.iter() {
            expiries.insert(promise.broken_at(), Expiring::Promise(*id));
        }
        for ((debtor, number), complaint) in self.complaints.iter() {
            if let Some(at) = complaint.overdue_at() {
                expiries.insert(at, Expiring::Complaint(*debtor, *number));
            }
        }
    }

    /// The keys of all objects, ascending.
    pub(crate) fn keys(&self) -> impl Iterator<Item = StateKey> {
        let complaints = self.complaints.keys();
        let cases = self.cases.keys().copied().map(StateKey::Case);
        cases
            .chain(self.permits.keys().copied().map(StateKey::Permit))
            .chain(self.tallies.keys().copied().map(StateKey::Tally))
            .chain(complaints.map(|(debtor, number)| StateKey::Complaint(*debtor, *number)))
            .chain(self.promises.keys().copied().map(StateKey::Promise))
    }
}

impl<'a> CollectionsTouched<'a> {
    pub(crate) fn over(base: &'a Collections) -> Self {
        Self {
            cases: Touched::over(&base.cases),
            permits: Touched::over(&base.permits),
            tallies: Touched::over(&base.tallies),
            complaints: Touched::over(&base.complaints),
            promises: Touched::over(&base.promises),
        }
    }

    /// Changes a counter of contacts that is an object of its own, which comes into being with the first.
    pub(crate) fn count(&mut self, key: TallyKey, change: impl FnOnce(&mut ContactTallies)) {
        if let Some(tallies) = self.tallies.get_mut(&key) {
            change(tallies);
            return;
        }
        let mut tallies = ContactTallies::default();
        change(&mut tallies);
        self.tallies.insert(key, tallies);
    }

    pub(crate) fn into_changes(self) -> CollectionsChanges {
        CollectionsChanges {
            cases: self.cases.into_changes(),
            permits: self.permits.into_changes(),
            tallies: self.tallies.into_changes(),
            complaints: self.complaints.into_changes(),
            promises: self.promises.into_changes(),
        }
    }
}
