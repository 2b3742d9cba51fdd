//! What a validator has signed, whether the next start lets it vote, and what it holds against others.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use talea_types::{ChainId, ValidatorId};

use super::{
    Finding,
    logs::{IN_USE, SET_ASIDE},
};
use crate::{
    config::NodeConfig,
    kept_evidence,
    recovery::{CONSENSUS_DIRECTORY_NAME, consensus_records, is_empty},
    signed_record::{SignedState, missing},
    storage::{consensus_log::ConsensusLog, disk::Disk, framed_log::LogError},
    voting_place::VotingPlace,
    voting_record::{Standing, VotingRecord, VotingState},
};

const HEARS_FIRST: &str = "the validator hears from the others before it votes";

/// The consensus log and everything that says whether the validator votes. `committed` is the newest committed height.
pub(super) fn examine(
    disk: &Arc<dyn Disk>,
    config: &NodeConfig,
    chain: Option<ChainId>,
    committed: Option<u64>,
) -> Vec<Finding> {
    let data = &config.data_dir;
    // Looked at before the log is opened: where there is none, opening would make one, and the next start would take
    // it for the one that was lost.
    let log_is_new = is_empty(disk, &data.join(CONSENSUS_DIRECTORY_NAME));
    let (finding, log) = if log_is_new {
        (
            Finding::note("consensus log", "there is none", HEARS_FIRST),
            None,
        )
    } else {
        examine_log(disk, data, committed)
    };
    let mut findings = vec![finding];
    let is_copy = examine_place(disk, data, &mut findings);
    let log_height = log.as_ref().map_or(0, ConsensusLog::height);
    let standing = examine_record(
        disk,
        data,
        is_copy,
        log_is_new,
        (committed, log_height),
        &mut findings,
    );
    findings.extend(examine_signer(
        disk, config, chain, committed, standing, log,
    ));
    findings
}

fn examine_log(
    disk: &Arc<dyn Disk>,
    data: &Path,
    committed: Option<u64>,
) -> (Finding, Option<ConsensusLog>) {
    const WHAT: &str = "consensus log";
    let directory = data.join(CONSENSUS_DIRECTORY_NAME);
    let (log, opened) = match ConsensusLog::open(disk, &directory, [0; 16]) {
        Err(LogError::InUse { .. }) => {
            return (
                Finding::bad(WHAT, "the node is running", Some(IN_USE)),
                None,
            );
        }
        Err(error @ LogError::OtherVersion { .. }) => {
            return (Finding::bad(WHAT, error.to_string(), None), None);
        }
        Err(error) => return (Finding::bad(WHAT, error.to_string(), Some(SET_ASIDE)), None),
        Ok(opened) => opened,
    };
    let height = log.height();
    let next = committed.map_or(1, |committed| committed.saturating_add(1));
    let mended = match opened.mended_frames {
        0 => String::new(),
        frames => format!(
            "; {frames} records were wrong or not there twice, and were written again from their other copy"
        ),
    };
    let finding = if height > next {
        let found = format!("it is at height {height}, but the blocks end before {next}{mended}");
        Finding::note(WHAT, found, "the node fetches the blocks between")
    } else if mended.is_empty() {
        Finding::good(WHAT, format!("at height {height}"))
    } else {
        let found = format!("at height {height}{mended}");
        Finding::note(WHAT, found, "if no power was cut, check the disk")
    };
    (finding, Some(log))
}

