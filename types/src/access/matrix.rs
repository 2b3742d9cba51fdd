//! The matrix: read from text, asked cell by cell.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{Reader, RecordKind, Relation};
use crate::state::Role;

/// The matrix that comes with this software.
const TEXT: &str = include_str!("matrix.txt");

/// What one kind of reader may do with one kind of record.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Cell {
    Denied,
    All,
    /// Whoever stands in one of these relations.
    Own(Vec<Relation>),
}

/// A column of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Anybody,
    Account,
    Role(Role),
}

/// Who may read what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessMatrix(BTreeMap<(RecordKind, Column), Cell>);

/// Text that is not a matrix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct MatrixError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl AccessMatrix {
    /// The matrix that comes with this software.
    #[must_use]
    pub fn published() -> &'static Self {
        static MATRIX: LazyLock<AccessMatrix> = LazyLock::new(|| {
            AccessMatrix::parse(TEXT)
                .unwrap_or_else(|error| unreachable!("the matrix is tested: {error}"))
        });
        &MATRIX
    }

    /// Reads a matrix: a head with the readers, then a line for each kind of record. Lines that start
    /// with `#` are comments. Every kind of record must be there, once.
    ///
    /// # Errors
    /// [`MatrixError`] with the first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, MatrixError> {
        let lines = text.lines().zip(1..);
        let mut lines = lines.filter(|(line, _)| !line.trim().is_empty() && !line.starts_with('#'));
        let refuse = |line, reason: String| Err(MatrixError { line, reason });
        let (head, number) = lines.next().unwrap_or_default();
        let columns: Option<Vec<Column>> = head.split_whitespace().skip(1).map(column).collect();
        let Some(columns) = columns else {
            return refuse(number, "a reader is not known".to_owned());
        };
        let mut cells = BTreeMap::new();
        let mut rows = 0_usize;
        for (line, number) in lines {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap_or_default();
            let known = RecordKind::ALL.iter().find(|kind| kind.word() == name);
            let Some(kind) = known else {
                return refuse(number, format!("{name} is no kind of record"));
            };
            let row: Option<Vec<Cell>> = words.map(cell).collect();
            let Some(row) = row.filter(|row| row.len() == columns.len()) else {
                return refuse(
                    number,
                    format!("one known cell for each of {}", columns.len()),
                );
            };
            for (column, cell) in columns.iter().zip(row) {
                if cells.insert((*kind, *column), cell).is_some() {
                    return refuse(number, format!("{name} is there twice"));
                }
            }
            rows = rows.saturating_add(1);
        }
        if rows != RecordKind::ALL.len() {
            return refuse(0, "a kind of record is missing".to_owned());
        }
        Ok(Self(cells))
    }

    /// Whether a record may be read by who stands in these relations to it. What the matrix does not
    /// say is denied.
    #[must_use]
    pub fn may_read(&self, reader: Reader<'_>, record: RecordKind, relations: &[Relation]) -> bool {
        let permits = |column| match self.0.get(&(record, column)) {
            None | Some(Cell::Denied) => false,
            Some(Cell::All) => true,
            Some(Cell::Own(own)) => own.iter().any(|relation| relations.contains(relation)),
        };
        // Who shows a key may read what anybody may.
        permits(Column::Anybody)
            || match reader {
                Reader::Anybody => false,
                Reader::Account => permits(Column::Account),
                Reader::Participant(roles) => roles.iter().any(|role| permits(Column::Role(*role))),
            }
    }
}

fn column(word: &str) -> Option<Column> {
    match word {
        "anybody" => Some(Column::Anybody),
        "account" => Some(Column::Account),
        role => Role::from_word(role).map(Column::Role),
    }
}

