//! Permits against a naive checker: random requests of five agencies about debtors in three cities, and
//! for each the same outcome and the same rules.

pub mod book;
pub mod naive;

use std::collections::BTreeMap;

use talea_ledger::{BlockContext, Ledger};
use talea_types::{
    Operation, Outcome, PermitId, SecretKey, SignedTransaction, Subject, Timestamp,
    TransactionBody, TransactionResult,
    conduct::{Channel, ContactResult, Notice, Party, Purpose},
    crypto::KeyCache,
    operation::{
        CollectionsOperation, ContactOutcome, ContactPermit, NoticeCommit, OptOut, PreferenceSet,
        Preferences, Strategy,
    },
    transaction::verify_all,
};

use book::{AGENCIES, Home, home};
use naive::{Known, Request};

const BLOCK: usize = 100;
/// Requests for each debtor, so that the book grows with the run.
const PER_DEBTOR: u64 = 500;

/// How often each outcome was seen.
pub type Seen = BTreeMap<Outcome, u64>;

/// What a transaction is about.
enum Step {
    Permit { debtor: u64, agency: u64, loan: u64 },
    Outcome { debtor: u64 },
    Wishes { debtor: u64 },
    Notice { debtor: u64, agency: u64 },
}

struct Generator {
    random: u64,
    debtors: u64,
    nonces: BTreeMap<Subject, u64>,
}

