//! Examines the directory of a stopped node: what is there, whether it is whole, what to do.
//!
//! Opening the logs does what a start of the node does as well: bytes at the end that were never
//! synced are cut. Nothing else changes.

mod base;
mod logs;
mod setup;
mod votes;

use std::{path::Path, sync::Arc};

use serde::Serialize;

use crate::{
    config::{ConfigError, LoadedConfig, NodeRole},
    storage::disk::{Disk, StdDisk},
};

pub use logs::set_damage_aside;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// As it should be.
    Good,
    /// The node copes; worth knowing.
    Note,
    /// The node does not start, or is not what it was.
    Bad,
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub what: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What was found.
    pub found: String,
    /// What to do.
    pub advice: Option<String>,
}

impl Finding {
    fn good(what: &'static str, found: impl Into<String>) -> Self {
        Self {
            what,
            severity: Severity::Good,
            found: found.into(),
            advice: None,
        }
    }

    fn note(what: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        let (found, advice) = (found.into(), Some(advice.into()));
        Self {
            what,
            severity: Severity::Note,
            found,
            advice,
        }
    }

    /// The found text says what to do itself when there is no advice.
    fn bad(what: &'static str, found: impl Into<String>, advice: Option<&str>) -> Self {
        let advice = advice.map(str::to_owned);
        Self {
            what,
            severity: Severity::Bad,
            found: found.into(),
            advice,
        }
    }
}

/// Why nothing could be set aside.
#[derive(Debug, thiserror::Error)]
pub enum DoctorError {
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A log cannot be changed.
    #[error(transparent)]
    Log(#[from] crate::storage::framed_log::LogError),
    /// Where history begins cannot be read.
    #[error(transparent)]
    Recovery(#[from] crate::recovery::RecoveryError),
    /// The system gives no randomness.
    #[error("the system gives no randomness: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
    /// A directory cannot be renamed.
    #[error("cannot rename {path}: {source}")]
    Rename {
        /// The directory.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Looks at everything. `progress` hears the verified segments of the block log and all of them.
pub fn examine(directory: &Path, progress: &mut dyn FnMut(u64, u64)) -> Vec<Finding> {
    let config = match LoadedConfig::load(directory, &[]) {
        Ok(loaded) => loaded.config,
        Err(error) => return vec![Finding::bad("settings", error.to_string(), None)],
    };
    let disk: Arc<dyn Disk> = Arc::new(StdDisk);
    let mut findings = vec![Finding::good("settings", "node.toml is accepted")];
    let (genesis, setup) = setup::examine(&config);
    findings.extend(setup);
    if !config.data_dir.exists() {
        findings.push(Finding::note(
            "data",
            format!("there is no {}", config.data_dir.display()),
            "the node makes it; a validator without its data hears from the others before it votes",
        ));
        return findings;
    }
    let data = &config.data_dir;
    findings.push(base::examine_space(data));
    let beginning = base::examine_base(&disk, data);
    findings.extend(beginning.finding);
    let snapshots = base::examine_snapshots(&disk, data, genesis.as_ref(), beginning.base.as_ref());
    findings.extend(snapshots);
    if beginning.unusable {
        return findings;
    }
    let chain = genesis.as_ref().map(talea_genesis::GenesisRecord::chain_id);
    let blocks = logs::examine_blocks(&disk, data, chain, progress);
    let in_use = blocks.in_use;
    findings.push(blocks.finding);
    if in_use {
        return findings;
    }
    if config.role == NodeRole::Validator {
        findings.extend(votes::examine(&disk, &config, chain, blocks.height));
    }
    findings.extend(votes::examine_evidence(&disk, data));
    findings.push(logs::examine_store(data));
    findings
}
