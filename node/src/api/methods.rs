//! Who may call which method: the matrix of `methods.txt`, asked before any service is.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use talea_types::state::Role;

const TEXT: &str = include_str!("methods.txt");

/// A column of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// Whoever calls.
    Anybody,
    /// From the node's own machine.
    Local,
    /// The organisation whose validator this node is.
    Own,
    /// A registered organisation with this role.
    Role(Role),
}

/// The cells that say yes.
#[derive(Debug)]
struct Methods(BTreeSet<(&'static str, Column)>);

/// Whether a caller who stands in these columns may call a method, named as in `methods.txt`. Everybody
/// stands in the first. What the matrix does not say is denied.
pub(super) fn may_call(method: &str, columns: &[Column]) -> bool {
    static METHODS: LazyLock<Methods> = LazyLock::new(|| {
        Methods::parse(TEXT).unwrap_or_else(|reason| unreachable!("the matrix is tested: {reason}"))
    });
    let permits = |column| METHODS.0.iter().any(|cell| *cell == (method, column));
    permits(Column::Anybody) || columns.iter().any(|column| permits(*column))
}

impl Methods {
    fn parse(text: &'static str) -> Result<Self, String> {
        let mut lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let head = lines.next().unwrap_or_default().split_whitespace().skip(1);
        let columns = head.map(|word| column(word).ok_or(format!("{word} is no caller")));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let mut permitted = BTreeSet::new();
        for line in lines {
            let mut words = line.split_whitespace();
            let method = words.next().unwrap_or_default();
            let cells: Vec<&str> = words.collect();
            if cells.len() != columns.len() {
                return Err(format!("{method} has {} cells", cells.len()));
            }
            for (column, cell) in columns.iter().zip(cells) {
                match cell {
                    "yes" => permitted.insert((method, *column)),
                    "-" => false,
                    other => return Err(format!("{other} is no cell")),
                };
            }
        }
        Ok(Self(permitted))
    }
}

fn column(word: &str) -> Option<Column> {
    match word {
        "anybody" => Some(Column::Anybody),
        "local" => Some(Column::Local),
        "own" => Some(Column::Own),
        role => Role::from_word(role).map(Column::Role),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::meter::METHODS;

    /// Method, caller, cell, read apart from the code above.
    fn cells() -> Vec<(&'static str, Column, bool)> {
        let lines = TEXT
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty());
        let lines: Vec<Vec<&str>> = lines
            .map(|line| line.split_whitespace().collect())
            .collect();
        let mut cells = Vec::new();
        for row in &lines[1..] {
            assert_eq!(row.len(), lines[0].len(), "{row:?}");
            for (caller, cell) in lines[0].iter().zip(row).skip(1) {
                cells.push((row[0], column(caller).unwrap(), *cell == "yes"));
            }
        }
        cells
    }

    #[test]
    fn every_cell_is_answered_as_it_is_written() {
        let cells = cells();
        assert_eq!(cells.len(), (METHODS.len() + 2) * 13);
        for (method, caller, expected) in &cells {
            assert_eq!(
                may_call(method, &[*caller]),
                *expected,
                "{method} by {caller:?}"
            );
        }
        for method in METHODS {
            assert!(
                cells.iter().any(|(own, _, _)| own == method),
                "{method} has no row"
            );
        }
    }

    #[test]
    fn what_is_not_there_is_denied_to_everybody() {
        let all: Vec<Column> = cells().iter().map(|(_, caller, _)| *caller).collect();
        for method in ["unknown", "Operator/Stop", "", "ledger/submit"] {
            assert!(!may_call(method, &all), "{method}");
        }
        assert!(!may_call("Operator/GetStatus", &[]));
    }

    #[test]
    fn what_is_no_matrix_is_refused() {
        for text in [
            "method pirate\n",
            "method own\nA yes yes\n",
            "method own\nA maybe\n",
        ] {
            assert!(Methods::parse(text).is_err(), "{text}");
        }
    }
}
