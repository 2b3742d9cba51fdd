//! The four counters of a contact.

use talea_rules::Tallies;
use talea_types::{
    AccountId, CaseId, Hash, LoanId,
    conduct::{ContactTallies, TallyKey},
    state::{Case, Debtor, Permit},
};

use crate::state::WorkingState;

/// By what a contact is counted.
#[derive(Clone, Copy)]
pub(crate) struct CountedBy {
    pub(crate) debtor: AccountId,
    pub(crate) loan: LoanId,
    pub(crate) contact_point: Hash,
    pub(crate) case: CaseId,
}

impl CountedBy {
    pub(crate) const fn of(permit: &Permit) -> Self {
        Self {
            debtor: permit.debtor,
            loan: permit.loan,
            contact_point: permit.contact_point,
            case: permit.case,
        }
    }

    /// Those of the four that are objects of their own.
    const fn keys(&self) -> [TallyKey; 2] {
        [
            TallyKey::Debt(self.loan),
            TallyKey::ContactPoint(self.contact_point),
        ]
    }

    /// The counters as they are now, with the debtor and the case as they are now; `none` stands for one
    /// that has counted nothing.
    pub(crate) fn tallies<'a>(
        &self,
        state: &'a WorkingState<'_>,
        debtor: &'a Debtor,
        case: &'a Case,
        none: &'a ContactTallies,
    ) -> Tallies<'a> {
        let tally = |key| state.collections.tallies.get(&key).unwrap_or(none);
        let [debt, contact_point] = self.keys();
        Tallies {
            person: &debtor.contacts,
            debt: tally(debt),
            contact_point: tally(contact_point),
            case: &case.contacts,
        }
    }

    /// Changes all four.
    pub(crate) fn count(&self, state: &mut WorkingState<'_>, change: impl Fn(&mut ContactTallies)) {
        if let Some(debtor) = state.debtors.get_mut(&self.debtor) {
            change(&mut debtor.contacts);
        }
        if let Some(case) = state.collections.cases.get_mut(&self.case) {
            change(&mut case.contacts);
        }
        for key in self.keys() {
            state.collections.count(key, &change);
        }
    }
}
