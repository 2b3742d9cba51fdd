//! Programs of the operating system.

use std::{
    ffi::OsStr,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    process::{Command, Stdio},
};

use super::Skipped;

/// Runs a program of the system to its end.
///
/// # Errors
/// What it says when it fails.
pub fn run<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> anyhow::Result<()> {
    let mut words = words.into_iter();
    let Some(program) = words.next() else {
        anyhow::bail!("no program is named")
    };
    let mut command = Command::new(program);
    // In a group of its own: Ctrl-C asks the run for its report, and must not break the fault that is being made.
    command.args(words).stdin(Stdio::null()).process_group(0);
    let output = command.output();
    let output = output.map_err(|error| anyhow::anyhow!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    anyhow::bail!("{command:?}: {}", said.trim())
}

/// The same for a line whose words are without spaces.
///
/// # Errors
/// As [`run`].
pub fn run_line(line: &str) -> anyhow::Result<()> {
    run(line.split_whitespace())
}

/// Fails, as a reason to skip, unless this process may do anything and the programs are there.
///
/// # Errors
/// [`Skipped`].
pub fn require(what: &str, programs: &[&str]) -> anyhow::Result<()> {
    if !std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
        return Err(Skipped(format!("{what} need root")).into());
    }
    let found = |program: &&&str| {
        let places = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&places).any(|place| place.join(program).is_file())
    };
    match programs.iter().find(|program| !found(program)) {
        Some(missing) => Err(Skipped(format!("{what} need the program {missing}")).into()),
        None => Ok(()),
    }
}
