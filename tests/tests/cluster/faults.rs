//! A short run of every kind of fault; `talea-faults` makes the long ones.

use std::time::Duration;

use talea_tests::{
    faults::{Kind, Plan, Skipped, run},
    programs::skipped,
};

use crate::network::TURNS;

async fn short(kind: Kind, count: u64, seed: u64) {
    of_more(kind, count, count, seed).await;
}

/// Plans some faults and ends the run early, after `count` of them.
async fn of_more(kind: Kind, count: u64, planned: u64, seed: u64) {
    let _turn = TURNS.acquire().await.unwrap();
    let plan = Plan {
        kind,
        count: planned,
        seed,
        at_most: None,
    };
    let goes_on = |done, _: &str| done < count || count == planned;
    match run(plan, goes_on).await {
        Ok(report) => {
            report.print();
            assert_eq!(report.violations, Vec::<String>::new());
            assert_eq!(report.events, count);
            assert_eq!(report.interrupted, count < planned);
            assert!(report.acknowledged > 0 && report.receipts_verified > 0);
        }
        Err(error) if error.is::<Skipped>() => skipped(error),
        Err(error) => panic!("{}: {error:#}", kind.name()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment() {
    short(Kind::Kill, 2, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frozen_for_a_while() {
    of_more(Kind::Stop, 1, 5, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_fills_up_and_fails() {
    short(Kind::Disk, 1, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cables_are_cut() {
    short(Kind::Partition, 1, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_slow_and_break() {
    short(Kind::Delay, 1, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_is_wrong() {
    short(Kind::Clock, 1, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_validator_restored_from_a_copy_does_not_vote_where_it_has_voted() {
    short(Kind::Backup, 1, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_validator_lies() {
    short(Kind::Byzantine, 1, 1).await;
}

/// All of them as they come, for a moment: as many as fit, and whoever reads the report is told that it judges no memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_as_it_comes() {
    let _turn = TURNS.acquire().await.unwrap();
    let plan = Plan {
        kind: Kind::Soak,
        count: 0,
        seed: 3,
        at_most: Some(Duration::from_secs(50)),
    };
    match run(plan, |_, _| true).await {
        Ok(report) => {
            report.print();
            assert_eq!(report.violations, Vec::<String>::new());
            assert!(report.events > 0 && !report.interrupted);
            assert!(report.acknowledged > 0 && report.receipts_verified > 0);
            assert!(
                report
                    .memory
                    .iter()
                    .flatten()
                    .all(|one| one.is_too_steep().is_none())
            );
        }
        Err(error) if error.is::<Skipped>() => skipped(error),
        Err(error) => panic!("soak: {error:#}"),
    }
}
