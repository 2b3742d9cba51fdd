//! Permits against a naive checker: random requests of five agencies about debtors in three cities, and
//! for each the same outcome and the same rules.
//!
//! All but `book` is also what `talea-permits` (crate `talea-tests`) runs against four
//! validator processes.

mod book;
mod checker;
mod debtors;
mod generator;
mod naive;

use std::collections::BTreeMap;

use talea_ledger::{BlockContext, Ledger};
use talea_types::{Outcome, Timestamp, crypto::KeyCache, transaction::verify_all};

use checker::Checker;
use debtors::AGENCIES;
use generator::{Agency, Book, Debtor, Generator};

const BLOCK: usize = 100;
/// How long transactions can wait, milliseconds.
const EXPIRY_MS: u64 = 60_000;
/// Requests for each debtor, so that the book grows with the run.
const PER_DEBTOR: u64 = 500;

/// How often each outcome was seen.
pub type Seen = BTreeMap<Outcome, u64>;

/// Runs so many random requests, telling after each block how many are done. The same seed gives the
/// same run.
pub fn run(requests: u64, seed: u64, mut progress: impl FnMut(u64)) -> Seen {
    let debtors = (requests / PER_DEBTOR).max(4);
    let book = book_of(debtors);
    let mut ledger = book::ledger_of(debtors);
    let mut generator = Generator::new(seed);
    let mut checker = Checker::new(&book);
    let mut cache = KeyCache::new();
    let mut seen = Seen::new();
    let mut done = 0;
    while done < requests {
        let time = ledger.time().plus_millis(1 + generator.below(90 * 60_000));
        checker.pass_time(time.millis() as i64);
        done += run_block(
            &book,
            &mut generator,
            &mut ledger,
            &mut checker,
            &mut cache,
            time,
            &mut seen,
        );
        progress(done);
    }
    assert_eq!(checker.exceeded(), None);
    ledger.verify_conservation().expect("every sum is right");
    seen
}

/// What the generator and the checker are told of the ledger's book.
fn book_of(debtors: u64) -> Book {
    let agencies = (0..AGENCIES).map(|agency| Agency {
        id: book::agency_id(agency),
        key: book::agency_key(agency),
        evaluated_on: (agency + 1 < AGENCIES).then_some(book::EVALUATED_ON),
    });
    let debtors = (0..debtors).map(|debtor| Debtor {
        account: book::debtor_id(debtor),
        key: book::key("debtor", debtor),
        loans: [0, 1].map(|loan| book::loan_id(debtor, loan)),
        cases: (0..AGENCIES)
            .map(|agency| book::case_id(debtor, agency))
            .collect(),
    });
    Book {
        chain: book::chain(),
        agencies: agencies.collect(),
        debtors: debtors.collect(),
    }
}

fn run_block(
    book: &Book,
    generator: &mut Generator,
    ledger: &mut Ledger,
    checker: &mut Checker,
    cache: &mut KeyCache,
    time: Timestamp,
    seen: &mut Seen,
) -> u64 {
    let now = time.millis();
    let expires_at = time.plus_millis(EXPIRY_MS);
    let mut operations = Vec::new();
    let mut signed = Vec::new();
    let mut requests = 0;
    while signed.len() < BLOCK {
        let draft = generator.next(book, &checker.known, now);
        requests += u64::from(draft.is_request());
        operations.push(draft.operation.clone());
        signed.push(generator.sign(book, draft, expires_at));
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
    for (operation, result) in operations.iter().zip(&execution.results) {
        let expected = checker.expect(result.transaction, operation, now as i64);
        let mut rules = result.rules.clone();
        rules.sort();
        let found = Some((result.outcome, rules));
        assert_eq!(found, expected, "at {now}: {operation:?}");
        *seen.entry(result.outcome).or_default() += 1;
    }
    ledger.commit(execution);
    requests
}
