//! Writing to people and programs. Standard output has the result and nothing else; what is on the way
//! goes to the error output. A reader that goes away ends the program quietly.

use std::io::{self, IsTerminal, Write};

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};
use talea_client::describe::Field;

/// Writes a line to standard output.
pub(crate) fn line(text: &str) {
    if writeln!(io::stdout(), "{text}").is_err() {
        // Nobody reads: there is nothing left to do.
        std::process::exit(0);
    }
}

/// Writes a line to the error output.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Names and values under each other.
pub(crate) fn fields(fields: &[Field]) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for (name, value) in fields {
        table.add_row([
            Cell::new(name).add_attribute(Attribute::Dim),
            Cell::new(value),
        ]);
    }
    line(&table.trim_fmt());
}

/// A table with a header.
pub(crate) fn table<R: IntoIterator<Item = String>>(
    header: &[&str],
    rows: impl IntoIterator<Item = R>,
) {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(
            header
                .iter()
                .map(|name| Cell::new(name).add_attribute(Attribute::Bold)),
        );
    for row in rows {
        table.add_row(row);
    }
    line(&table.to_string());
}

/// A word in the colour of its meaning, where colours are shown.
pub(crate) fn verdict(good: bool, word: &str) {
    let colour = if good { Color::Green } else { Color::Red };
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .add_row([Cell::new(word).fg(colour).add_attribute(Attribute::Bold)]);
    line(&table.trim_fmt());
}

/// Names and values as a JSON object; spaces in names become underscores.
pub(crate) fn object(fields: &[Field]) -> Value {
    let entries = fields
        .iter()
        .map(|(name, value)| (name.replace([' ', '\''], "_"), Value::from(value.as_str())));
    Value::Object(entries.collect::<Map<_, _>>())
}

/// A spinner on a terminal, nothing elsewhere.
pub(crate) fn spinner(text: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.set_message(text.to_owned());
    if io::stderr().is_terminal() {
        bar.enable_steady_tick(std::time::Duration::from_millis(100));
    }
    bar
}

/// A bar on a terminal, nothing elsewhere.
pub(crate) fn bar(text: &str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(text.to_owned());
    bar
}

/// A list of something that is shown: its name, the names of its columns, its rows.
pub(crate) struct List {
    /// What it lists.
    pub(crate) name: &'static str,
    /// Heads of the columns.
    pub(crate) header: &'static [&'static str],
    /// As many cells each.
    pub(crate) rows: Vec<Vec<String>>,
}

/// Fields and lists of one thing: tables for people, one object for programs. Empty lists are left out
/// for people.
pub(crate) fn record(json: bool, fields: &[Field], lists: Vec<List>) {
    if json {
        let mut value = object(fields);
        for list in lists {
            let rows = list.rows.iter().map(|row| {
                let cells = list.header.iter().zip(row);
                let cells = cells.map(|(name, cell)| ((*name).to_owned(), cell.clone()));
                object(&cells.collect::<Vec<_>>())
            });
            value[list.name.replace(' ', "_")] = rows.collect();
        }
        line(&value.to_string());
        return;
    }
    self::fields(fields);
    for list in lists.into_iter().filter(|list| !list.rows.is_empty()) {
        line(&format!("\n{}", list.name));
        table(list.header, list.rows);
    }
}

/// A field for [`fields`] and [`record`].
pub(crate) fn field(name: &str, value: impl std::fmt::Display) -> Field {
    (name.to_owned(), value.to_string())
}
