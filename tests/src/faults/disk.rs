//! A disk that fills up, fails, or loses power: the process ends with the exit code for storage and a message
//! that names what failed, and is whole again when the disk is. One that is slow ends nothing.
//!
//! A device that ran out of room under a file system loses blocks that it had confirmed. Then the node refuses
//! to start, and the operator does what it says: the damage is set aside and fetched from the others.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use talea_node::EXIT_STORAGE;

use super::field::{Field, ON_VOLUME};
use super::metrics::figures;
use super::system::run;
use super::throttle::Throttle;
use super::{PATIENCE, Volume};
use crate::programs::node_program;

/// A node that is started on a full disk has ended after this, or goes on.
const START: Duration = Duration::from_secs(4);

/// Writes a second of a slow disk; a vote costs more than one.
const SLOW: [u32; 2] = [4, 20];
/// How long it is slow, milliseconds.
const SLOW_MS: (u64, u64) = (5_000, 15_000);
/// A synced write of a slow disk takes longer than this, seconds: that it was slow, and that its node says so.
const SLOW_SYNC_SECONDS: f64 = 0.02;

/// What a running node says before it ends, with the path and the system's error: of its logs, or of the index.
const LAST_WORDS: [&str; 2] = [
    "the node stops so as not to say what it cannot keep",
    "the store of readers failed; the node stops",
];

/// What happens to the disk.
#[derive(Clone, Copy)]
enum Trouble {
    Full,
    WritesFail,
    PowerCut,
}

/// Whether a node said why it ended. One that was still starting has not begun to stop: its last line names what it could
/// not read or write, with the system's error.
fn says_why(said: &str) -> bool {
    let last = said.lines().last().unwrap_or_default();
    LAST_WORDS.iter().any(|words| said.contains(words))
        || (last.starts_with("talea-node: ") && last.contains("(os error "))
}

/// Breaks the disk under a running validator, waits for its end, repairs the disk, starts it again. Where disks can be
/// made slow, one time in four it is slow for a while.
pub(super) async fn event(field: &mut Field) -> anyhow::Result<String> {
    field.pause(100, 1_000).await;
    if Throttle::is_possible() && field.random.below(4) == 0 {
        return slow(field).await;
    }
    let trouble = field
        .random
        .one_of(&[Trouble::Full, Trouble::WritesFail, Trouble::PowerCut]);
    let log = field.network.nodes()[ON_VOLUME].log();
    let before = std::fs::metadata(&log)?.len();
    match trouble {
        Trouble::Full => volume(field)?.fill()?,
        Trouble::WritesFail => volume(field)?.fail_writes()?,
        Trouble::PowerCut => volume(field)?.shut_down()?,
    }
    until_storage_exit(field).await?;
    let said = std::fs::read(&log)?;
    let said = String::from_utf8_lossy(&said[usize::try_from(before)?..]).into_owned();
    ensure!(says_why(&said), "the node does not say why it ends: {said}");
    let name = match trouble {
        Trouble::Full => {
            // Started too early, by a supervisor.
            field.network.node(ON_VOLUME).start()?;
            let ended = field.network.node(ON_VOLUME).wait_for_exit(START);
            let code = ended.and_then(|status| status.code());
            ensure!(
                ended.is_none() || code == Some(EXIT_STORAGE),
                "on a full disk it ends with {ended:?}"
            );
            if ended.is_none() {
                until_storage_exit(field).await?;
            }
            volume(field)?.empty()?;
            "a disk filled up"
        }
        Trouble::WritesFail => {
            volume(field)?.mount_again()?;
            match set_damage_aside(field)? {
                true => "writes of a disk failed, and it lost what it had confirmed",
                false => "writes and syncs of a disk failed",
            }
        }
        Trouble::PowerCut => {
            volume(field)?.mount_again()?;
            "a disk lost power"
        }
    };
    field.network.node(ON_VOLUME).start()?;
    field.until_progress().await?;
    field.until_votes(ON_VOLUME).await?;
    field.until_all_have_caught_up().await?;
    Ok(name.to_owned())
}

