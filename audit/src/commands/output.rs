//! Writing to people and programs: results on standard output, everything else on the error output.

use std::{
    io::{self, Write},
    time::Instant,
};

use comfy_table::{Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use talea_audit::Progress;

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
pub(crate) fn fields(fields: &[(&str, String)]) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for (name, value) in fields {
        table.add_row([name, value.as_str()]);
    }
    line(&table.trim_fmt());
}

/// A bar on a terminal, nothing elsewhere, with blocks and transactions a second.
pub(crate) fn bar(text: &'static str) -> impl FnMut(Progress) {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{prefix} {bar:40} block {pos}/{len} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(text);
    let begun = Instant::now();
    move |progress| {
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let rate = progress.transactions.saturating_mul(1_000) / millis.max(1);
        bar.set_length(progress.target);
        bar.set_position(progress.height);
        bar.set_message(format!(
            "{} transactions, {rate} a second",
            progress.transactions
        ));
    }
}
