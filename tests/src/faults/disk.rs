//! A disk that fills up, fails, or loses power: the process ends with the exit code for storage and a message
//! that names what failed, and is whole again when the disk is.
//!
//! A device that ran out of room under a file system loses blocks that it had confirmed. Then the node refuses
//! to start, and the operator does what it says: the damage is set aside and fetched from the others.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use talea_node::EXIT_STORAGE;

use super::field::{Field, ON_VOLUME};
use super::system::run;
use super::{PATIENCE, Volume};
use crate::programs::node_program;

/// A node that is started on a full disk has ended after this, or goes on.
const START: Duration = Duration::from_secs(4);

/// What a node says before it ends, with the path and the system's error: of its logs, or of the index.
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

/// Breaks the disk under a running validator, waits for its end, repairs the disk, starts it again.
pub(super) async fn event(field: &mut Field) -> anyhow::Result<String> {
    field.pause(100, 1_000).await;
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
    ensure!(
        LAST_WORDS.iter().any(|words| said.contains(words)),
        "the node does not say why it ends: {said}"
    );
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
