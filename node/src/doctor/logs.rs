//! The logs and the rebuildable store.

use std::{fs, path::Path, sync::Arc};

use super::{DoctorError, Finding};
use crate::{
    config::LoadedConfig,
    storage::{
        block_log::{BlockLog, BlockLogError, BlockLogOptions},
        consensus_log::ConsensusLog,
        disk::{Disk, StdDisk},
        framed_log::{LogError, set_damage_aside as cut},
    },
    voting_record::{VotingRecord, VotingState},
};

const SET_ASIDE: &str = "check the disk; restore the directory from a copy, or run `talea-node doctor DIR \
     --set-damage-aside` and let the node fetch what is missing";
const IN_USE: &str = "stop the node first, or ask it: talea-node status DIR";

/// What the block log says.
pub(super) struct Blocks {
    pub(super) finding: Finding,
    /// Newest committed height.
    pub(super) height: Option<u64>,
    /// The node runs.
    pub(super) in_use: bool,
}

pub(super) fn examine_blocks(
    disk: &Arc<dyn Disk>,
    data: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Blocks {
    let directory = data.join("blocks");
    let blocks = |finding, height| Blocks {
        finding,
        height,
        in_use: false,
    };
    if !directory.exists() {
        let found = "there is no block log yet";
        return blocks(
            Finding::note("block log", found, "the node fetches blocks from its peers"),
            None,
        );
    }
    // The salt is only for a new log.
    let opened = BlockLog::open(disk, &directory, BlockLogOptions::new([0; 16]));
    let (log, _) = match opened {
        Ok(opened) => opened,
        Err(BlockLogError::Log(LogError::InUse { .. })) => {
            let finding = Finding::bad("block log", "the node is running", Some(IN_USE));
            return Blocks {
                finding,
                height: None,
                in_use: true,
            };
        }
        Err(error) => {
            return blocks(
                Finding::bad("block log", error.to_string(), Some(SET_ASIDE)),
                None,
            );
        }
    };
    let height = log.last_committed().map(|(height, _)| height);
    match log.verify_all(progress) {
        Err(error) => blocks(
            Finding::bad("block log", error.to_string(), Some(SET_ASIDE)),
            height,
        ),
        Ok(records) => {
            let first = log.reader().heights().start;
            let found = match height {
                Some(height) => {
                    format!("heights {first} to {height}, {records} records, all whole")
                }
                None => format!("no committed block, {records} records, all whole"),
            };
            blocks(Finding::good("block log", found), height)
        }
    }
}

pub(super) fn examine_consensus(
    disk: &Arc<dyn Disk>,
    data: &Path,
    committed: Option<u64>,
) -> Finding {
    const WHAT: &str = "consensus log";
    let directory = data.join("consensus");
    if !directory.exists() {
        let advice = "the validator hears from the others before it votes";
        return Finding::note(WHAT, "there is none", advice);
    }
    match ConsensusLog::open(disk, &directory, [0; 16]) {
        Err(LogError::InUse { .. }) => Finding::bad(WHAT, "the node is running", Some(IN_USE)),
        Err(error) => Finding::bad(WHAT, error.to_string(), Some(SET_ASIDE)),
        Ok((log, _)) => {
            let height = log.height();
            let next = committed.map_or(1, |committed| committed.saturating_add(1));
            if height > next {
                let found = format!("it is at height {height}, but the blocks end before {next}");
                return Finding::note(WHAT, found, "the node fetches the blocks between");
            }
            Finding::good(WHAT, format!("at height {height}"))
        }
    }
}

pub(super) fn examine_voting_record(disk: &Arc<dyn Disk>, data: &Path) -> Finding {
    const WHAT: &str = "voting record";
    match VotingRecord::new(disk, data).read() {
        Err(error) => Finding::bad(WHAT, error.to_string(), None),
        Ok(VotingState::Fresh) => Finding::good(WHAT, "the validator has never voted"),
        Ok(VotingState::Started { from: 0 }) => Finding::good(WHAT, "the validator votes"),
        Ok(VotingState::Started { from }) => {
            Finding::good(WHAT, format!("the validator votes from height {from} on"))
        }
        Ok(VotingState::Absent) => Finding::note(
            WHAT,
            "there is none",
            "the validator hears from the others before it votes",
        ),
    }
}

pub(super) fn examine_store(data: &Path) -> Finding {
    const WHAT: &str = "index store";
    let quarantined = fs::read_dir(data).map_or(0, |entries| {
        let names = entries.flatten().map(|entry| entry.file_name());
        names
            .filter(|name| name.to_string_lossy().contains("quarantine"))
            .count()
    });
    if quarantined > 0 {
        let found = format!("{quarantined} damaged stores were set aside earlier");
        return Finding::note(
            WHAT,
            found,
            "check the disk; remove them when they are not needed",
        );
    }
    if data.join("store").exists() {
        Finding::good(
            WHAT,
            "there is one; it is compared with the block log at every start",
        )
    } else {
        Finding::note(
            WHAT,
            "there is none",
            "the node rebuilds it from the block log",
        )
    }
}

/// Cuts damaged logs before their damage. Returns what was done.
///
/// # Errors
/// [`DoctorError`].
pub fn set_damage_aside(directory: &Path) -> Result<Vec<String>, DoctorError> {
    let data = LoadedConfig::load(directory, &[])?.config.data_dir;
    let disk: Arc<dyn Disk> = Arc::new(StdDisk);
    let mut done = Vec::new();
    let blocks = data.join("blocks");
    let damage = |error: BlockLogError| match error {
        BlockLogError::Log(error) => Some(error),
        _ => None,
    };
    let opened = BlockLog::open(&disk, &blocks, BlockLogOptions::new([0; 16]));
    let broken = match opened {
        Ok((log, _)) => log.verify_all(&mut |_, _| ()).err().and_then(damage),
        Err(error) => damage(error),
    };
    match broken {
        None => {}
        Some(LogError::Damaged {
            segment, offset, ..
        }) => {
            let aside = cut(&*disk, &blocks, segment, offset)?;
            let bytes = aside.bytes;
            done.push(format!(
                "cut {bytes} bytes of the block log at segment {segment}, byte {offset}"
            ));
        }
        Some(error) => return Err(error.into()),
    }
    let consensus = data.join("consensus");
    if consensus.exists()
        && let Err(error) = ConsensusLog::open(&disk, &consensus, [0; 16])
    {
        if matches!(error, LogError::InUse { .. }) {
            return Err(error.into());
        }
        // What it held of votes is unknown now: the whole log goes, and the validator rejoins.
        let aside = data.join("consensus.damaged");
        fs::rename(&consensus, &aside).map_err(|source| DoctorError::Rename {
            path: consensus.display().to_string(),
            source,
        })?;
        done.push(format!("moved the consensus log to {}", aside.display()));
    }
    if done.is_empty() {
        done.push("nothing is damaged".to_owned());
    }
    Ok(done)
}