/// Whether the directory is a copy.
fn examine_place(disk: &Arc<dyn Disk>, data: &Path, findings: &mut Vec<Finding>) -> bool {
    const WHAT: &str = "voting place";
    let advice = "remove `voting-place` and `voting-record`: the validator then hears from the others before it votes";
    let votes = data.join(CONSENSUS_DIRECTORY_NAME);
    let is_copy = match VotingPlace::look(disk, data, &votes) {
        Ok(place) => place.is_copy().map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match is_copy {
        Err(error) => {
            findings.push(Finding::bad(WHAT, error, Some(advice)));
            false
        }
        Ok(true) => {
            let found = "the data directory is a copy of the one in which the validator voted";
            findings.push(Finding::note(WHAT, found, HEARS_FIRST));
            true
        }
        Ok(false) => false,
    }
}

fn examine_record(
    disk: &Arc<dyn Disk>,
    data: &Path,
    is_copy: bool,
    log_is_new: bool,
    (committed, log_height): (Option<u64>, u64),
    findings: &mut Vec<Finding>,
) -> Option<Standing> {
    const WHAT: &str = "voting record";
    let state = match VotingRecord::new(disk, data).read() {
        Ok(state) => state,
        Err(error) => {
            findings.push(Finding::bad(WHAT, error.to_string(), None));
            return None;
        }
    };
    // As the start does, which removes the record of a copy.
    let believed = if is_copy { VotingState::Absent } else { state };
    let standing = believed.standing(log_is_new, committed.is_some());
    let next = committed.map_or(1, |committed| committed.saturating_add(1));
    findings.push(match (standing, state) {
        (Standing::Votes { .. }, VotingState::Fresh) => {
            Finding::good(WHAT, "the validator has never voted")
        }
        // Below its height the log keeps no votes.
        (Standing::Votes { from }, _) if from.max(log_height) > next => {
            let from = from.max(log_height);
            Finding::good(WHAT, format!("the validator votes from height {from} on"))
        }
        (Standing::Votes { .. }, _) => Finding::good(WHAT, "the validator votes"),
        (Standing::Rejoins, VotingState::Absent) => {
            Finding::note(WHAT, "there is none", HEARS_FIRST)
        }
        (Standing::Rejoins, _) if is_copy => {
            Finding::note(WHAT, "it is of before the copy was made", HEARS_FIRST)
        }
        (Standing::Rejoins, VotingState::Fresh) => {
            let found = "it says that the validator has never voted, but there are blocks";
            Finding::note(WHAT, found, HEARS_FIRST)
        }
        (Standing::Rejoins, VotingState::Started { .. }) => {
            let found = "the validator has voted, but its consensus log is gone";
            Finding::note(WHAT, found, HEARS_FIRST)
        }
    });
    Some(standing)
}

/// What the signer remembers beside the key, compared with the log.
fn examine_signer(
    disk: &Arc<dyn Disk>,
    config: &NodeConfig,
    chain: Option<ChainId>,
    committed: Option<u64>,
    standing: Option<Standing>,
    log: Option<ConsensusLog>,
) -> Option<Finding> {
    const WHAT: &str = "signed record";
    // Without them nothing can be compared, and other findings say so.
    let (voting, _) = config.keys.public_keys(config.role).ok()?;
    let (key, chain) = (voting?, chain?);
    let own = ValidatorId::from_voting_key(&key);
    let last = match SignedState::beside(disk, &config.keys.voting, chain, &key) {
        Err(error) => return Some(Finding::bad(WHAT, error.to_string(), None)),
        Ok(SignedState::Upto(last)) => last,
        Ok(SignedState::Absent)
            if log.is_none() && matches!(standing, Some(Standing::Votes { .. })) =>
        {
            return Some(Finding::good(WHAT, "the voting key has not signed yet"));
        }
        Ok(state) => {
            let found = match state {
                SignedState::OfAnother => "it is of another key or another network",
                _ => "there is none beside the voting key",
            };
            let advice = "fine if the key has never voted; if it has on another machine, bring the record along: without it \
                          an older state that is written over the data is not found out";
            return Some(Finding::note(WHAT, found, advice));
        }
    };
    let (height, round) = (last.height, last.round);
    let found = format!("the voting key has signed up to height {height}, round {round}");
    let tip = committed.unwrap_or(0);
    let (log_height, records) = match log {
        None => (0, Vec::new()),
        // A log that cannot be read is a finding of its own.
        Some(mut log) => (log.height(), consensus_records(&mut log, tip).ok()?),
    };
    let from = height.saturating_add(1);
    let is_set_back = missing(last, &own, tip, log_height, &records).is_some();
    Some(match standing {
        Some(Standing::Votes { from: waits }) if is_set_back && waits < from => {
            let found =
                format!("{found}, and the data does not know: it was set back to an earlier state");
            Finding::note(
                WHAT,
                found,
                format!("the validator votes from height {from} on"),
            )
        }
        _ => Finding::good(WHAT, found),
    })
}

/// Proofs against validators.
pub(super) fn examine_evidence(disk: &Arc<dyn Disk>, data: &Path) -> Vec<Finding> {
    const WHAT: &str = "evidence";
    let (kept, unreadable) = match kept_evidence::examine(disk, data) {
        Ok(examined) => examined,
        Err(error) => return vec![Finding::bad(WHAT, error.to_string(), None)],
    };
    let mut findings = Vec::new();
    if !kept.is_empty() {
        let against: BTreeSet<String> = kept.iter().map(|one| one.validator.to_string()).collect();
        let against: Vec<String> = against.into_iter().collect();
        let found = format!("{} proofs against {}", kept.len(), against.join(", "));
        let advice = "call that organisation, and hand the files to whoever judges it (the runbook, incident 3)";
        findings.push(Finding::note(WHAT, found, advice));
    }
    for name in &unreadable {
        let found = format!("{name} cannot be read");
        let advice = "the node leaves it out; check the disk, and move the file away";
        findings.push(Finding::note(WHAT, found, advice));
    }
    if findings.is_empty() {
        findings.push(Finding::good(WHAT, "there is none"));
    }
    findings
}
