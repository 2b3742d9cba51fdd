//! What a command reports, in the form that was asked for.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use serde_json::{Value, json};
use talea_genesis::GenesisError;

/// The same result for a person and for a program.
pub(super) struct Report {
    pub(super) text: String,
    pub(super) json: Value,
}

impl Report {
    pub(super) fn new(text: impl Into<String>, json: Value) -> Self {
        Self {
            text: text.into(),
            json,
        }
    }
}

/// Prints a result; a refusal goes to standard error, or as JSON to standard output.
pub(super) fn print(as_json: bool, result: anyhow::Result<Report>) -> ExitCode {
    let (written, code) = match (result, as_json) {
        (Ok(report), true) => (write_json(&report.json), ExitCode::SUCCESS),
        (Ok(report), false) => {
            let text = report.text.trim_end();
            (writeln!(io::stdout(), "{text}"), ExitCode::SUCCESS)
        }
        (Err(error), true) => (write_json(&refusal(&error)), ExitCode::FAILURE),
        (Err(error), false) => (
            writeln!(io::stderr(), "error: {error:#}"),
            ExitCode::FAILURE,
        ),
    };
    // A reader that went away (such as `head`) has seen what it wanted.
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => code,
    }
}

fn write_json(value: &Value) -> io::Result<()> {
    writeln!(io::stdout(), "{value:#}")
}

fn refusal(error: &anyhow::Error) -> Value {
    let problems = match error.downcast_ref() {
        Some(GenesisError::Invalid { problems }) => json!(problems),
        Some(GenesisError::Incomplete { missing }) => json!(missing),
        _ => json!([]),
    };
    json!({ "error": format!("{error:#}"), "problems": problems })
}

/// Refuses to replace a file.
pub(super) fn refuse_existing(path: &std::path::Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        !path.exists(),
        "{} exists and is not replaced; choose another name or move it away",
        path.display()
    );
    Ok(())
}
