//! The README says of every duty in the vocabulary who keeps it, and where.

use std::{collections::BTreeSet, path::Path};

const README: &str = include_str!("../README.md");
const CONTRACT: &str = include_str!("../../proto/talea/ledger/v1/rules.proto");

/// Provisions that say whether a contact may happen, and nothing beside. Every other is a duty.
const OF_CONTACTS: [&str; 16] = [
    "quiet_hours",
    "frequency_cap",
    "conversation_wait",
    "opt_out_statement",
    "opt_out_respected",
    "cease_respected",
    "representation_respected",
    "debtor_hours_respected",
    "forbidden",
    "recording_required",
    "notice_within",
    "third_party",
    "licence_valid",
    "listed_publicly",
    "evaluated_within",
    "forbearance_first",
];

/// The names of all provisions, as in the contract.
fn provisions() -> BTreeSet<&'static str> {
    let (_, rest) = CONTRACT.split_once("oneof provision {").expect("the oneof");
    let (body, _) = rest.split_once('}').expect("its end");
    let lines = body.lines().filter_map(|line| line.split_once(" = "));
    lines
        .filter_map(|(declared, _)| declared.split_whitespace().last())
        .collect()
}

/// The rows of the table of a section: its cells.
fn rows(section: &str) -> Vec<Vec<&'static str>> {
    let (_, rest) = README.split_once(section).expect("the section");
    let text = rest.split("\n## ").next().unwrap_or_default();
    let lines = text.lines().filter(|line| line.starts_with("| `"));
    lines
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

fn first_word(cell: &str) -> &str {
    cell.split('`').nth(1).unwrap_or_default()
}

#[test]
fn every_duty_has_one_row_that_says_who_keeps_it() {
    let all = provisions();
    assert!(all.len() > 20, "{all:?}");
    let of_contacts = BTreeSet::from(OF_CONTACTS);
    assert!(of_contacts.is_subset(&all), "no provision any more");
    let duties: BTreeSet<&str> = all.difference(&of_contacts).copied().collect();
    let rows = rows("\n## Who keeps the duties\n");
    let told: Vec<&str> = rows.iter().map(|row| first_word(row[0])).collect();
    let each: BTreeSet<&str> = told.iter().copied().collect();
    assert_eq!((each, told.len()), (duties.clone(), duties.len()));
    for row in rows {
        let [duty, by, how] = row[..] else {
            panic!("{row:?} has three cells")
        };
        assert!(matches!(by, "consensus" | "people"), "{duty}: {by}");
        let links: Vec<&str> = how.split("](").skip(1).collect();
        assert!(by == "people" || !links.is_empty(), "{duty}: where?");
        for link in links {
            let path = link.split(')').next().unwrap_or_default();
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
            assert!(file.is_file(), "{duty}: there is no {path}");
        }
    }
}

#[test]
fn the_vocabulary_has_every_provision() {
    let (_, rest) = README.split_once("\n## Vocabulary\n").expect("the section");
    let text = rest.split("\n## ").next().unwrap_or_default();
    let words: BTreeSet<&str> = text.split('`').skip(1).step_by(2).collect();
    let missing: Vec<&str> = provisions().difference(&words).copied().collect();
    assert!(
        missing.is_empty(),
        "the vocabulary does not have {missing:?}"
    );
}
