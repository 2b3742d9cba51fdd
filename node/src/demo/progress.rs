//! Progress for people: a bar on a terminal, a line now and then elsewhere. Always on standard error, so
//! that standard output carries results only.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

/// Without a terminal, a line for each of so many parts of the whole.
const LINES: usize = 12;

/// Shows how far something is.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    total: usize,
    done: usize,
    lines: usize,
}

impl Progress {
    /// Of something with `total` parts.
    #[must_use]
    pub fn new(what: &str, total: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total as u64);
            let style = "{prefix} [{bar:30}] {human_pos}/{human_len} {per_sec:.0} {msg}";
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(250));
            bar.set_prefix(what.to_owned());
            bar
        });
        if bar.is_none() {
            eprintln!("{what}: {total}");
        }
        Self {
            bar,
            total,
            done: 0,
            lines: 0,
        }
    }

    /// `count` more parts are done; `message` says where it stands.
    pub fn advance(&mut self, count: usize, message: &str) {
        self.done += count;
        if let Some(bar) = &self.bar {
            bar.inc(count as u64);
            bar.set_message(message.to_owned());
            return;
        }
        let lines = (self.done * LINES).checked_div(self.total).unwrap_or(0);
        if lines > self.lines {
            self.lines = lines;
            eprintln!("  {}/{} {message}", self.done, self.total);
        }
    }

    /// Something worth a line of its own.
    pub fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
