//! What a decision on a contact permit costs at one validator after its signature was verified, relative
//! to a transfer in the same run: execution with its events, encoding and hashing, the tree. About debtors
//! with 10, 1,000 and 100,000 earlier contacts each. Every transaction touches objects of its own, as in a
//! large network: a transfer two accounts, a permit one debtor. Half of the decisions grant, a quarter
//! refuses for a cap, a quarter for the hour; and what each of these costs alone, with the worst refusal
//! that a collector can bring about: every counter full of contacts in one week, in two time zones.
//!
//! `cargo run --release -p talea-ledger --example permit_cost [-- contacts...]`

#[path = "../tests/permits/book.rs"]
mod book;
#[path = "../tests/permits/debtors.rs"]
mod debtors;

use std::collections::BTreeMap;

use talea_ledger::{BlockContext, Ledger, Stage};
use talea_types::{
    Amount, Asset, Event, EventChain, Operation, SecretKey, SignedTransaction, StateKey, Subject,
    Timestamp, TransactionBody, VerifiedTransaction,
    conduct::{Channel, ContactResult, ContactTallies, Party, Purpose, Slot, TallyKey},
    crypto::KeyCache,
    operation::{
        CollectionsOperation, ContactPermit, Purpose as PaymentPurpose, Strategy, Transfer,
    },
    state::{Account, AssetTotals, Balance, Position, Spending},
    time::DAY_MS,
    transaction::verify_all,
};

/// Of each kind of block.
const TRANSACTIONS: u64 = 1_000;
const BLOCKS: u64 = 9;
const HOUR_MS: u64 = 3_600_000;

/// Which decisions are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Granted,
    RefusedByCap,
    RefusedByHour,
    RefusedAtWorst,
}

const KINDS: [Kind; 4] = [
    Kind::Granted,
    Kind::RefusedByCap,
    Kind::RefusedByHour,
    Kind::RefusedAtWorst,
];

/// The debtors are of four kinds in turn, each three times: by home.
const DEBTORS: u64 = TRANSACTIONS * 12;

impl Kind {
    fn of(debtor: u64) -> Self {
        KINDS[usize::try_from(debtor / 3 % 4).expect("small")]
    }

    /// So many debtors of whom a decision is of this kind.
    fn debtors(self) -> Vec<u64> {
        let home = match self {
            Self::Granted | Self::RefusedByCap => debtors::Home::NewYork,
            Self::RefusedByHour => debtors::Home::Shanghai,
            Self::RefusedAtWorst => debtors::Home::Both,
        };
        let debtors = (0..DEBTORS).filter(|debtor| Self::of(*debtor) == self);
        debtors.filter(|one| debtors::home(*one) == home).collect()
    }
}

fn main() {
    let given: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|one| one.parse().ok())
        .collect();
    let histories = if given.is_empty() {
        vec![10, 1_000, 100_000]
    } else {
        given
    };
    println!(
        "microseconds of processor time a transaction, least of {BLOCKS} blocks of {TRANSACTIONS}, in turns"
    );
    println!(" contacts  transfer  decision  ratio  granted  by cap  by hour  at worst");
    for contacts in histories {
        let ledger = ledger_of(contacts);
        let mut least = [f64::INFINITY; 6];
        for block in 0..BLOCKS {
            let [granted, by_cap, by_hour, at_worst] = KINDS.map(Kind::debtors);
            let mixed = granted.iter().take(granted.len() / 2);
            let mixed = mixed.chain(by_cap.iter().take(by_cap.len() / 4));
            let mixed = mixed.chain(by_hour.iter().take(by_hour.len() / 4));
            let mixed: Vec<u64> = mixed.copied().collect();
            let granted_of_mixed = TRANSACTIONS / 2;
            let times = [
                transfers(&ledger, block),
                permits(&ledger, block, &mixed, granted_of_mixed),
                permits(&ledger, block, &granted, TRANSACTIONS),
                permits(&ledger, block, &by_cap, 0),
                permits(&ledger, block, &by_hour, 0),
                permits(&ledger, block, &at_worst, 0),
            ];
            for (least, time) in least.iter_mut().zip(times) {
                *least = least.min(time);
            }
        }
        let [transfer, decision, granted, by_cap, by_hour, at_worst] = least;
        println!(
            "{contacts:>9} {transfer:>9.2} {decision:>9.2} {:>6.2} {granted:>8.2} {by_cap:>7.2} {by_hour:>8.2} {at_worst:>9.2}",
            decision / transfer,
        );
    }
}

