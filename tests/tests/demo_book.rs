//! The story that `talea-node demo` tells of its loans is what happened: the facts in its report.

use std::process::Command;

use serde_json::Value;
use talea_tests::programs::{json_of, node_program};

/// A short day and a small book.
const PAYMENTS: &str = "400";
const LOANS: &str = "60";
/// The four of the story.
const PEOPLE: u64 = 4;
/// Rules of two packs that have to refuse something in the story.
const RULES: [&str; 9] = [
    "us-reg-f/1006.6(b)(1)(i)@1",
    "us-reg-f/1006.14(b)(2)(i)(A)@1",
    "us-reg-f/1006.14(b)(2)(i)(B)@1",
    "us-reg-f/1006.6(e)@1",
    "us-reg-f/1006.14(h)(1)@1",
    "us-reg-f/1006.38(d)(2)@1",
    "cn-gbt-45251/quiet-hours@1",
    "cn-gbt-45251/dial-attempts@1",
    "uk-conc7/breathing-space@1",
];

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

#[test]
fn the_demonstration_plays_a_loan_book() {
    let report = json_of(Command::new(node_program()).args([
        "demo",
        "--json",
        "--payments",
        PAYMENTS,
        "--loans",
        LOANS,
    ]));
    let book = &report["book"]["books"][0];
    let loans = LOANS.parse::<u64>().unwrap() + PEOPLE;
    assert_eq!(number(&book["loans"]), loans);
    let totals = book["totals"].as_array().expect("totals");
    let sum = |field: &str| {
        totals
            .iter()
            .map(|total| number(&total[field]))
            .sum::<u64>()
    };
    assert_eq!(sum("loans"), loans);
    assert!(sum("interest") > 0 && sum("principal") > 0 && sum("late_fees") > 0);
    assert!(number(&book["compared"]) > 0);
    assert_eq!(number(&book["of_source"]), LOANS.parse::<u64>().unwrap());
    assert_eq!(book["as_source"], book["of_source"]);

    let story = &report["book"]["story"];
    let permits = &story["permits"];
    for rule in RULES {
        let refused = &permits["refused"][rule];
        assert!(number(&refused["count"]) > 0, "{rule}");
        assert!(
            !refused["source"].as_str().expect("a source").is_empty(),
            "{rule}"
        );
    }
    assert!(number(&permits["granted"]) < number(&permits["asked"]));
    let race = &story["race"];
    let mut outcomes = [race["outcomes"][0].as_str(), race["outcomes"][1].as_str()];
    outcomes.sort_unstable();
    assert_eq!(outcomes, [Some("APPLIED"), Some("OVERRIDE_NEEDED")]);
    assert_ne!(race["validators"][0], race["validators"][1]);
    let interest = &story["breathing_space_interest"];
    assert_eq!(interest[0], interest[1]);
    let loss = story["loss"].as_array().expect("parts of the loss");
    assert!(
        loss.iter().all(|part| number(&part["amount"]) > 0),
        "{loss:?}"
    );

    let bundle = &story["bundle"];
    // Seven calls of one debtor and six of another; three of them were never closed.
    assert_eq!(
        (number(&bundle["contacts"]), number(&bundle["breaches"])),
        (13, 3)
    );
    assert!(number(&bundle["tampered_refused"]) >= 2 * number(&bundle["subjects"]));
    assert_eq!(
        report["audit"]["roots"]["validators"]
            .as_array()
            .map(Vec::len),
        Some(4)
    );
}
