//! What is known of the debtor, the debt and the collector when a contact is decided. The caller reads
//! it from the state; nothing here grows with the length of a history.

use talea_types::{
    Hash, ParticipantId, Timestamp,
    conduct::{Channel, ContactTallies, Notice, Protection},
    limits::CONSENT_FRESH_DAYS,
};

use crate::{contact::Contact, pack::Hours, place::Place, time_zone::Zone};

/// Who wants to contact the debtor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collector {
    /// A desk of the lender.
    Lender,
    /// An agency, or another who collects for somebody else.
    ThirdParty,
}

/// The licence of an agency, and what is known of its supervision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    /// Where it was issued.
    pub jurisdiction: Place,
    /// When it ends, exclusive; `None` when it does not.
    pub valid_until: Option<Timestamp>,
    /// Whether the agency is on the public list.
    pub listed_publicly: bool,
    /// When it was last evaluated.
    pub evaluated_at: Option<Timestamp>,
}

/// A notice that was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServedNotice {
    /// What it told.
    pub notice: Notice,
    /// When.
    pub at: Timestamp,
}

/// What the debtor does not want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptOut {
    /// A channel, or all.
    pub channel: Option<Channel>,
    /// A number or address, or all.
    pub contact_point: Option<Hash>,
}

/// A protection of the debtor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtectionInForce {
    /// Which.
    pub protection: Protection,
    /// From when on.
    pub from: Timestamp,
    /// Until when, exclusive; `None` until it is lifted.
    pub until: Option<Timestamp>,
}

/// The counters of a contact, one for each of [`Contact::tally_keys`](crate::Contact::tally_keys).
#[derive(Clone, Copy, Debug)]
pub struct Tallies<'a> {
    /// Of the debtor.
    pub person: &'a ContactTallies,
    /// Of the debt.
    pub debt: &'a ContactTallies,
    /// Of the contact point.
    pub contact_point: &'a ContactTallies,
    /// Of the case.
    pub case: &'a ContactTallies,
}

/// What a contact is decided by, besides itself.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Time zones of the debtor; a contact must be legal in all of them. Without any, quiet hours and
    /// caps by local day refuse everything.
    pub zones: &'a [Zone],
    /// Where the debtor lives.
    pub residence: Place,
    /// Whose law governs the contract.
    pub governing_law: Place,
    /// Whether the debt is high-cost short-term credit as the FCA Handbook's glossary means it: at 100 % a
    /// year or more, to be repaid within twelve months, and not secured.
    pub high_cost_short_term: bool,
    /// Who lent.
    pub lender: ParticipantId,
    /// Who collects.
    pub collector: Collector,
    /// Its licence; `None` when it has none.
    pub licence: Option<Licence>,
    /// Notices that were served.
    pub notices: &'a [ServedNotice],
    /// When the debtor was first contacted about the debt by this collector.
    pub first_communication: Option<Timestamp>,
    /// When the debtor last consented to be called, directly to this collector; not in the future.
    pub consented_at: Option<Timestamp>,
    /// Hours in local time at which the debtor agreed to be contacted.
    pub agreed_hours: Option<Hours>,
    /// Hours in local time at which the debtor refused to be contacted.
    pub refused_hours: &'a [Hours],
    /// What the debtor opted out of.
    pub opt_outs: &'a [OptOut],
    /// Whether the debtor demanded that contacts cease.
    pub cease: bool,
    /// Whether an attorney or adviser acts for the debtor.
    pub represented: bool,
    /// Whether a dispute about the debt is open.
    pub disputed: bool,
    /// Whether a complaint is open.
    pub complained: bool,
    /// Protections, also such as have ended or are to come.
    pub protections: &'a [ProtectionInForce],
    /// Whether the third party said that it wants no contact.
    pub third_party_refused: bool,
    /// Whether the debtor is dead or incapacitated.
    pub debtor_unable: bool,
    /// Whether forbearance was considered.
    pub forbearance_considered: bool,
    /// The counters.
    pub tallies: Tallies<'a>,
}

impl Facts<'_> {
    /// Whether a contact is made with consent at most so many local days old, in every time zone; the
    /// day of the consent is the first.
    #[must_use]
    pub fn is_consented(&self, contact: &Contact, days: u32) -> bool {
        let last = contact.slot().last;
        self.consented_at.is_some_and(|consent| {
            consent <= contact.from
                && !self.zones.is_empty()
                && self
                    .zones
                    .iter()
                    .all(|zone| zone.day(last).saturating_sub(zone.day(consent)) < i64::from(days))
        })
    }

    /// Whether a permitted contact is counted as one with fresh consent, apart from the others: for
    /// [`ContactTallies::reserve`] and, with the same answer, [`ContactTallies::settle`].
    #[must_use]
    pub fn counts_as_consented(&self, contact: &Contact) -> bool {
        self.is_consented(contact, CONSENT_FRESH_DAYS)
    }
}
