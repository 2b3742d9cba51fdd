//! Which slots a cap or a wait looks at.

use talea_types::conduct::{ContactTallies, Slot, TallyKind, TallyMeasure};

use crate::{
    facts::Facts,
    pack::{Counted, Initiators, Scope},
};

/// The tallies that a scope means.
pub(super) const fn tallies<'a>(scope: Scope, facts: &Facts<'a>) -> &'a ContactTallies {
    match scope {
        Scope::Person => facts.tallies.person,
        Scope::Debt => facts.tallies.debt,
        Scope::ContactPoint => facts.tallies.contact_point,
        Scope::Case => facts.tallies.case,
    }
}

/// Which contacts are counted together.
#[derive(Clone, Copy)]
pub(super) struct Selection {
    pub(super) measure: TallyMeasure,
    pub(super) automated: bool,
    pub(super) initiator: Initiators,
    pub(super) consented: bool,
}

impl Selection {
    /// All slots of the selection, in no order.
    pub(super) fn slots(self, tallies: &ContactTallies) -> impl Iterator<Item = &Slot> + Clone {
        let yes_or_no =
            |allowed: bool| [Some(false), allowed.then_some(true)].into_iter().flatten();
        yes_or_no(self.automated)
            .flat_map(move |automated| {
                yes_or_no(self.initiator == Initiators::Anyone)
                    .map(move |by_debtor| (automated, by_debtor))
            })
            .flat_map(move |(automated, by_debtor)| {
                yes_or_no(self.consented).map(move |consented| TallyKind {
                    measure: self.measure,
                    automated,
                    by_debtor,
                    consented,
                })
            })
            .flat_map(|kind| tallies.slots(kind))
    }
}

/// How what is counted is measured.
pub(super) const fn measure(counted: Counted) -> TallyMeasure {
    match counted {
        Counted::Attempts => TallyMeasure::CallAttempted,
        Counted::Connected => TallyMeasure::CallConnected,
        Counted::Conversations => TallyMeasure::Conversation,
        Counted::Messages => TallyMeasure::Message,
        Counted::Visits => TallyMeasure::Visit,
    }
}