impl Generator {
    /// Below `end` (xorshift64*).
    fn below(&mut self, end: u64) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let mixed = self.random.wrapping_mul(0x2545_f491_4f6c_dd1d);
        (mixed >> 16) % end
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    fn permit(&mut self, now: u64) -> (Step, ContactPermit) {
        let (debtor, agency, loan) = (
            self.below(self.debtors),
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
        let permit = ContactPermit {
            case: book::case_id(debtor, agency),
            loan: book::loan_id(debtor, loan),
            channel,
            party,
            purpose,
            contact_point: book::contact_point(debtor, self.below(4)),
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
        let step = Step::Permit {
            debtor,
            agency,
            loan,
        };
        (step, permit)
    }

    /// Closes one of the debtor's permits, mostly as it should be.
    fn outcome(&mut self, debtor: u64, known: &Known, now: u64) -> Option<ContactOutcome> {
        let open: Vec<_> = known.contacts.iter().filter(|(_, one)| one.open).collect();
        let (id, contact) = open.get(self.below(open.len().max(1) as u64) as usize)?;
        let _ = debtor;
        let latest = (now as i64).min(contact.valid_until - 1).max(contact.from);
        let span = (latest - contact.from + 1) as u64;
        let late = if self.below(20) == 0 { 3_600_000 } else { 0 };
        Some(ContactOutcome {
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
        })
    }

    fn wishes(&mut self, debtor: u64) -> Preferences {
        let point = book::contact_point(debtor, self.below(4));
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
            0 => vec![book::agency_id(self.below(AGENCIES))],
            _ => Vec::new(),
        };
        Preferences {
            opt_outs,
            cease: self.below(6) == 0,
            consents,
            ..Preferences::default()
        }
    }

    fn sign(
        &mut self,
        author: Subject,
        key: &SecretKey,
        now: u64,
        operation: CollectionsOperation,
    ) -> SignedTransaction {
        let nonce = self.nonces.entry(author).or_default();
        let body = TransactionBody {
            signers: vec![key.public_key()],
            author,
            nonce: *nonce,
            expires_at: Timestamp::from_millis(now + 60_000),
            operation: Operation::Collections(operation),
        };
        *nonce += 1;
        SignedTransaction::sign(&book::chain(), &body, &[key]).expect("signed")
    }
}

/// Runs so many random requests, telling after each block how many are done. The same seed gives the
/// same run.
pub fn run(requests: u64, seed: u64, mut progress: impl FnMut(u64)) -> Seen {
    let debtors = (requests / PER_DEBTOR).max(4);
    let mut generator = Generator {
        random: seed.wrapping_mul(2).wrapping_add(1),
        debtors,
        nonces: BTreeMap::new(),
    };
    let mut ledger = book::ledger_of(debtors);
    let mut known: Vec<Known> = (0..debtors).map(|_| Known::default()).collect();
    let mut cache = KeyCache::new();
    let mut seen = Seen::new();
    let mut done = 0;
    while done < requests {
        let time = ledger.time().plus_millis(1 + generator.below(90 * 60_000));
        for one in &mut known {
            one.pass_time(time.millis() as i64);
        }
        done += run_block(
            &mut generator,
            &mut ledger,
            &mut known,
            &mut cache,
            time,
            &mut seen,
        );
        progress(done);
    }
    for (debtor, one) in (0..).zip(&known) {
        assert_eq!(one.exceeded(home(debtor)), None, "debtor {debtor}");
    }
    ledger.verify_conservation().expect("every sum is right");
    seen
}

fn run_block(
    generator: &mut Generator,
    ledger: &mut Ledger,
    known: &mut [Known],
    cache: &mut KeyCache,
    time: Timestamp,
    seen: &mut Seen,
) -> u64 {
    let now = time.millis();
    let mut steps = Vec::new();
    let mut signed = Vec::new();
    while signed.len() < BLOCK {
        let (step, author, key, operation) = match generator.below(100) {
            0..60 => {
                let (step, permit) = generator.permit(now);
                let Step::Permit { agency, .. } = step else {
                    continue;
                };
                let author = Subject::Participant(book::agency_id(agency));
                let operation = CollectionsOperation::ContactPermit(permit);
                (step, author, book::agency_key(agency), operation)
            }
            60..92 => {
                let debtor = generator.below(generator.debtors);
                let Some(outcome) = generator.outcome(debtor, &known[debtor as usize], now) else {
                    continue;
                };
                let permits = &known[debtor as usize].contacts;
                let agency = permits
                    .iter()
                    .find(|(id, _)| *id == outcome.permit)
                    .map(|(_, one)| one.agency)
                    .expect("a permit of the debtor");
                let author = Subject::Participant(book::agency_id(agency));
                let operation = CollectionsOperation::ContactOutcome(outcome);
                (
                    Step::Outcome { debtor },
                    author,
                    book::agency_key(agency),
                    operation,
                )
            }
            92..97 => {
                let debtor = generator.below(generator.debtors);
                let id = book::debtor_id(debtor);
                let operation = CollectionsOperation::PreferenceSet(PreferenceSet {
                    debtor: id,
                    preferences: generator.wishes(debtor),
                });
                let key = book::key("debtor", debtor);
                (
                    Step::Wishes { debtor },
                    Subject::Account(id),
                    key,
                    operation,
                )
            }
            _ => {
                let (debtor, agency) = (
                    generator.below(generator.debtors),
                    generator.below(AGENCIES),
                );
                let operation = CollectionsOperation::NoticeCommit(NoticeCommit {
                    case: book::case_id(debtor, agency),
                    notice: Notice::Validation,
                    commitment: book::contact_point(0, 0),
                });
                let author = Subject::Participant(book::agency_id(agency));
                (
                    Step::Notice { debtor, agency },
                    author,
                    book::agency_key(agency),
                    operation,
                )
            }
        };
        signed.push(generator.sign(author, &key, now, operation.clone()));
        steps.push((step, operation));
    }
    let block = verify_all(cache, signed).into_iter();
    let block: Vec<_> = block
        .map(|one| one.expect("a signature of our own"))
        .collect();
    let context = BlockContext {
        height: ledger.height() + 1,
        time,
    };
    let execution = ledger.execute(&context, &block).expect("the block follows");
    let mut permits = 0;
    for ((step, operation), result) in steps.iter().zip(&execution.results) {
        permits += u64::from(matches!(step, Step::Permit { .. }));
        compare(known, now as i64, step, operation, result);
        *seen.entry(result.outcome).or_default() += 1;
    }
    ledger.commit(execution);
    permits
}

fn compare(
    known: &mut [Known],
    now: i64,
    step: &Step,
    operation: &CollectionsOperation,
    result: &TransactionResult,
) {
    let home_of = |debtor: u64| -> Home { home(debtor) };
    let expected = match (step, operation) {
        (
            Step::Permit {
                debtor,
                agency,
                loan,
            },
            CollectionsOperation::ContactPermit(operation),
        ) => {
            let request = Request {
                agency: *agency,
                loan: *loan,
                operation,
            };
            let id = PermitId::granted_by(result.transaction, 0);
            let one = &mut known[*debtor as usize];
            one.request(home_of(*debtor), now, id, &request)
        }
        (Step::Outcome { debtor }, CollectionsOperation::ContactOutcome(outcome)) => {
            (known[*debtor as usize].close(now, outcome), Vec::new())
        }
        (Step::Wishes { debtor }, CollectionsOperation::PreferenceSet(set)) => {
            known[*debtor as usize].prefer(home_of(*debtor), now, &set.preferences);
            (Outcome::Applied, Vec::new())
        }
        (Step::Notice { debtor, agency }, _) => {
            if result.outcome == Outcome::Applied {
                known[*debtor as usize].serve_notice(*agency, now);
            }
            (result.outcome, Vec::new())
        }
        _ => unreachable!("a step has its operation"),
    };
    let mut rules = result.rules.clone();
    rules.sort();
    assert_eq!((result.outcome, rules), expected, "at {now}: {operation:?}");
}
