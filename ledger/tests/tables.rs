//! The ledger's behaviour as readable tables: `tests/tables/*.txt`.

mod support;

use std::{collections::BTreeSet, fs, path::PathBuf};

use support::script::{cases, run_case};
use talea_types::Outcome;

fn tables() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tables");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut tables: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    tables.sort();
    tables
}

/// Every case of every table; together they show every outcome.
#[test]
fn every_case_and_every_outcome() {
    let mut shown = BTreeSet::new();
    for (name, text) in tables() {
        for case in cases(&text) {
            shown.extend(run_case(&name, &case));
        }
    }
    let missing: Vec<_> = Outcome::ALL
        .iter()
        .filter(|outcome| !shown.contains(outcome))
        .collect();
    assert!(missing.is_empty(), "no table shows {missing:?}");
}

/// In `precedence.txt` each line repairs the fault that the line before was refused for: the outcomes
/// follow the order of their numbers.
#[test]
fn outcomes_come_in_the_order_of_their_numbers() {
    let (_, text) = tables()
        .into_iter()
        .find(|(name, _)| name == "precedence.txt")
        .unwrap();
    for case in cases(&text) {
        let outcomes = run_case("precedence.txt", &case);
        let (last, refused) = outcomes.split_last().unwrap();
        assert_eq!(*last, Outcome::Applied, "{}", case.name);
        assert!(
            refused.is_sorted_by(|a, b| a.number() < b.number()),
            "{}: {outcomes:?}",
            case.name
        );
        assert!(
            refused.len() >= 3,
            "{}: too short to show an order",
            case.name
        );
    }
}
