//! Credentials, grants, reads, envelopes and legal holds in the language of the tables.

use talea_types::{
    Hash, ParticipantId, Timestamp,
    hash::tagged,
    operation::{
        AccessEntry, AccessLog, AssuranceOperation, CredentialAttest, CredentialRevoke, DataFields,
        DataGrant, DataGrantRevoke, DataPurpose, EnvelopePut, Erasable, ErasureTombstone,
        LegalHoldLift, LegalHoldPlace,
    },
    state::{LegalHold, LegalHolds},
};

use super::{
    script::{Words, duration},
    world::World,
};

/// The hash that a name stands for.
fn hash(name: &str) -> Hash {
    tagged("test hash", &[name.as_bytes()])
}

/// So many legal holds by organisations that do not matter.
pub fn legal_holds(number: usize) -> LegalHolds {
    let hold = |number: usize| LegalHold {
        placed_by: ParticipantId::from_bytes([number.try_into().unwrap(); 16]),
        reason: 1,
        placed_at: Timestamp::default(),
    };
    LegalHolds {
        holds: (0..number).map(hold).collect(),
    }
}

impl World {
    fn organisation(&self, name: &str) -> ParticipantId {
        let known = self.organisations.get(name).map(|(id, _)| *id);
        known.unwrap_or_else(|| ParticipantId::from_lei(name))
    }

    /// An operation of assurance, if the word names one.
    pub fn assurance_operation(
        &self,
        word: &str,
        words: &mut Words<'_>,
    ) -> Option<AssuranceOperation> {
        let until = |words: &mut Words<'_>| {
            let text = words.option("until").expect("until TIME");
            self.next_time.plus_millis(duration(text))
        };
        Some(match word {
            "attest" => AssuranceOperation::CredentialAttest(CredentialAttest {
                account: self.account(words.next()),
                commitment: hash(words.next()),
                expires_at: until(words),
            }),
            "unattest" => AssuranceOperation::CredentialRevoke(CredentialRevoke {
                account: self.account(words.next()),
            }),
            "grant" => AssuranceOperation::DataGrant(DataGrant {
                to: self.organisation(words.next()),
                purpose: DataPurpose::Collection,
                fields: DataFields::new(words.number()).unwrap(),
                expires_at: until(words),
            }),
            "ungrant" => AssuranceOperation::DataGrantRevoke(DataGrantRevoke {
                to: self.organisation(words.next()),
            }),
            "read" => AssuranceOperation::AccessLog(AccessLog {
                entries: self.reads(words),
            }),
            "envelope" => AssuranceOperation::EnvelopePut(EnvelopePut {
                account: self.account(words.next()),
                ciphertext_hash: hash(words.next()),
                size: 100,
                recipients: vec![Hash([1; 32]), Hash([2; 32])],
            }),
            "erase" => AssuranceOperation::ErasureTombstone(ErasureTombstone {
                account: self.account(words.next()),
                erased: match words.next() {
                    "envelope" => Erasable::Envelope(hash(words.next())),
                    _ => Erasable::Commitment(hash(words.next())),
                },
            }),
            "legal-hold" => AssuranceOperation::LegalHoldPlace(LegalHoldPlace {
                account: self.account(words.next()),
                reason: 1,
            }),
            "lift" => AssuranceOperation::LegalHoldLift(LegalHoldLift {
                account: self.account(words.next()),
                placed_by: self.organisation(words.next()),
            }),
            _ => return None,
        })
    }

    /// `NAME by ORGANISATION FIELDS ago TIME [for collection] [and ...]`
    fn reads(&self, words: &mut Words<'_>) -> Vec<AccessEntry> {
        let mut entries = Vec::new();
        loop {
            let subject = self.subject(words.next());
            let reader = self.organisation(words.option("by").expect("by ORGANISATION"));
            let fields = DataFields::new(words.number()).unwrap();
            let ago = duration(words.option("ago").expect("ago TIME"));
            let purpose = match words.option("for") {
                Some("collection") => DataPurpose::Collection,
                _ => DataPurpose::Supervision,
            };
            entries.push(AccessEntry {
                subject,
                reader,
                purpose,
                fields,
                read_at: Timestamp::from_millis(self.next_time.millis() - ago),
            });
            match words.last() {
                Some("and") => {}
                _ => return entries,
            }
        }
    }

    /// An assertion about assurance, if the word begins one.
    pub fn check_assurance(&self, word: &str, words: &mut Words<'_>) -> bool {
        match word {
            "granted" => {
                let account = self.account(words.next());
                let to = self.organisation(words.next());
                let grant = self.ledger.data_grant(&account, &to);
                let fields = grant.map_or(0, |grant| grant.fields.bits());
                assert_eq!(fields, words.number::<u32>());
            }
            "attested" => {
                let account = self.account(words.next());
                let by = self.organisation(words.next());
                let expected = words.next();
                let found = self.ledger.credential(&account, &by);
                let expected = (expected != "nothing").then(|| hash(expected));
                assert_eq!(found.map(|one| one.commitment), expected);
            }
            "erased" => {
                let account = self.account(words.next());
                let hash = hash(words.next());
                let envelope = self.ledger.envelope(&hash);
                let erased = envelope.is_some_and(|one| one.erased_at.is_some())
                    || self.ledger.tombstone(&account, &hash).is_some();
                assert_eq!(erased, words.next() == "yes");
            }
            "legal-holds" => {
                let holds = self.ledger.legal_holds(&self.account(words.next()));
                let found = holds.map_or(0, |holds| holds.holds.len());
                assert_eq!(found, words.number::<usize>());
            }
            _ => return false,
        }
        true
    }
}
