//! A short run of the simulator with every test run. `talea-sim run` does the long ones.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use talea_tests::long_run::EXIT_INTERRUPTED;
use talea_tests::sim::{Fault, FaultKind, Outcome, Plan, run_plan, run_seed};

/// Seeds of the short run.
const SEEDS: u64 = 24;
/// Seeds whose traces are pinned.
const TRACED: u64 = 8;

fn keeps_its_promises(seed: u64) -> Outcome {
    let outcome = run_seed(seed);
    if let Some(one) = &outcome.violation {
        panic!(
            "seed {seed} at {} ms: {}: {}; `talea-sim replay {seed}` shows it",
            one.at, one.promise, one.detail
        );
    }
    outcome
}

#[test]
fn no_promise_breaks_on_even_seeds() {
    let heights = (0..SEEDS)
        .step_by(2)
        .map(|seed| keeps_its_promises(seed).height);
    assert!(heights.sum::<u64>() > SEEDS, "hardly a block was decided");
}

#[test]
fn no_promise_breaks_on_odd_seeds() {
    let heights = (1..SEEDS)
        .step_by(2)
        .map(|seed| keeps_its_promises(seed).height);
    assert!(heights.sum::<u64>() > SEEDS, "hardly a block was decided");
}

/// Seed 514 of that time, 486 since failing disks tear as planned: a restarted validator asked for a batch that nobody
/// had any more; each answer, and each copy of it that the network made, asked the next one at once, until memory ended.
///
/// Seed 8531: a disk failed and left an old watermark, then a bit of the last vote rotted: it was taken for a tail that
/// had never been synced, and the validator contradicted what it had said.
///
/// Seeds 28772 and 41722: a lock that was forgotten and came again led to a vote, and stood in the log only where it had
/// come first: replay led to another vote. Seed 47874: so it did where a validator that had lost its disk had heard
/// its own votes of before.
///
/// Seeds 84033 and 87078: a bit of the last block rotted after a power cut, so that the block log ended before the
/// consensus log; the validator could not log what it heard about that block, and no start of it went further.
#[test]
fn seeds_that_once_broke_a_promise_keep_them() {
    for seed in [486, 514, 8_531, 28_772, 41_722, 47_874, 84_033, 87_078] {
        keeps_its_promises(seed);
    }
}

#[test]
fn twins_and_the_forgetful_break_no_promise() {
    let mut contradictions = 0;
    for seed in 0..24 {
        let outcome = run_plan(Plan::twins(seed), false);
        assert_eq!(
            outcome.violation, None,
            "`talea-sim replay {seed} --twins` shows it"
        );
        contradictions += outcome.figures.evidence;
    }
    assert!(contradictions > 0, "nobody contradicted itself");
}

#[test]
fn a_seed_replays_bit_for_bit() {
    for seed in [1, 8] {
        let runs = [run_seed(seed), run_seed(seed)];
        assert_eq!(runs[0].trace, runs[1].trace, "seed {seed}");
        assert_eq!(runs[0].counts.steps, runs[1].counts.steps, "seed {seed}");
    }
    assert_ne!(run_seed(1).trace, run_seed(2).trace);
}

#[test]
fn leaving_faults_out_is_a_run_like_any_other() {
    let mut plan = (0..)
        .map(Plan::of)
        .find(|plan| plan.faults.len() > 4)
        .unwrap();
    plan.faults.truncate(2);
    let outcome = run_plan(plan.clone(), false);
    assert_eq!(outcome.violation, None);
    let injected: u64 = outcome.counts.faults.values().sum();
    assert_eq!(injected, plan.faults.len() as u64);
}

/// What was planned for a node that does not run, or for a moment that never came, is not reported as tried.
#[test]
fn only_what_took_place_is_counted() {
    let mut plan = Plan::of(1).honest().calm();
    let tear = 7;
    let faults = [
        (
            1_000,
            FaultKind::Kill {
                node: 0,
                down_ms: 2_000,
            },
        ),
        (
            1_500,
            FaultKind::Kill {
                node: 0,
                down_ms: 1_500,
            },
        ),
        (
            1_500,
            FaultKind::Crash {
                node: 0,
                after: 0,
                tear,
                down_ms: 10,
            },
        ),
        (
            1_500,
            FaultKind::DiskFails {
                node: 0,
                after: 0,
                tear,
            },
        ),
        (
            1_500,
            FaultKind::Crash {
                node: 1,
                after: u32::MAX,
                tear,
                down_ms: 10,
            },
        ),
        (
            1_600,
            FaultKind::Crash {
                node: 2,
                after: 0,
                tear,
                down_ms: 10,
            },
        ),
        (
            1_700,
            FaultKind::DiskFails {
                node: 3,
                after: 0,
                tear,
            },
        ),
        (3_500, FaultKind::RollingRestart { gap_ms: 100 }),
    ];
    plan.faults = faults.map(|(at, kind)| Fault { at, kind }).to_vec();
    let outcome = run_plan(plan, false);
    assert_eq!(outcome.violation, None);
    let counted: Vec<_> = outcome.counts.faults.into_iter().collect();
    let expected = [
        ("crash", 1),
        ("disk_fails", 1),
        ("kill", 1),
        ("rolling_restart", 1),
    ];
    assert_eq!(counted, expected);
    assert_eq!(
        outcome.counts.power_cuts, 2,
        "and not one for each end of a process"
    );
}

