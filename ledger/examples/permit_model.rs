//! Random requests of five agencies for contact permits, on the ledger and on the naive checker of its
//! tests: every verdict and every rule is the same, and no cap is exceeded.
//!
//! `cargo run --release -p talea-ledger --example permit_model -- REQUESTS [SEED]`

#[path = "../tests/permits/mod.rs"]
mod permits;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|one| one.parse::<u64>());
    let mut next = |default| {
        arguments
            .next()
            .map_or(default, |one| one.expect("a number"))
    };
    let (requests, seed) = (next(1_000_000), next(1));
    let mut told = 0;
    let seen = permits::run(requests, seed, |done| {
        if done >= told + 50_000 {
            told = done;
            eprintln!("{done} of {requests}");
        }
    });
    println!("{requests} requests, seed {seed}: every verdict and every rule as in the model");
    for (outcome, count) in seen {
        println!("{count:>9} {outcome}");
    }
}
