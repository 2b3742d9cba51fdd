//! Random requests of five agencies at four validators, compared with a checker written apart: a short run of
//! `talea-permits`.

use talea_tests::permits::{Plan, run};

use crate::network::TURNS;

/// Requests.
const REQUESTS: u64 = 3_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_permit_of_four_validators_is_as_a_checker_written_apart_says() {
    let _turn = TURNS.acquire().await.unwrap();
    let plan = Plan {
        requests: REQUESTS,
        seed: 1,
    };
    let report = run(plan, &mut |_, _, _| (), || false).await.unwrap();
    report.print();
    assert!(report.requests >= REQUESTS);
    for outcome in [
        "APPLIED",
        "CONTACT_REFUSED",
        "OVERRIDE_NEEDED",
        "TIME_OUT_OF_RANGE",
    ] {
        let seen = report.outcomes.get(outcome);
        assert!(seen.is_some(), "{outcome} was never seen: {report:?}");
    }
    let all_asked = report.agencies.iter().all(|one| one.requests > 0);
    assert!(all_asked, "an agency asked for nothing: {report:?}");
    assert!(
        report.days >= 366 && report.clock_changes >= 2,
        "{report:?}"
    );
}
