//! The ledger against a naive model: random operations, and after every block the same outcomes, the
//! same balances, holds and rights.
//!
//! The model ([`naive`]) is written apart from the ledger, from its README: plain maps, wide integers,
//! every rule as a fault that applies or not, and the outcome is the fault with the lowest number.

pub mod generator;
pub mod naive;

use std::collections::BTreeMap;

use talea_ledger::{BlockContext, Ledger};
use talea_types::{
    Outcome, SignedTransaction, TransactionBody, VerifiedTransaction, crypto::KeyCache,
    transaction::verify_all,
};

use generator::Generator;
use naive::Naive;

const BLOCK: usize = 250;

/// How often each outcome was seen.
pub type Seen = BTreeMap<Outcome, u64>;

/// Runs so many random operations, telling after each block how many are done. The same seed gives the
/// same run.
pub fn run(operations: u64, seed: u64, mut progress: impl FnMut(u64)) -> Seen {
    let mut generator = Generator::new(seed);
    let genesis = generator.genesis();
    let mut ledger = Ledger::genesis(&genesis).expect("a valid genesis");
    let mut model = Naive::of(&genesis);
    let mut cache = KeyCache::new();
    let mut seen = Seen::new();
    let mut done = 0;
    while done < operations {
        let time = ledger.time().plus_millis(generator.pause());
        model.begin_block(time);
        let mut bodies = Vec::new();
        let mut signed = Vec::new();
        for _ in 0..BLOCK {
            let (transaction, body) = generator.transaction(&model);
            signed.push(transaction);
            bodies.push(body);
        }
        let block = verified(&mut cache, signed);
        let context = BlockContext {
            height: ledger.height() + 1,
            time,
        };
        let execution = ledger.execute(&context, &block).expect("the block follows");
        for ((transaction, body), result) in block.iter().zip(&bodies).zip(&execution.results) {
            let expected = model.execute(transaction.id(), body);
            assert_eq!(
                result.outcome, expected,
                "seed {seed}, height {}: {body:?}",
                context.height
            );
            *seen.entry(expected).or_default() += 1;
        }
        ledger.commit(execution);
        model.compare(&ledger);
        done += BLOCK as u64;
        progress(done);
    }
    ledger.verify_conservation().expect("every sum is right");
    seen
}

fn verified(cache: &mut KeyCache, signed: Vec<SignedTransaction>) -> Vec<VerifiedTransaction> {
    let all = verify_all(cache, signed).into_iter();
    all.map(|one| one.expect("a signature of our own"))
        .collect()
}

/// What the model looks at of a transaction.
pub type Body = TransactionBody;
