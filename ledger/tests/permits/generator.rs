//! Random requests of agencies for contact permits about the debtors of a book, and what else moves the
//! verdicts: outcomes, wishes, notices.

use std::collections::BTreeMap;

use talea_types::{
    AccountId, CaseId, ChainId, LoanId, Operation, ParticipantId, SecretKey, SignedTransaction,
    Subject, Timestamp, TransactionBody,
    conduct::{Channel, ContactResult, Notice, Party, Purpose},
    operation::{
        CollectionsOperation, ContactOutcome, ContactPermit, NoticeCommit, OptOut, PreferenceSet,
        Preferences, Strategy,
    },
};

use super::{
    debtors::{AGENCIES, contact_point},
    naive::Known,
};

/// A lender's debtors, each with two loans and a case of every agency.
pub struct Book {
    pub chain: ChainId,
    pub agencies: Vec<Agency>,
    pub debtors: Vec<Debtor>,
}

/// Who collects.
pub struct Agency {
    pub id: ParticipantId,
    pub key: SecretKey,
    /// Days since 1970-01-01.
    pub evaluated_on: Option<u32>,
}

/// Who owes.
pub struct Debtor {
    pub account: AccountId,
    pub key: SecretKey,
    pub loans: [LoanId; 2],
    /// One of each agency.
    pub cases: Vec<CaseId>,
}

/// Who signs, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    Agency(u64),
    Debtor(u64),
}

/// A transaction to be.
pub struct Draft {
    pub author: Author,
    pub operation: CollectionsOperation,
}

impl Draft {
    pub const fn is_request(&self) -> bool {
        matches!(self.operation, CollectionsOperation::ContactPermit(_))
    }
}

/// The same seed gives the same drafts.
pub struct Generator {
    random: u64,
    nonces: BTreeMap<Subject, u64>,
}

impl Generator {
    pub const fn new(seed: u64) -> Self {
        Self {
            random: seed.wrapping_mul(2).wrapping_add(1),
            nonces: BTreeMap::new(),
        }
    }

    /// Below `end` (xorshift64*).
    pub fn below(&mut self, end: u64) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let mixed = self.random.wrapping_mul(0x2545_f491_4f6c_dd1d);
        (mixed >> 16) % end
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    /// The next transaction at a ledger time.
    pub fn next(&mut self, book: &Book, known: &[Known], now: u64) -> Draft {
        let debtors = book.debtors.len() as u64;
        loop {
            let (author, operation) = match self.below(100) {
                0..60 => {
                    let (agency, permit) = self.permit(book, now);
                    let operation = CollectionsOperation::ContactPermit(permit);
                    (Author::Agency(agency), operation)
                }
                60..92 => {
                    let debtor = self.below(debtors);
                    let Some((agency, outcome)) = self.outcome(&known[debtor as usize], now) else {
                        continue;
                    };
                    let operation = CollectionsOperation::ContactOutcome(outcome);
                    (Author::Agency(agency), operation)
                }
                92..97 => {
                    let debtor = self.below(debtors);
                    let operation = CollectionsOperation::PreferenceSet(PreferenceSet {
                        debtor: book.debtors[debtor as usize].account,
                        preferences: self.wishes(book, debtor),
                    });
                    (Author::Debtor(debtor), operation)
                }
                _ => {
                    let (debtor, agency) = (self.below(debtors), self.below(AGENCIES));
                    let operation = CollectionsOperation::NoticeCommit(NoticeCommit {
                        case: book.debtors[debtor as usize].cases[agency as usize],
                        notice: Notice::Validation,
                        commitment: contact_point(0, 0),
                    });
                    (Author::Agency(agency), operation)
                }
            };
            return Draft { author, operation };
        }
    }

