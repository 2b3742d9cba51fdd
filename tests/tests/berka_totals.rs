//! The replay of a real bank leaves behind exactly what an independent program computes from its files.
//!
//! Runs `talea-node demo --data DIR --loans 40 --json`, which reads its figures back from the ledger, and
//! `tests/berka_totals.py`, which reads only the files, and compares the two to the last minor unit. Without
//! python3 or the data (`TALEA_DATA`, or `../shared/data` beside the repository) it says so and passes.
//! `TALEA_BERKA_ROWS=all` replays the whole file instead of its first rows.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;
use talea_tests::programs::{json_of, node_program, repository, skipped};

/// Rows that are replayed unless more are asked for: the first months of the bank's life.
const ROWS: &str = "3000";
/// Loans of each book that are played after the replay, which moved the clock by months.
const LOANS: &str = "40";
/// What both programs tell under the same name.
const FIGURES: [&str; 8] = [
    "rows",
    "kinds",
    "banks",
    "bank_balances",
    "reserves_gained",
    "balances_total",
    "balances",
    "skipped",
];

fn data() -> Option<PathBuf> {
    let data = env::var_os("TALEA_DATA")
        .map_or_else(|| repository().join("../shared/data"), PathBuf::from);
    data.join("berka/trans.asc").is_file().then_some(data)
}

fn has_python() -> bool {
    let version = Command::new("python3")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

/// Which lines were skipped; the words for why are each program's own.
fn lines(skipped: &Value) -> Vec<(String, u64)> {
    let line = |one: &Value| Some((one["file"].as_str()?.to_owned(), one["line"].as_u64()?));
    let skipped = skipped.as_array().expect("a list");
    skipped
        .iter()
        .map(|one| line(one).expect("a file and a line"))
        .collect()
}

#[test]
fn the_replay_balances_to_the_last_minor_unit() {
    let Some(data) = data() else {
        skipped("no berka/ in TALEA_DATA or ../shared/data");
        return;
    };
    if !has_python() {
        skipped("no python3 to compute the totals independently");
        return;
    }
    let rows = env::var("TALEA_BERKA_ROWS").unwrap_or_else(|_| ROWS.to_owned());
    let limit: &[&str] = if rows == "all" {
        &[]
    } else {
        &["--rows", &rows]
    };

    let script = repository().join("tests/berka_totals.py");
    let computed = json_of(
        Command::new("python3")
            .arg(script)
            .arg(data.join("berka"))
            .args(limit),
    );
    let played = json_of(
        Command::new(node_program())
            .args(["demo", "--json", "--loans", LOANS, "--data"])
            .arg(&data)
            .args(limit),
    );
    let ledger = &played["audit"]["figures"];
    for figure in FIGURES {
        assert!(!computed[figure].is_null(), "the script tells {figure}");
        if figure == "skipped" {
            assert_eq!(lines(&ledger[figure]), lines(&computed[figure]), "{figure}");
        } else {
            assert_eq!(ledger[figure], computed[figure], "{figure}");
        }
    }
    assert!(
        computed["balances"]
            .as_object()
            .is_some_and(|all| all.len() > 1_000)
    );
    let books = played["book"]["books"].as_array().expect("two books");
    assert_eq!(books.len(), 2);
    for book in books {
        assert!(book["of_source"].as_u64() > Some(0) && book["compared"].as_u64() > Some(0));
        assert_eq!(book["as_source"], book["of_source"], "{}", book["name"]);
    }
    let granted = &played["book"]["story"]["permits"]["granted"];
    assert!(granted.as_u64().is_some_and(|granted| granted > 0));
}