/// Votes wait for synced writes: the network goes on, as slow as it has to be, and the node says how long they take.
async fn slow(field: &mut Field) -> anyhow::Result<String> {
    let node = &field.network.nodes()[ON_VOLUME];
    let metrics = node.entry().metrics;
    let process = node.process_id().context("the node runs")?;
    let per_second = field.random.one_of(&SLOW);
    let (seconds_before, count_before) = syncs(metrics).await?;
    let throttle = volume(field)?.slow_down(process, per_second)?;
    field.pause(SLOW_MS.0, SLOW_MS.1).await;
    field.until_progress().await?;
    let (seconds, count) = syncs(metrics).await?;
    drop(throttle);
    let mean = (seconds - seconds_before) / (count - count_before);
    ensure!(
        mean > SLOW_SYNC_SECONDS,
        "with {per_second} writes a second a synced write takes {mean} s, it says"
    );
    field.until_progress().await?;
    field.until_votes(ON_VOLUME).await?;
    field.until_all_have_caught_up().await?;
    Ok("a disk was slow".to_owned())
}

/// Seconds that the node's votes waited for their log, and how often.
async fn syncs(metrics: SocketAddr) -> anyhow::Result<(f64, f64)> {
    let names = [
        "talea_consensus_log_sync_seconds_sum",
        "talea_consensus_log_sync_seconds_count",
    ];
    let [seconds, count] = figures(metrics, names)
        .await
        .context("a node with a slow disk tells its metrics")?;
    Ok((seconds, count))
}

fn volume(field: &Field) -> anyhow::Result<&Volume> {
    field.volume.as_ref().context("the run has a volume")
}

/// Starts the node and, if it refuses its logs, lets the doctor set the damage aside.
fn set_damage_aside(field: &mut Field) -> anyhow::Result<bool> {
    let node = field.network.node(ON_VOLUME);
    let before = usize::try_from(std::fs::metadata(node.log())?.len())?;
    node.start()?;
    let ended = node.wait_for_exit(START);
    let Some(status) = ended else {
        return Ok(false);
    };
    let log = std::fs::read(node.log())?;
    let said = String::from_utf8_lossy(&log[before..]).into_owned();
    ensure!(
        status.code() == Some(EXIT_STORAGE) && said.contains("damaged"),
        "after its disk failed it ends with {status}: {said}"
    );
    let home = node.directory().to_owned();
    let program = node_program();
    let words = [
        program.as_path(),
        Path::new("doctor"),
        &home,
        Path::new("--set-damage-aside"),
    ];
    run(words).context("the doctor sets the damage aside")?;
    Ok(true)
}

/// Payments go on at the others meanwhile.
async fn until_storage_exit(field: &mut Field) -> anyhow::Result<()> {
    let begun = tokio::time::Instant::now();
    while field.network.node(ON_VOLUME).is_running() {
        ensure!(
            begun.elapsed() < PATIENCE,
            "a node goes on without its disk"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ended = field.network.node(ON_VOLUME).wait_for_exit(PATIENCE);
    let code = ended.and_then(|status| status.code());
    ensure!(
        code == Some(EXIT_STORAGE),
        "without its disk it ends with {ended:?}"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_says_why_it_ends_while_it_runs_and_while_it_starts() {
        let running = format!(
            "ERROR the block log: {}\ntalea-node: ended\n",
            LAST_WORDS[0]
        );
        let starting = "ERROR failed to flush\ntalea-node: block 7 of this node's own log cannot be read: cannot read \
                        /data/0.segment: Input/output error (os error 5); run `talea-node doctor`\n";
        assert!(says_why(&running) && says_why(starting));
        for silent in [
            "",
            "talea-node: ended\n",
            "ERROR Input/output error (os error 5)\n",
        ] {
            assert!(!says_why(silent), "{silent}");
        }
    }
}
