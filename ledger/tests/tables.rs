//! The ledger's behaviour as readable tables: `tests/tables/*.txt`.

mod support;

use std::{collections::BTreeSet, fs, path::PathBuf};

use support::{
    World,
    refusal::check_refused_changes_nothing,
    script::{cases, run_case},
};
use talea_ledger::BlockContext;
use talea_types::{Outcome, StateKey};

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

/// The check that every refusal passes sees a refusal that did something.
#[test]
#[should_panic(expected = "changed Asset")]
fn a_refusal_that_changed_something_is_caught() {
    let mut world = World::new(true);
    assert_eq!(world.step("alpha: open alice").outcome, Outcome::Applied);
    let step = world.parse("alpha: issue alice 10000 CZK");
    let signed = world.sign(&step.draft);
    let context = BlockContext {
        height: world.ledger.height() + 1,
        time: world.next_time,
    };
    let refused = world.verified(vec![signed]);
    let mut execution = world.ledger.execute(&context, &refused).unwrap();
    check_refused_changes_nothing(&world.ledger, &context, &refused, &execution);
    let step = world.parse("alpha: issue alice 10 CZK");
    let signed = world.sign(&step.draft);
    let issued = world.verified(vec![signed]);
    let other = world.ledger.execute(&context, &issued).unwrap();
    let entries = other.delta.entries.into_iter();
    let totals = entries.filter(|one| matches!(one.key, StateKey::Asset(_)));
    execution.delta.entries.extend(totals);
    check_refused_changes_nothing(&world.ledger, &context, &refused, &execution);
}
