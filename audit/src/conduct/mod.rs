//! How debtors were treated, as an auditor is asked about it: one entry for each step of a contact, each
//! refusal, each breach, each remedy and each report. Pure; everything follows from the events and results of a block and
//! the state after it.
//!
//! An event about a debtor stands in several histories. It is taken from the debtor's own, where it stands
//! exactly once.

mod contact;
mod refusal;
mod remedy;
mod report;

pub use contact::{ContactGranted, ContactStep, Parties, Reach};
pub use refusal::{BreachFound, PermitRefused};
pub use remedy::{RemedyChange, RemedyKind, RemedyOpened, RemedyStep};
pub use report::ContactTold;

use talea_ledger::{EventRecord, Ledger};
use talea_types::{
    EventDetail, Subject, TransactionResult, VerifiedTransaction, event::CollectionsEvent,
};

/// What a block has to say about the treatment of debtors, in the order in which it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conduct {
    /// Steps of contacts.
    pub contacts: Vec<ContactStep>,
    /// Contacts that debtors report.
    pub reports: Vec<ContactTold>,
    /// Permits that were refused by rules.
    pub refusals: Vec<PermitRefused>,
    /// What was done wrong.
    pub breaches: Vec<BreachFound>,
    /// Steps of disputes, complaints and protections.
    pub remedies: Vec<RemedyStep>,
}

impl Conduct {
    /// Reads a block. `after` is the state after it.
    #[must_use]
    pub fn of_block(
        transactions: &[VerifiedTransaction],
        results: &[TransactionResult],
        events: &[EventRecord],
        after: &Ledger,
    ) -> Self {
        let mut conduct = Self::default();
        for (position, (transaction, result)) in (0_u32..).zip(transactions.iter().zip(results)) {
            let refused = PermitRefused::of(position, transaction, result, after);
            conduct.refusals.extend(refused);
        }
        for (position, record) in (0_u32..).zip(events) {
            let event = &record.event;
            let (Subject::Debtor(debtor), EventDetail::Collections(detail)) =
                (event.subject, &*event.detail)
            else {
                continue;
            };
            conduct
                .contacts
                .extend(ContactStep::of(event, debtor, detail, after));
            conduct
                .reports
                .extend(ContactTold::of(debtor, detail, after));
            conduct
                .remedies
                .extend(RemedyStep::of(event, debtor, detail, after));
            if let CollectionsEvent::Breach(breach) = detail {
                conduct
                    .breaches
                    .push(BreachFound::of(position, breach, after));
            }
        }
        conduct
    }
}
