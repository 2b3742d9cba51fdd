//! The README's table of outcomes is public: it says what the code says, in the same order.

use talea_types::Outcome;

#[test]
fn the_readme_lists_every_outcome_in_its_order() {
    let readme = include_str!("../README.md");
    let rows = readme
        .lines()
        .skip_while(|line| !line.starts_with("| number | name |"))
        .skip(2);
    let rows: Vec<&str> = rows.take_while(|line| line.starts_with('|')).collect();
    let expected: Vec<String> = Outcome::ALL
        .iter()
        .map(|one| format!("| {} | `{}` | {} |", one.number(), one.name(), one.help()))
        .collect();
    assert_eq!(rows, expected);
}
