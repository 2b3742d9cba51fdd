//! A validator is restored from an old copy of its data: it must not vote before it is past every height at
//! which it has voted, also when the others wait for it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::field::Field;
use super::system::run;
use crate::programs::{json_of, node_program};

/// What a node logs when it votes again after it heard from the others.
pub(super) const VOTES_AGAIN: &str = "voting again from this height";

/// How the copy is put back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Restore {
    /// Into directories that are made anew.
    Anew,
    /// Over the files that are there, into the directories that are there.
    Over,
}

impl Restore {
    /// What a node logs when it finds it out.
    const fn found_out(self) -> &'static str {
        match self {
            Self::Anew => "is a copy",
            Self::Over => "was set back",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Anew => "restored from an old copy",
            Self::Over => "an old copy written over what was there",
        }
    }
}

/// Copies a validator's data, lets the network go on, restores the copy; one time in three so that the others
/// cannot go on without it.
pub(super) async fn event(field: &mut Field) -> anyhow::Result<String> {
    let restarted = field.restartable();
    let victim = restarted[0];
    let needed = field.random.below(3) == 0;
    let how = field.random.one_of(&[Restore::Anew, Restore::Over]);
    if needed {
        while_needed(field, &restarted, how).await?;
        return Ok(format!("{}, and needed", how.name()));
    }
    let copy = copy_data(field, victim)?;
    field.pause(500, 3_000).await;
    let log = restore(field, victim, &copy, how)?;
    until_said(field, &log, how.found_out()).await?;
    field.until_votes(victim).await?;
    field.until_progress().await?;
    field.until_all_have_caught_up().await?;
    Ok(how.name().to_owned())
}

/// The victim votes in a height that cannot be decided, because two others are gone; restored, it has forgotten
/// these votes, and one of the others is back: three of four, if it voted.
async fn while_needed(field: &mut Field, restarted: &[usize], how: Restore) -> anyhow::Result<()> {
    let [victim, away, back] = [restarted[0], restarted[1], restarted[2]];
    let copy = copy_data(field, victim)?;
    field.pause(200, 800).await;
    field.network.node(away).kill();
    field.network.node(back).kill();
    field.pause(1_000, 3_000).await;
    let log = restore(field, victim, &copy, how)?;
    field.network.node(back).start()?;
    until_said(field, &log, how.found_out()).await?;
    // Time for everything that it must not do.
    field.pause(2_000, 4_000).await;
    ensure!(
        !log.said()?.contains(VOTES_AGAIN),
        "it votes although it cannot know where it has voted"
    );
    // Who was set back knows up to where it has voted, and may vote above. In a namespace of its own a node does not tell strangers how it is.
    if how == Restore::Anew && field.namespaces.is_none() {
        let endpoint = field.network.nodes()[victim].endpoint();
        let status = json_of(Command::new(node_program()).args(["status", &endpoint, "--json"]));
        let reason = status["not_voting"].as_str().unwrap_or_default();
        ensure!(
            !reason.is_empty(),
            "its operator is not told that it does not vote: {status}"
        );
    }
    field.network.node(away).start()?;
    if how == Restore::Anew {
        until_said(field, &log, VOTES_AGAIN).await?;
    }
    field.until_progress().await?;
    field.until_votes(victim).await?;
    field.until_all_have_caught_up().await
}

/// As a backup of a running node does, file by file, in the order that the runbook gives.
fn copy_data(field: &Field, victim: usize) -> anyhow::Result<PathBuf> {
    let copy = field.directory().join("copy");
    if copy.exists() {
        std::fs::remove_dir_all(&copy)?;
    }
    let data = field.network.nodes()[victim].data();
    std::fs::create_dir(&copy)?;
    // The newest first: what was decided after it is in the copy of the blocks, if anywhere. After what they begin comes
    // last: a base that is older than they are asks for some that were dropped. The index is rebuilt.
    for part in [
        "voting-record",
        "voting-place",
        "consensus",
        "blocks",
        "snapshots",
        "base",
    ] {
        let (from, to) = (data.join(part), copy.join(part));
        if from.join("watermark").exists() {
            copy_log(&from, &to)?;
        } else if from.exists() {
            run([Path::new("cp"), Path::new("-a"), &from, &to])?;
        }
    }
    Ok(copy)
}

/// The watermark says how much of a log was synced: one that is read after the segments claims more than they have.
fn copy_log(from: &Path, to: &Path) -> anyhow::Result<()> {
    let watermark = std::fs::read(from.join("watermark")).context("a log has a watermark")?;
    run([Path::new("cp"), Path::new("-a"), from, to])?;
    Ok(std::fs::write(to.join("watermark"), watermark)?)
}

/// What a node logs from now on.
pub(super) struct LogFrom {
    path: PathBuf,
    start: usize,
}

impl LogFrom {
    /// From its end on.
    pub(super) fn end_of(path: PathBuf) -> anyhow::Result<Self> {
        let start = usize::try_from(std::fs::metadata(&path)?.len())?;
        Ok(Self { path, start })
    }

    fn said(&self) -> anyhow::Result<String> {
        let bytes = std::fs::read(&self.path)?;
        let new = bytes.get(self.start..).context("a log only grows")?;
        Ok(String::from_utf8_lossy(new).into_owned())
    }
}

fn restore(field: &mut Field, victim: usize, copy: &Path, how: Restore) -> anyhow::Result<LogFrom> {
    let node = field.network.node(victim);
    node.kill();
    let data = node.data();
    match how {
        Restore::Anew => empty(&data)?,
        Restore::Over => remove_files(&data)?,
    }
    run([Path::new("cp"), Path::new("-a"), &copy.join("."), &data])?;
    let log = LogFrom::end_of(node.log())?;
    node.start()?;
    Ok(log)
}

/// Removes what is in a directory; the directory itself may be a mounted disk.
pub(super) fn empty(data: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(data)? {
        let path = entry?.path();
        match path.is_dir() {
            true if path.ends_with("lost+found") => {}
            true => std::fs::remove_dir_all(path)?,
            false => std::fs::remove_file(path)?,
        }
    }
    Ok(())
}

/// Removes the files and leaves the directories, as a copy that makes one tree like another does.
fn remove_files(directory: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        match path.is_dir() {
            true => remove_files(&path)?,
            false => std::fs::remove_file(path)?,
        }
    }
    Ok(())
}

/// Waits until a node has logged something; it may have to go through all blocks before.
pub(super) async fn until_said(
    field: &mut Field,
    log: &LogFrom,
    words: &str,
) -> anyhow::Result<()> {
    let patience = field.patience_with_replay().await;
    let begun = tokio::time::Instant::now();
    while !log.said()?.contains(words) {
        ensure!(
            begun.elapsed() < patience,
            "it never says '{words}': {}",
            log.said()?
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
