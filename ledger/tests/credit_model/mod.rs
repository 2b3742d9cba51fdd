//! Loans against a naive model: random operations, and after every block the same outcomes, the same
//! balances, and every loan as the model has it on the business date. The ledger ages loans lazily, the
//! model every day.
//!
//! Protections, disputes, plans and modifications stop interest, fees, ageing and reports in both, by the rules of
//! `pack.toml`, and go on by themselves, when they are lifted, or some days after. Complaints stop no interest, and
//! nothing that stops contacts alone moves money: neither is here.

pub mod generator;
pub mod naive;

use std::collections::BTreeMap;

use talea_ledger::{BlockContext, Ledger, credit};
use talea_types::{
    LoanId, Outcome, ProductId, SignedTransaction, VerifiedTransaction, crypto::KeyCache,
    state::Loan, transaction::verify_all,
};

use generator::{Generator, asset};
use naive::Naive;

const BLOCK: u64 = 200;

/// How often each outcome was seen.
pub type Seen = BTreeMap<Outcome, u64>;

/// Runs so many random operations. The same seed gives the same run.
pub fn run(operations: u64, seed: u64, mut progress: impl FnMut(u64)) -> Seen {
    let mut generator = Generator::new(seed);
    let mut ledger = Ledger::genesis(&generator.genesis()).expect("a valid genesis");
    let mut cache = KeyCache::new();
    for block in generator.opening(&ledger) {
        commit(&mut ledger, &mut cache, block, &mut |_, outcome| {
            assert_eq!(outcome, Outcome::Applied, "the opening");
        });
    }
    let mut model = generator.model(&ledger);
    let mut seen = Seen::new();
    let mut done = 0;
    while done < operations {
        let mut block = Vec::new();
        let mut expected = Vec::new();
        for _ in 0..BLOCK {
            let transaction = generator.transaction(&mut model, &ledger);
            expected.push(generator.expected.take().expect("an outcome"));
            block.push(transaction);
            // What a later operation needs of the ledger's answer ends the block.
            if generator.needs_answer {
                break;
            }
        }
        done += block.len() as u64;
        let shown = format!(
            "seed {seed}, {done} operations: {:?}",
            block.last().map(|one| one.body().clone())
        );
        let mut expected = expected.into_iter();
        commit(&mut ledger, &mut cache, block, &mut |_, outcome| {
            assert_eq!(Some(outcome), expected.next(), "{shown}");
            *seen.entry(outcome).or_default() += 1;
        });
        generator.answer(&mut model, &ledger);
        compare(&model, &ledger, generator.touched.take());
        if done % 10_000 < BLOCK {
            ledger.verify_conservation().expect("every sum is right");
            for id in model.loans.keys() {
                compare(&model, &ledger, Some(*id));
            }
        }
        progress(done);
    }
    ledger.verify_conservation().expect("every sum is right");
    seen
}

fn commit(
    ledger: &mut Ledger,
    cache: &mut KeyCache,
    block: Vec<SignedTransaction>,
    each: &mut dyn FnMut(usize, Outcome),
) {
    let verified: Vec<VerifiedTransaction> = verify_all(cache, block)
        .into_iter()
        .map(|one| one.expect("a signature of our own"))
        .collect();
    let context = BlockContext {
        height: ledger.height() + 1,
        time: generator::time_of(ledger),
    };
    let execution = ledger
        .execute(&context, &verified)
        .expect("the block follows");
    for (place, result) in execution.results.iter().enumerate() {
        each(place, result.outcome);
    }
    ledger.commit(execution);
}

/// The loan in the ledger as it is on the business date.
fn aged(ledger: &Ledger, id: &LoanId) -> (Loan, u32) {
    let mut loan = ledger.loan(id).expect("a loan of the model").clone();
    let product: &ProductId = &loan.product.clone();
    let terms = &ledger.product(product).expect("its product").terms;
    let today = ledger.business_date();
    credit::age(&mut loan, terms, today);
    let days = credit::days_past_due(&loan, terms, today);
    (loan, days)
}

fn compare(model: &Naive, ledger: &Ledger, loan: Option<LoanId>) {
    assert_eq!(model.today, ledger.business_date());
    for (account, balance) in &model.balances {
        let found = ledger
            .account(account)
            .expect("an account")
            .available(asset());
        assert_eq!(u128::from(found.minor_units()), *balance, "{account}");
    }
    let Some(id) = loan else { return };
    let ours = &model.loans[&id];
    let (found, days) = aged(ledger, &id);
    let sums = [found.principal, found.interest, found.fees, found.paid]
        .map(|one| u128::from(one.minor_units()));
    let expected = [
        ours.principal,
        ours.interest_owed(&model.products),
        ours.fees,
        ours.paid,
    ];
    assert_eq!(sums, expected, "{id}");
    assert_eq!(
        (found.status, days),
        (
            ours.status,
            ours.days_past_due(&model.products, model.today)
        ),
        "{id}"
    );
    let claims = found.funders.iter().map(|one| {
        (
            one.account,
            u128::from(one.share_ppm),
            u128::from(one.principal.minor_units()),
        )
    });
    assert_eq!(claims.collect::<Vec<_>>(), ours.claims, "{id}");
    assert_eq!(found.reports, ours.reports);
}
