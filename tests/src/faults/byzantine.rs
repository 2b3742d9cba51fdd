//! One validator lies for a while: a process with its real keys, built from the node's own code, whose words are
//! twisted on their way out.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use anyhow::ensure;

use super::field::{Field, LIAR};
use super::liar_process::{BEGINS, behaviours_of};
use crate::programs::node_program;

/// What every such fault is called, at the beginning.
pub(super) const NAME: &str = "a validator lies";

/// Lets a validator lie, then replaces it by an honest one without its data.
pub(super) async fn event(field: &mut Field) -> anyhow::Result<String> {
    let program = node_program().with_file_name("talea-faults");
    ensure!(
        program.is_file(),
        "{} is not there; build it",
        program.display()
    );
    let seed = field.random.any();
    let words = [
        program.into_os_string(),
        "liar".into(),
        "--seed".into(),
        seed.to_string().into(),
    ];
    let words: Vec<OsString> = words.into_iter().collect();
    field.network.node(LIAR).kill();
    let log = field.network.nodes()[LIAR].log();
    let before = usize::try_from(std::fs::metadata(&log)?.len())?;
    field.launch_through(LIAR, &words);
    field.network.node(LIAR).start()?;
    // After an hour it replays for longer than it is left to lie.
    let patience = field.patience_with_replay().await;
    let begun = Instant::now();
    while !String::from_utf8_lossy(&std::fs::read(&log)?[before..]).contains(BEGINS) {
        ensure!(
            field.network.node(LIAR).is_running() && begun.elapsed() < patience,
            "the liar did not begin: see {}",
            log.display()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    field.pause(1_000, 6_000).await;
    // Three honest ones are a quorum.
    field.until_progress().await?;
    let node = field.network.node(LIAR);
    ensure!(node.is_running(), "the liar ended: see {}", log.display());
    node.kill();
    // What it has signed is in no log: it starts as after a lost disk.
    for part in ["consensus", "voting-record", "voting-place"] {
        let path = node.data().join(part);
        match path.is_dir() {
            true => std::fs::remove_dir_all(path)?,
            false if path.exists() => std::fs::remove_file(path)?,
            false => {}
        }
    }
    field.launch_through(LIAR, &[]);
    field.network.node(LIAR).start()?;
    field.until_progress().await?;
    field.until_votes(LIAR).await?;
    field.until_all_have_caught_up().await?;
    let lies: Vec<String> = behaviours_of(seed)
        .iter()
        .map(|one| format!("{one:?}"))
        .collect();
    Ok(format!("{NAME}: {}", lies.join(", ")))
}