/// An older state is written over the data of one validator; only what its signer remembers tells.
#[test]
fn who_is_set_back_contradicts_nothing_it_said() {
    let (mut set_back, mut waited) = (0, 0);
    for seed in 0..40 {
        let mut plan = Plan::of(seed).honest();
        // One disk is forgotten already.
        plan.faults.retain(|fault| {
            !matches!(
                fault.kind,
                FaultKind::LoseDisk { .. } | FaultKind::FlipBit { .. }
            )
        });
        let kind = FaultKind::SetBack {
            node: seed as usize % plan.validators,
            after_ms: 60 + seed * 40,
            down_ms: 20,
        };
        plan.faults.push(Fault { at: 600, kind });
        plan.faults.sort_by_key(|fault| fault.at);
        let outcome = run_plan(plan, false);
        assert_eq!(outcome.violation, None, "seed {seed}");
        set_back += outcome.counts.faults.get("set_back").copied().unwrap_or(0);
        waited += outcome.counts.rejoins;
    }
    assert_eq!(set_back, 40);
    assert!(waited >= 20, "only {waited} found it out");
}

/// Who ends a long run gets what it found until then.
#[test]
fn a_run_that_is_ended_early_reports_what_it_has() {
    let run = Command::new(env!("CARGO_BIN_EXE_talea-sim"))
        .args(["run", "--seeds", "1000000", "--threads", "1", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !handles_interrupts(run.id()) {
        std::thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&run), Signal::INT).unwrap();
    let ended = run.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(i32::from(EXIT_INTERRUPTED)));
    let report: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    let seeds = report["seeds"].as_u64().unwrap();
    assert!((1..1_000_000).contains(&seeds), "{seeds} seeds");
    assert_eq!(report["violations"], serde_json::json!([]));
}

/// A machine that is too slow for what it is asked may not pass for one that ran all of it.
#[test]
fn a_run_whose_time_is_too_short_says_so_and_fails() {
    let run = |seeds: &str, seconds: &str, more: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_talea-sim"))
            .args([
                "run",
                "--threads",
                "1",
                "--seeds",
                seeds,
                "--seconds",
                seconds,
            ])
            .args(more)
            .output()
            .unwrap();
        (run.status.code(), String::from_utf8(run.stdout).unwrap())
    };
    let (code, report) = run("1000000", "1", &[]);
    assert_eq!(code, Some(4), "{report}");
    let first = report.lines().next().unwrap();
    assert!(first.ends_with(" OF 1000000 SEEDS"), "{first}");
    let (code, report) = run("2", "600", &["--json"]);
    assert_eq!(code, Some(0), "{report}");
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        (&report["seeds"], &report["seeds_wanted"]),
        (&2.into(), &2.into())
    );
    // Each seed that decided something ends with somebody who begins after a snapshot.
    assert_eq!(report["snapshots"], 2);
}

/// Every build of every machine has the same traces; `cargo test -p talea-tests --test simulation golden` says it of a
/// debug build, `talea-sim trace --seeds 8` prints those of any.
///
/// After a change that is meant: `TALEA_REGENERATE=1 cargo test --release -p talea-tests --test simulation golden`.
#[test]
fn traces_are_those_of_the_golden_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/traces.txt");
    let traces = (0..TRACED).map(|seed| format!("{seed} {}\n", keeps_its_promises(seed).trace));
    let found: String = traces.collect();
    if std::env::var_os("TALEA_REGENERATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &found).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        found, known,
        "the same seeds went another way than before. If what nodes say to each other was changed on purpose, run \
         TALEA_REGENERATE=1 cargo test --release -p talea-tests --test simulation golden; if nothing was, this build \
         does not agree with others"
    );
}

/// Whether a process has a handler of SIGINT; a process that is gone never has.
fn handles_interrupts(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let caught = status
        .lines()
        .find_map(|line| line.strip_prefix("SigCgt:"))
        .unwrap();
    let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
    caught & (1 << (Signal::INT.as_raw() - 1)) != 0
}
