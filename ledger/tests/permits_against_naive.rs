//! Permits against the naive checker. The full run of 10^6 requests is
//! `cargo run --release -p talea-ledger --example permit_model -- 1000000`.

mod permits;

use talea_types::Outcome;

#[test]
fn random_requests_come_to_the_same() {
    let seen = permits::run(20_000, 1, |_| {});
    for outcome in [
        Outcome::Applied,
        Outcome::TimeOutOfRange,
        Outcome::PermitClosed,
        Outcome::OutsidePermit,
        Outcome::ResultUnfit,
        Outcome::TooManyOpen,
        Outcome::ContactRefused,
        Outcome::OverrideNeeded,
    ] {
        assert!(
            seen.contains_key(&outcome),
            "{outcome} was never seen: {seen:?}"
        );
    }
}
