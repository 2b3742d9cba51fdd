//! Random operations on loans, on the ledger and on the naive model of its tests.
//!
//! `cargo run --release -p talea-ledger --example credit_model -- OPERATIONS [SEED]`

#[path = "../tests/credit_model/mod.rs"]
mod credit_model;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|one| one.parse::<u64>());
    let mut next = |default| {
        arguments
            .next()
            .map_or(default, |one| one.expect("a number"))
    };
    let (operations, seed) = (next(1_000_000), next(1));
    let seen = credit_model::run(operations, seed, |done| {
        if done.is_multiple_of(50_000) {
            eprintln!("{done} of {operations}");
        }
    });
    println!(
        "{operations} operations, seed {seed}: every outcome, every balance and every loan as in the model"
    );
    for (outcome, count) in seen {
        println!("{count:>9} {outcome}");
    }
}