/// Of this thread: what other programs on the machine use does not count.
fn processor_time_us() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// The time of the contacts: noon in New York, nine in Los Angeles, night in Shanghai, a hundred days after
/// the start.
fn today() -> u64 {
    book::START_MS + 100 * DAY_MS + 17 * HOUR_MS
}

/// The book, with so many contacts of each debtor behind it: as many events, and the counters that they
/// leave. Debtors who are refused for a cap were called eight times this week.
fn ledger_of(contacts: u64) -> Ledger {
    let book = book::ledger_of(DEBTORS);
    let chain = chain_of(contacts);
    let czk = Asset::new("CZK").expect("a code");
    let mut objects: Vec<(Vec<u8>, bytes::Bytes)> = Vec::new();
    let mut of_debtor = BTreeMap::new();
    let mut of_case = BTreeMap::new();
    for debtor in 0..DEBTORS {
        let tallies = tallies_about(debtor, contacts);
        of_debtor.insert(book::debtor_id(debtor), tallies.clone());
        of_case.insert(book::case_id(debtor, 0), tallies);
    }
    let first = book.account(&book::debtor_id(0)).expect("an account");
    let lender = first.sponsor;
    for (key, value) in book.objects() {
        let value = match key {
            StateKey::Account(_) => {
                let mut account = Account::decode(&value.into()).expect("an account");
                account.balances = vec![Balance {
                    asset: czk,
                    available: amount(1_000_000),
                    held: Amount::ZERO,
                    spending: Spending::default(),
                }];
                account.events = chain;
                account.encode()
            }
            StateKey::Asset(_) => {
                let mut totals = AssetTotals::decode(&value.into()).expect("totals");
                totals.accounts = amount(DEBTORS * 1_000_000);
                totals.liabilities = totals.accounts;
                totals.reserves = totals.accounts;
                totals.settlement = totals.accounts;
                totals.encode()
            }
            StateKey::Debtor(id) => {
                let mut debtor = book.debtor(&id).expect("a debtor").clone();
                debtor.events = chain;
                debtor.contacts = of_debtor.remove(&id).expect("counted");
                debtor.encode()
            }
            StateKey::Case(id) => {
                let mut case = book.case(&id).expect("a case").clone();
                case.events = chain;
                case.contacts = of_case.remove(&id).unwrap_or_default();
                case.encode()
            }
            _ => value,
        };
        objects.push((key.to_bytes(), value.into()));
    }
    let position = Position {
        reserve: amount(DEBTORS * 1_000_000),
        liabilities: amount(DEBTORS * 1_000_000),
    };
    let key = StateKey::Position(lender, czk).to_bytes();
    objects.push((key, position.encode().into()));
    for debtor in 0..DEBTORS {
        let tallies = tallies_about(debtor, contacts);
        for key in [
            TallyKey::Debt(book::loan_id(debtor, 0)),
            TallyKey::ContactPoint(debtors::contact_point(debtor, 0)),
        ] {
            objects.push((StateKey::Tally(key).to_bytes(), tallies.encode().into()));
        }
    }
    let mut ledger = Ledger::restore(objects).expect("a valid state");
    // An empty block brings the clock to the day of the contacts.
    let context = BlockContext {
        height: 1,
        time: Timestamp::from_millis(today()),
    };
    let execution = ledger.execute(&context, []).expect("the block follows");
    ledger.commit(execution);
    ledger
}

/// The counters of a debtor.
fn tallies_about(debtor: u64, contacts: u64) -> ContactTallies {
    match Kind::of(debtor) {
        Kind::Granted | Kind::RefusedByHour => tallies_of(contacts, 2),
        Kind::RefusedByCap => tallies_of(contacts, 8),
        Kind::RefusedAtWorst => fullest(),
    }
}

/// A history of so many events.
fn chain_of(events: u64) -> EventChain {
    let mut chain = EventChain::default();
    let hash = Event::hash_of(b"a contact");
    for _ in 0..events {
        chain.append(&hash);
    }
    chain
}

/// The counters after so many calls, some of them this week, the others one a day before.
fn tallies_of(contacts: u64, recent: u64) -> ContactTallies {
    let mut tallies = ContactTallies::default();
    let kept = contacts.min(40);
    for number in (0..kept).rev() {
        let days = if number < recent { 1 } else { 10 + number };
        let at = Timestamp::from_millis(today() - days * DAY_MS + number);
        tallies.reserve(Channel::VoiceCall, false, Slot { from: at, last: at });
    }
    tallies
}

