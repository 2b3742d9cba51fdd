//! Loans against the naive model. The full run of 10^6 operations is
//! `cargo run --release -p talea-ledger --example credit_model -- 1000000`.

mod credit_model;

use talea_types::Outcome;

#[test]
fn random_operations_on_loans_come_to_the_same() {
    let seen = credit_model::run(20_000, 1, |_| {});
    for outcome in [
        Outcome::Applied,
        Outcome::NotPermitted,
        Outcome::TimeOutOfRange,
        Outcome::InsufficientFunds,
        Outcome::DateGoesBack,
        Outcome::AgreementUnknown,
        Outcome::LoanUnknown,
        Outcome::LoanStatus,
        Outcome::TermsOutsideProduct,
        Outcome::ScheduleInvalid,
        Outcome::AgreementCapExceeded,
        Outcome::RepaymentAboveDebt,
        Outcome::FeeForCollection,
        Outcome::FeeUnknown,
        Outcome::FeeNotDue,
        Outcome::FeeCapExceeded,
        Outcome::InquiryNotAuthorised,
        Outcome::FeesPaused,
        Outcome::NotLateEnough,
        Outcome::LossSettled,
        Outcome::ReportNotTrue,
        Outcome::ReportUnknown,
        Outcome::FurnishingPaused,
        Outcome::DisputeExists,
        Outcome::DisputeUnknown,
        Outcome::ProtectionExists,
        Outcome::ProtectionUnknown,
        Outcome::ProtectionTooLong,
    ] {
        assert!(
            seen.contains_key(&outcome),
            "{outcome} was never seen: {seen:?}"
        );
    }
}
