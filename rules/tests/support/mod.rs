//! A debtor with a history, for tests: what a ledger would keep.

#![allow(dead_code, reason = "each test file uses its part")]

pub mod coverage;
pub mod times;

use talea_rules::{
    Collector, Contact, Facts, Licence, OptOut, Place, ProtectionInForce, ServedNotice, Tallies,
    Zone, pack::Hours,
};
use talea_types::{
    AccountId, CaseId, Hash, LoanId, ParticipantId, Timestamp,
    conduct::{Channel, ContactResult, ContactTallies, Party, Purpose, Slot},
};

/// All that facts are made of.
#[derive(Clone, Debug)]
pub struct World {
    pub zones: Vec<Zone>,
    pub residence: Place,
    pub governing_law: Place,
    pub collector: Collector,
    pub licence: Option<Licence>,
    pub notices: Vec<ServedNotice>,
    pub first_communication: Option<Timestamp>,
    pub consented_at: Option<Timestamp>,
    pub agreed_hours: Option<Hours>,
    pub refused_hours: Vec<Hours>,
    pub opt_outs: Vec<OptOut>,
    pub cease: bool,
    pub represented: bool,
    pub disputed: bool,
    pub complained: bool,
    pub protections: Vec<ProtectionInForce>,
    pub third_party_refused: bool,
    pub debtor_unable: bool,
    pub forbearance_considered: bool,
    pub high_cost_short_term: bool,
    pub person: ContactTallies,
    pub debt: ContactTallies,
    pub contact_point: ContactTallies,
    pub case: ContactTallies,
}

impl World {
    /// A debtor about whom nothing is known.
    pub fn new() -> Self {
        Self {
            zones: vec![Zone::find("UTC").unwrap()],
            residence: "ZZ".parse().unwrap(),
            governing_law: "ZZ".parse().unwrap(),
            collector: Collector::Lender,
            licence: None,
            notices: Vec::new(),
            first_communication: None,
            consented_at: None,
            agreed_hours: None,
            refused_hours: Vec::new(),
            opt_outs: Vec::new(),
            cease: false,
            represented: false,
            disputed: false,
            complained: false,
            protections: Vec::new(),
            third_party_refused: false,
            debtor_unable: false,
            forbearance_considered: false,
            high_cost_short_term: false,
            person: ContactTallies::default(),
            debt: ContactTallies::default(),
            contact_point: ContactTallies::default(),
            case: ContactTallies::default(),
        }
    }

    pub fn facts(&self) -> Facts<'_> {
        Facts {
            zones: &self.zones,
            residence: self.residence,
            governing_law: self.governing_law,
            high_cost_short_term: self.high_cost_short_term,
            lender: ParticipantId::from_bytes([1; 16]),
            collector: self.collector,
            licence: self.licence.clone(),
            notices: &self.notices,
            first_communication: self.first_communication,
            consented_at: self.consented_at,
            agreed_hours: self.agreed_hours,
            refused_hours: &self.refused_hours,
            opt_outs: &self.opt_outs,
            cease: self.cease,
            represented: self.represented,
            disputed: self.disputed,
            complained: self.complained,
            protections: &self.protections,
            third_party_refused: self.third_party_refused,
            debtor_unable: self.debtor_unable,
            forbearance_considered: self.forbearance_considered,
            tallies: Tallies {
                person: &self.person,
                debt: &self.debt,
                contact_point: &self.contact_point,
                case: &self.case,
            },
        }
    }

    /// The tallies that a contact is counted in: those of the number too, if it is the one that
    /// decisions are about.
    pub fn tallies(&mut self, at_this_point: bool) -> Vec<&mut ContactTallies> {
        let mut all = vec![&mut self.person, &mut self.debt, &mut self.case];
        if at_this_point {
            all.push(&mut self.contact_point);
        }
        all
    }

    /// Counts a permit and, if it is closed, what came of it.
    pub fn count(
        &mut self,
        contact: &Contact,
        at_this_point: bool,
        outcome: Option<(ContactResult, Timestamp)>,
    ) {
        let consented = self.facts().counts_as_consented(contact);
        let (channel, slot) = (contact.channel, contact.slot());
        for tallies in self.tallies(at_this_point) {
            tallies.reserve(channel, consented, slot);
            if let Some((result, at)) = outcome {
                tallies.settle(channel, consented, slot, result, at);
            }
        }
    }
}

/// A contact with the debtor about payment.
pub fn contact(channel: Channel, from: Timestamp, until: Timestamp) -> Contact {
    Contact {
        channel,
        party: Party::Debtor,
        purpose: Purpose::Payment,
        from,
        until,
        debtor: AccountId::from_bytes([2; 16]),
        debt: LoanId::from_bytes([3; 16]),
        case: CaseId::from_bytes([4; 16]),
        contact_point: Hash::from_bytes([5; 32]),
        opt_out_statement: false,
        recorded: false,
    }
}

/// A slot of a window whose end is not in it.
pub fn slot(from: Timestamp, until: Timestamp) -> Slot {
    contact(Channel::VoiceCall, from, until).slot()
}