/// The counters of whoever was contacted in every way, all within the last days.
fn fullest() -> ContactTallies {
    let mut tallies = ContactTallies::default();
    for number in 0..32 {
        let at = Timestamp::from_millis(today() - 6 * DAY_MS + number * 4 * HOUR_MS);
        let slot = Slot { from: at, last: at };
        for channel in [Channel::VoiceCall, Channel::AutomatedCall, Channel::Email] {
            for consented in [false, true] {
                tallies.reserve(channel, consented, slot);
                let result = ContactResult::Conversation;
                tallies.settle(channel, consented, slot, result, at);
            }
            tallies.count_inbound(channel, ContactResult::Conversation, at);
        }
    }
    tallies
}

fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).expect("an amount")
}

fn verified(signed: Vec<SignedTransaction>) -> Vec<VerifiedTransaction> {
    let all = verify_all(&mut KeyCache::new(), signed).into_iter();
    all.map(|one| one.expect("a signature of our own"))
        .collect()
}

/// Transfers between accounts of which each is touched once; the execution is dropped.
fn transfers(ledger: &Ledger, block: u64) -> f64 {
    let signed = (0..TRANSACTIONS).map(|number| {
        let author = Subject::Account(book::debtor_id(number));
        let operation = Operation::Transfer(Transfer {
            from: book::debtor_id(number),
            to: book::debtor_id(TRANSACTIONS + number),
            asset: Asset::new("CZK").expect("a code"),
            amount: amount(1),
            purpose: PaymentPurpose::PersonToPerson,
            end_to_end_id: format!("invoice {block}-{number}"),
            travel_rule_commitment: Some(talea_types::Hash([7; 32])),
            refundable_until: Timestamp::default(),
        });
        sign(author, &book::key("debtor", number), 0, operation)
    });
    let (time, applied) = cost(ledger, &verified(signed.collect()));
    assert_eq!(applied, TRANSACTIONS);
    time
}

/// One request for each of these debtors, for its first loan.
fn permits(ledger: &Ledger, block: u64, debtors: &[u64], granted: u64) -> f64 {
    let from = Timestamp::from_millis(today() + 60_000);
    let agency = book::agency_key(0);
    let signed = debtors.iter().zip(0..).map(|(debtor, nonce)| {
        let debtor = *debtor;
        let author = Subject::Participant(book::agency_id(0));
        let permit = ContactPermit {
            case: book::case_id(debtor, 0),
            loan: book::loan_id(debtor, 0),
            channel: Channel::VoiceCall,
            party: Party::Debtor,
            purpose: Purpose::Payment,
            contact_point: debtors::contact_point(debtor, 0),
            from,
            until: from.plus_millis(600_000),
            template: format!("script {block}"),
            language: "en".to_owned(),
            opt_out_statement: false,
            recorded: false,
            strategy: Strategy {
                grade: 2,
                model: "model".to_owned(),
                version: 1,
            },
            override_reason: 0,
        };
        let operation = CollectionsOperation::ContactPermit(permit);
        sign(author, &agency, nonce, Operation::Collections(operation))
    });
    let (time, applied) = cost(ledger, &verified(signed.collect()));
    assert_eq!(applied, granted);
    time
}

fn sign(author: Subject, key: &SecretKey, nonce: u64, operation: Operation) -> SignedTransaction {
    let body = TransactionBody {
        signers: vec![key.public_key()],
        author,
        nonce,
        expires_at: Timestamp::from_millis(today() + HOUR_MS),
        operation,
    };
    SignedTransaction::sign(&book::chain(), &body, &[key]).expect("signed")
}

/// Microseconds for each transaction of a block, and how many were applied.
fn cost(ledger: &Ledger, block: &[VerifiedTransaction]) -> (f64, u64) {
    let context = BlockContext {
        height: ledger.height() + 1,
        time: Timestamp::from_millis(today() + 1_000),
    };
    let start = processor_time_us();
    let execution = ledger
        .execute_observed(&context, block, &mut |_: Stage| {})
        .expect("the block follows");
    let time = processor_time_us() - start;
    let applied = execution
        .results
        .iter()
        .filter(|one| one.outcome.is_applied());
    (time / block.len() as f64, applied.count() as u64)
}
