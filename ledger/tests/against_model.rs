//! The ledger against the naive model. The full run of 10^6 operations is
//! `cargo run --release -p talea-ledger --example model -- 1000000`.

mod model;

use talea_types::Outcome;

#[test]
fn random_operations_come_to_the_same() {
    let operations = std::env::var("TALEA_MODEL_OPERATIONS");
    let operations = operations.map_or(40_000, |text| text.parse().expect("a number"));
    let seen = model::run(operations, 1, |_| {});
    for outcome in [
        Outcome::Applied,
        Outcome::Expired,
        Outcome::Unauthorised,
        Outcome::NonceUsed,
        Outcome::NonceBelowWindow,
        Outcome::SignatureMissing,
        Outcome::SignatureNotNeeded,
        Outcome::NotPermitted,
        Outcome::AccountRestricted,
        Outcome::LimitPerDay,
        Outcome::InsufficientFunds,
        Outcome::ReserveExceeded,
        Outcome::HoldUnknown,
        Outcome::CaptureAboveHold,
        Outcome::NotRefundable,
        Outcome::RefundAboveOriginal,
    ] {
        assert!(
            seen.contains_key(&outcome),
            "{outcome} was never seen: {seen:?}"
        );
    }
}