fn cell(word: &str) -> Option<Cell> {
    match word {
        "-" => Some(Cell::Denied),
        "all" => Some(Cell::All),
        relations => {
            let relation = |word: &str| {
                let mut all = Relation::ALL.iter().copied();
                all.find(|relation| relation.word() == word)
            };
            let own: Option<Vec<Relation>> = relations.split('+').map(relation).collect();
            own.map(Cell::Own)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::may_read;

    /// The text of every cell: record, reader, cell. Read apart from the code above.
    fn cells() -> Vec<(String, String, String)> {
        let lines: Vec<Vec<&str>> = TEXT
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(|line| line.split_whitespace().collect())
            .collect();
        let mut cells = Vec::new();
        for row in &lines[1..] {
            for (reader, cell) in lines[0].iter().zip(row).skip(1) {
                cells.push((row[0].to_owned(), (*reader).to_owned(), (*cell).to_owned()));
            }
        }
        cells
    }

    #[test]
    fn every_cell_is_answered_as_it_is_written() {
        let cells = cells();
        assert_eq!(cells.len(), RecordKind::ALL.len() * 12);
        for (record, name, cell) in cells {
            let kind = *RecordKind::ALL
                .iter()
                .find(|kind| kind.word() == record)
                .unwrap();
            let role = Role::from_word(&name).map(|role| [role]);
            let reader = match (name.as_str(), &role) {
                ("anybody", _) => Reader::Anybody,
                ("account", _) => Reader::Account,
                (_, Some(roles)) => Reader::Participant(roles),
                _ => panic!("{name} is no reader"),
            };
            for relation in Relation::ALL {
                let expected = match cell.as_str() {
                    "all" => true,
                    "-" => false,
                    own => own.split('+').any(|word| word == relation.word()),
                };
                assert_eq!(
                    may_read(reader, kind, &[*relation]),
                    expected,
                    "{record} by {name} as {}",
                    relation.word()
                );
            }
            assert_eq!(
                may_read(reader, kind, &[]),
                cell == "all",
                "{record} by {name}"
            );
            assert_eq!(
                may_read(reader, kind, Relation::ALL),
                cell != "-",
                "{record} by {name}"
            );
        }
    }

    #[test]
    fn several_roles_add_up_and_none_adds_nothing() {
        let both = [Role::CollectionAgency, Role::Bank];
        let agency_of = |roles| {
            may_read(
                Reader::Participant(roles),
                RecordKind::Debtor,
                &[Relation::Agency],
            )
        };
        assert!(agency_of(&both));
        assert!(!agency_of(&both[1..]));
        for kind in RecordKind::ALL {
            let with = |reader| may_read(reader, *kind, Relation::ALL);
            assert_eq!(
                with(Reader::Participant(&[])),
                with(Reader::Anybody),
                "without a role one reads what anybody may: {}",
                kind.word()
            );
        }
    }

    /// Who may read an account may not read the debtor, and the other way round.
    #[test]
    fn the_sponsor_does_not_see_the_debtor_nor_the_agency_the_account() {
        let reads =
            |role, kind, relation| may_read(Reader::Participant(&[role]), kind, &[relation]);
        assert!(reads(Role::Bank, RecordKind::Account, Relation::Sponsor));
        assert!(!reads(Role::Bank, RecordKind::Debtor, Relation::Sponsor));
        assert!(reads(
            Role::CollectionAgency,
            RecordKind::Debtor,
            Relation::Agency
        ));
        assert!(!reads(
            Role::CollectionAgency,
            RecordKind::Account,
            Relation::Agency
        ));
    }

    #[test]
    fn what_is_no_matrix_is_refused() {
        assert!(AccessMatrix::parse("").is_err());
        for (from, to) in [
            ("regulator\n", "pirate\n"),
            ("terms  ", "secrets"),
            (
                "position     -       -                   itself",
                "position - - friend",
            ),
            ("\ncase ", "\n#case "),
            ("\nloan ", "\ncase "),
        ] {
            let changed = TEXT.replacen(from, to, 1);
            assert_ne!(changed, TEXT, "{from}");
            assert!(AccessMatrix::parse(&changed).is_err(), "{from}");
        }
        let short = TEXT.replace("block        all     all ", "block        all ");
        assert!(AccessMatrix::parse(&short).is_err());
    }
}
