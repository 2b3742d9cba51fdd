//! Who may read what, in the language of the tables.

use talea_ledger::access::{ReadRefusal, Record, check_read};
use talea_types::{AgreementId, StateKey, Subject};

use super::{network, script::Words, world::World};

impl World {
    /// `may READER RECORD VERDICT`: the reader is an account, an organisation or `anybody`, the record a
    /// subject, or `KIND:NAME` of another object.
    pub fn check_access(&self, word: &str, words: &mut Words<'_>) -> bool {
        if word != "may" {
            return false;
        }
        let reader = match words.next() {
            "anybody" => None,
            name => Some(self.subject(name)),
        };
        let records = self.records(words.next());
        let expected = words.next();
        for record in records {
            let found = match check_read(&self.ledger, reader.as_ref(), &record) {
                Ok(()) => "yes",
                Err(ReadRefusal::ReaderRequired { .. }) => "no-reader",
                Err(ReadRefusal::Denied { .. }) => "denied",
                Err(ReadRefusal::OtherPurpose { .. }) => "other-purpose",
                Err(ReadRefusal::NotLogged { .. }) => "not-logged",
            };
            assert_eq!(found, expected, "{record:?}");
        }
        true
    }

    fn records(&self, name: &str) -> Vec<Record> {
        let (kind, rest) = name.split_once(':').unwrap_or(("subject", name));
        let object = match kind {
            "body" => return vec![Record::Body],
            "conduct" => return vec![Record::History(self.subject(rest))],
            "clock" => StateKey::Clock,
            "hold" => StateKey::Hold(self.hold(rest, 0)),
            "right" => StateKey::RefundRight(self.transaction(rest), 0),
            "position" => StateKey::Position(self.participant(rest), network::asset("CZK")),
            "permit" => StateKey::Permit(self.permit_named(rest)),
            "holds" => StateKey::LegalHolds(self.account(rest)),
            "inquiry" => StateKey::InquiryRight(self.account(rest), self.participant("alpha")),
            "agreement" => {
                StateKey::Agreement(AgreementId::registered_by(self.transaction(rest), 0))
            }
            // What a subject is, and what happened to it: alike.
            _ => {
                let subject = self.subject(name);
                let object = match subject {
                    Subject::Account(id) => StateKey::Account(id),
                    // What it did is another record.
                    Subject::Participant(id) => {
                        return vec![Record::Object(StateKey::Participant(id))];
                    }
                    Subject::Debtor(id) => StateKey::Debtor(id),
                    Subject::Loan(id) => StateKey::Loan(id),
                    Subject::Case(id) => StateKey::Case(id),
                };
                return vec![Record::History(subject), Record::Object(object)];
            }
        };
        vec![Record::Object(object)]
    }
}
