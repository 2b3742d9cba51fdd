//! What a decision on a contact permit costs at one validator after its signature was verified, relative
//! to a transfer in the same run: execution with its events, encoding and hashing, the tree, the commit.
//! About debtors with 10, 1,000 and 100,000 earlier contacts each; a third of the requests is granted, the
//! others are refused for a cap or for the hour.
//!
//! `cargo run --release -p talea-ledger --example permit_cost [-- contacts...]`

#[path = "../tests/permits/book.rs"]
mod book;

use talea_ledger::{BlockContext, Ledger, Stage};
use talea_types::{
    Amount, Asset, Event, EventChain, Operation, SignedTransaction, StateKey, Subject, Timestamp,
    TransactionBody, VerifiedTransaction,
    conduct::{Channel, ContactTallies, Party, Purpose, Slot, TallyKey},
    crypto::KeyCache,
    operation::{
        CollectionsOperation, ContactPermit, Purpose as PaymentPurpose, Strategy, Transfer,
    },
    state::{Account, AssetTotals, Balance, Position, Spending},
    time::DAY_MS,
    transaction::verify_all,
};

const DEBTORS: u64 = 2_000;
const BLOCKS: u64 = 7;
const HOUR_MS: u64 = 3_600_000;

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
    println!("microseconds of processor time, median of {BLOCKS} blocks of {DEBTORS}");
    println!(" contacts  decision  transfer  ratio  granted  refused");
    for contacts in histories {
        let ledger = ledger_of(contacts);
        let transfer = median((0..BLOCKS).map(|block| transfers(&ledger, block)));
        let mut counts = (0, 0);
        let decision = median((0..BLOCKS).map(|block| permits(&ledger, block, &mut counts)));
        println!(
            "{contacts:>9} {decision:>9.2} {transfer:>9.2} {:>6.2} {:>8} {:>8}",
            decision / transfer,
            counts.0,
            counts.1
        );
    }
}

fn median(times: impl Iterator<Item = f64>) -> f64 {
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
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
/// leave. Every second debtor was called seven times this week.
fn ledger_of(contacts: u64) -> Ledger {
    let book = book::ledger_of(DEBTORS);
    let chain = chain_of(contacts);
    let czk = Asset::new("CZK").expect("a code");
    let mut objects: Vec<(Vec<u8>, bytes::Bytes)> = Vec::new();
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
                debtor.encode()
            }
            StateKey::Case(id) => {
                let mut case = book.case(&id).expect("a case").clone();
                case.events = chain;
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
        let recent = if debtor % 2 == 0 { 2 } else { 8 };
        let tallies = tallies_of(contacts, recent);
        for key in [
            TallyKey::Person(book::debtor_id(debtor)),
            TallyKey::Debt(book::loan_id(debtor, 0)),
            TallyKey::ContactPoint(book::contact_point(debtor, 0)),
            TallyKey::Case(book::case_id(debtor, 0)),
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

fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).expect("an amount")
}

fn verified(signed: Vec<SignedTransaction>) -> Vec<VerifiedTransaction> {
    let all = verify_all(&mut KeyCache::new(), signed).into_iter();
    all.map(|one| one.expect("a signature of our own"))
        .collect()
}

/// One transfer each between neighbours, executed on a copy of nothing: the execution is dropped.
fn transfers(ledger: &Ledger, block: u64) -> f64 {
    let signed = (0..DEBTORS).map(|debtor| {
        let author = Subject::Account(book::debtor_id(debtor));
        let operation = Operation::Transfer(Transfer {
            from: book::debtor_id(debtor),
            to: book::debtor_id((debtor + 1) % DEBTORS),
            asset: Asset::new("CZK").expect("a code"),
            amount: amount(1),
            purpose: PaymentPurpose::PersonToPerson,
            end_to_end_id: format!("invoice {block}-{debtor}"),
            travel_rule_commitment: Some(talea_types::Hash([7; 32])),
            refundable_until: Timestamp::default(),
        });
        sign(author, "debtor", debtor, 0, operation)
    });
    cost(ledger, &verified(signed.collect())).0
}

/// One request for each debtor, each for its first loan.
fn permits(ledger: &Ledger, block: u64, counts: &mut (u64, u64)) -> f64 {
    let from = Timestamp::from_millis(today() + 60_000);
    let signed = (0..DEBTORS).map(|debtor| {
        let author = Subject::Participant(book::agency_id(0));
        let permit = ContactPermit {
            case: book::case_id(debtor, 0),
            loan: book::loan_id(debtor, 0),
            channel: Channel::VoiceCall,
            party: Party::Debtor,
            purpose: Purpose::Payment,
            contact_point: book::contact_point(debtor, 0),
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
        sign(author, "", 0, debtor, Operation::Collections(operation))
    });
    let (time, granted) = cost(ledger, &verified(signed.collect()));
    counts.0 += granted;
    counts.1 += DEBTORS - granted;
    time
}

/// A transaction of an account by its number, or of the first agency.
fn sign(
    author: Subject,
    name: &str,
    number: u64,
    nonce: u64,
    operation: Operation,
) -> SignedTransaction {
    let key = match name {
        "debtor" => book::key(name, number),
        _ => book::agency_key(0),
    };
    let body = TransactionBody {
        signers: vec![key.public_key()],
        author,
        nonce,
        expires_at: Timestamp::from_millis(today() + HOUR_MS),
        operation,
    };
    SignedTransaction::sign(&book::chain(), &body, &[&key]).expect("signed")
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
