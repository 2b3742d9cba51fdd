//! The four counters of a contact.

use talea_rules::Tallies;
use talea_types::{
    AccountId, CaseId, Hash, LoanId,
    conduct::{ContactTallies, TallyKey},
    state::Permit,
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

    const fn keys(&self) -> [TallyKey; 4] {
        [
            TallyKey::Person(self.debtor),
            TallyKey::Debt(self.loan),
            TallyKey::ContactPoint(self.contact_point),
            TallyKey::Case(self.case),
        ]
    }

    /// The counters as they are now; `none` stands for one that has counted nothing.
    pub(crate) fn tallies<'a>(
        &self,
        state: &'a WorkingState<'_>,
        none: &'a ContactTallies,
    ) -> Tallies<'a> {
        let tally = |key| state.collections.tallies.get(&key).unwrap_or(none);
        let [person, debt, contact_point, case] = self.keys();
        Tallies {
            person: tally(person),
            debt: tally(debt),
            contact_point: tally(contact_point),
            case: tally(case),
        }
    }

    /// Changes all four.
    pub(crate) fn count(&self, state: &mut WorkingState<'_>, change: impl Fn(&mut ContactTallies)) {
        for key in self.keys() {
            state.collections.count(key, &change);
        }
    }
}