    fn permit(&mut self, book: &Book, now: u64) -> (u64, ContactPermit) {
        let (debtor, agency, loan) = (
            self.below(book.debtors.len() as u64),
            self.below(AGENCIES),
            self.below(2),
        );
        let channel = match self.below(10) {
            0..7 => Channel::VoiceCall,
            7 => Channel::AutomatedCall,
            8 => Channel::Email,
            _ => self.one_of(&[Channel::TextMessage, Channel::Letter, Channel::Visit]),
        };
        let party = match self.below(8) {
            0 => Party::ThirdParty,
            _ => Party::Debtor,
        };
        let purpose = match self.below(6) {
            0 => Purpose::RequiredNotice,
            1 => Purpose::Location,
            _ if party == Party::ThirdParty => Purpose::Location,
            _ => Purpose::Payment,
        };
        let ahead = match self.below(10) {
            0..6 => 0,
            6..9 => self.below(6 * 3_600_000),
            _ => self.below(50 * 3_600_000),
        };
        let length = match self.below(20) {
            0 => self.below(25 * 3_600_000),
            _ => 60_000 * (1 + self.below(60)),
        };
        let from = now + ahead;
        let about = &book.debtors[debtor as usize];
        let permit = ContactPermit {
            case: about.cases[agency as usize],
            loan: about.loans[loan as usize],
            channel,
            party,
            purpose,
            contact_point: contact_point(debtor, self.below(4)),
            from: Timestamp::from_millis(from),
            until: Timestamp::from_millis(from + length),
            template: "t".to_owned(),
            language: "en".to_owned(),
            opt_out_statement: self.below(8) != 0,
            recorded: false,
            strategy: Strategy {
                grade: 1,
                model: String::new(),
                version: 1,
            },
            override_reason: 0,
        };
        (agency, permit)
    }

    /// Closes one of a debtor's permits, mostly as it should be.
    fn outcome(&mut self, known: &Known, now: u64) -> Option<(u64, ContactOutcome)> {
        let open: Vec<_> = known.contacts.iter().filter(|(_, one)| one.open).collect();
        let (id, contact) = open.get(self.below(open.len().max(1) as u64) as usize)?;
        let latest = (now as i64).min(contact.valid_until - 1).max(contact.from);
        let span = (latest - contact.from + 1) as u64;
        let late = if self.below(20) == 0 { 3_600_000 } else { 0 };
        let outcome = ContactOutcome {
            permit: *id,
            result: match self.below(10) {
                0..4 => ContactResult::NoAnswer,
                4 => ContactResult::InvalidContactPoint,
                5..7 => ContactResult::Sent,
                7..9 => ContactResult::Connected,
                _ => ContactResult::Conversation,
            },
            at: Timestamp::from_millis(contact.from as u64 + self.below(span) + late),
            duration_seconds: 1,
            recording: None,
            third_party_refused: self.below(12) == 0,
        };
        Some((contact.agency, outcome))
    }

    fn wishes(&mut self, book: &Book, debtor: u64) -> Preferences {
        let point = contact_point(debtor, self.below(4));
        let opt_outs = match self.below(4) {
            0 => vec![OptOut {
                channel: Some(self.one_of(&[Channel::Email, Channel::VoiceCall])),
                contact_point: None,
            }],
            1 => vec![OptOut {
                channel: None,
                contact_point: Some(point),
            }],
            _ => Vec::new(),
        };
        let consents = match self.below(2) {
            0 => vec![book.agencies[self.below(AGENCIES) as usize].id],
            _ => Vec::new(),
        };
        Preferences {
            opt_outs,
            cease: self.below(6) == 0,
            consents,
            ..Preferences::default()
        }
    }

    /// Signs with the author's next nonce.
    pub fn sign(&mut self, book: &Book, draft: Draft, expires_at: Timestamp) -> SignedTransaction {
        let (author, key) = match draft.author {
            Author::Agency(agency) => {
                let agency = &book.agencies[agency as usize];
                (Subject::Participant(agency.id), &agency.key)
            }
            Author::Debtor(debtor) => {
                let debtor = &book.debtors[debtor as usize];
                (Subject::Account(debtor.account), &debtor.key)
            }
        };
        let nonce = self.nonces.entry(author).or_default();
        let body = TransactionBody {
            signers: vec![key.public_key()],
            author,
            nonce: *nonce,
            expires_at,
            operation: Operation::Collections(draft.operation),
        };
        *nonce += 1;
        SignedTransaction::sign(&book.chain, &body, &[key]).expect("signed")
    }
}
