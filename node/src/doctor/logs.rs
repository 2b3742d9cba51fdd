//! The logs and the rebuildable store.

use std::{fs, path::Path, sync::Arc};

use talea_types::ChainId;

use super::{DoctorError, Finding};
use crate::{
    config::LoadedConfig,
    recovery::{self, CONSENSUS_DIRECTORY_NAME, LoadedBase, RecoveryError, is_empty, open_blocks},
    storage::{
        block_log::BlockLogError,
        consensus_log::ConsensusLog,
        disk::{Disk, StdDisk},
        framed_log::{LogError, set_damage_aside as cut},
        kv::suspect_path,
        rebuildable::{KEYS_DIRECTORY_NAME, RECORDS_DIRECTORY_NAME},
    },
};

pub(super) const SET_ASIDE: &str = "check the disk; restore the directory from a copy, or run `talea-node doctor DIR \
     --set-damage-aside` and let the node fetch what is missing";
pub(super) const IN_USE: &str = "stop the node first, or ask it: talea-node status DIR";

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
    chain: Option<ChainId>,
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
    let opened = open_blocks(disk, data, [0; 16]);
    let (log, base) = match opened {
        Ok(opened) => opened,
        Err(RecoveryError::BlockLog {
            source: BlockLogError::Log(LogError::InUse { .. }),
            ..
        }) => {
            let finding = Finding::bad("block log", "the node is running", Some(IN_USE));
            return Blocks {
                finding,
                height: None,
                in_use: true,
            };
        }
        Err(error) => {
            let finding = Finding::bad("block log", error.to_string(), advice(&error));
            return blocks(finding, None);
        }
    };
    let height = Some(log.height()).filter(|height| *height > 0);
    let newest = height
        .and_then(|height| recovery::committed_header(&log.reader(), base.as_ref(), height).ok());
    if let (Some(header), Some(chain)) = (newest, chain)
        && header.chain != chain
    {
        let error = RecoveryError::OtherNetwork {
            expected: chain,
            found: header.chain,
        };
        return blocks(Finding::bad("block log", error.to_string(), None), height);
    }
    match log.verify_all(progress) {
        Err(error) => blocks(
            Finding::bad("block log", error.to_string(), Some(SET_ASIDE)),
            height,
        ),
        Ok(records) => {
            let first = log.reader().heights().start;
            let found = match height {
                Some(height) if first > height => {
                    format!("no block after height {height}, {records} records, all whole")
                }
                Some(height) => {
                    format!("heights {first} to {height}, {records} records, all whole")
                }
                None => format!("no committed block, {records} records, all whole"),
            };
            blocks(Finding::good("block log", found), height)
        }
    }
}

/// What to do about a block log that does not open. What another version wrote is not to be set aside.
fn advice(error: &RecoveryError) -> Option<&'static str> {
    match error {
        RecoveryError::BlockLog {
            source: BlockLogError::Log(LogError::OtherVersion { .. }),
            ..
        } => None,
        _ => Some(SET_ASIDE),
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
    if let Ok(reason) = fs::read_to_string(suspect_path(&data.join(KEYS_DIRECTORY_NAME))) {
        let found = format!("it is damaged: {reason}");
        let advice = "the next start sets it aside and rebuilds it from the block log";
        return Finding::note(WHAT, found, advice);
    }
    if quarantined > 0 {
        let found = format!("{quarantined} damaged stores were set aside earlier");
        return Finding::note(
            WHAT,
            found,
            "check the disk; remove them when they are not needed",
        );
    }
    let (keys, records) = (
        data.join(KEYS_DIRECTORY_NAME).exists(),
        data.join(RECORDS_DIRECTORY_NAME).exists(),
    );
    if keys && !records {
        Finding::note(
            WHAT,
            "the records of blocks are not there",
            "the node makes them again from the block log",
        )
    } else if keys {
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

/// Where the block log has to be cut, if it has.
fn damage_of_blocks(disk: &Arc<dyn Disk>, data: &Path) -> Result<Option<(u64, u64)>, DoctorError> {
    if !data.join("blocks").exists() {
        return Ok(None);
    }
    let base = LoadedBase::load(disk, data)?;
    // The salt is for a new log, when all of the old one was set aside.
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| DoctorError::Random {
        reason: error.to_string(),
    })?;
    let opened = open_blocks(disk, data, salt);
    let verified = opened.map(|(log, _)| log.verify_all(&mut |_, _| ()));
    let error = match verified {
        Ok(Ok(_)) => return Ok(None),
        Ok(Err(error)) => error,
        Err(RecoveryError::BlockLog { source, .. }) => source,
        Err(error) => return Err(error.into()),
    };
    match error {
        BlockLogError::Log(LogError::Damaged {
            segment, offset, ..
        }) => Ok(Some((segment, offset))),
        BlockLogError::EndsBeforeBase { .. } => Ok(Some((
            base.map_or(0, |base| base.record().first_segment),
            0,
        ))),
        BlockLogError::Log(error) => Err(error.into()),
        other => Err(RecoveryError::BlockLog {
            directory: data.join("blocks"),
            source: other,
        }
        .into()),
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
    // A log that is cut below where it begins after is of no use: then all of it goes.
    while let Some((segment, offset)) = damage_of_blocks(&disk, &data)? {
        let aside = cut(&*disk, &data.join("blocks"), segment, offset)?;
        let bytes = aside.bytes;
        done.push(format!(
            "cut {bytes} bytes of the block log at segment {segment}, byte {offset}"
        ));
    }
    let consensus = data.join(CONSENSUS_DIRECTORY_NAME);
    // Where there is none, opening would make one, and the next start would take it for the one that was lost.
    if !is_empty(&disk, &consensus)
        && let Err(error) = ConsensusLog::open(&disk, &consensus, [0; 16])
    {
        if matches!(
            error,
            LogError::InUse { .. } | LogError::OtherVersion { .. } | LogError::Io { .. }
        ) {
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
