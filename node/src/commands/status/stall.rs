//! Why no block comes: what one node knows, put into sentences that name who is silent or slow, which
//! round it is, and what is missing. Pure: an answer of `GetStatus` in, findings out.
//!
//! One node sees only its own connections. What it calls silent may be cut off from it alone: the
//! advice is to ask a second node before anybody is called at night.

use serde::Serialize;
use talea_proto::api::{
    AgreementPhase, AgreementStatus, GetStatusResponse, PeerStatus, VoterStatus,
};

use crate::commands::output;

/// A block older than so many heartbeats says that the network stands still.
const HEARTBEATS_MAX: u64 = 10;
/// A connected validator that says nothing for so many heartbeats hangs.
const SILENT_HEARTBEATS_MAX: u64 = 5;
/// A round trip above this slows every round, milliseconds.
const SLOW_ROUND_TRIP_MS: u32 = 1_000;
/// A queue above this does not drain, bytes.
const SLOW_QUEUE_BYTES: u64 = 8 << 20;
/// A peer that claims a height so far below is behind; claims are a little old.
const BEHIND_HEIGHTS: u64 = 16;
/// A disk with less than this is about to end the process, bytes.
const LOW_DISK_BYTES: u64 = 1 << 30;

/// What was found.
#[derive(Debug, Serialize)]
pub(super) struct Diagnosis {
    /// No block for longer than a healthy network takes.
    pub(super) stalled: bool,
    /// The weightiest first.
    pub(super) findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// Stable word for programs.
    pub(super) kind: &'static str,
    /// Whom or what it is about: a validator's name, or empty.
    pub(super) about: String,
    /// What is the case.
    pub(super) what: String,
    /// What to do.
    pub(super) advice: &'static str,
}

impl Diagnosis {
    pub(super) fn of(status: &GetStatusResponse) -> Self {
        let mut findings = Vec::new();
        this_node(status, &mut findings);
        if let Some(agreement) = &status.agreement {
            power(status, agreement, &mut findings);
            voters(status, agreement, &mut findings);
            proposal(agreement, &mut findings);
        }
        slow_peers(status, &mut findings);
        Self {
            stalled: is_stalled(status),
            findings,
        }
    }
}

/// Whether blocks stopped.
pub(super) fn is_stalled(status: &GetStatusResponse) -> bool {
    let patience = heartbeat(status).saturating_mul(HEARTBEATS_MAX);
    patience > 0 && status.last_block_age_ms > patience
}

fn heartbeat(status: &GetStatusResponse) -> u64 {
    status.timeouts.map_or(0, |timeouts| timeouts.heartbeat_ms)
}

fn this_node(status: &GetStatusResponse, findings: &mut Vec<Finding>) {
    if let Some(agreement) = &status.agreement
        && agreement.phase() == AgreementPhase::Halted
    {
        findings.push(Finding {
            kind: "halted",
            about: status.node_name.clone(),
            what: "this node stopped agreeing for good".to_owned(),
            advice: "read its log: the last error says why; then run `talea-node doctor` on its directory",
        });
    }
    if !status.not_voting.is_empty() {
        findings.push(Finding {
            kind: "not-voting",
            about: status.node_name.clone(),
            what: format!("this node does not vote: {}", status.not_voting),
            advice: "it starts by itself once the condition is met; do not set its directory up anew",
        });
    }
    if status.syncing_target > 0 {
        findings.push(Finding {
            kind: "behind",
            about: status.node_name.clone(),
            what: format!(
                "this node is at height {}, its peers are at {}",
                status.height, status.syncing_target
            ),
            advice: "wait: it fetches the blocks; if the height does not move, look at its disk and at its peers below",
        });
    }
    let free = status.storage.as_ref().map(|storage| storage.free_bytes);
    if let Some(free) = free.filter(|free| *free < LOW_DISK_BYTES) {
        findings.push(Finding {
            kind: "disk",
            about: status.node_name.clone(),
            what: format!("only {} are free on its disk", output::bytes(free)),
            advice: "make room or enlarge the disk: a node that cannot write ends itself rather than forget",
        });
    }
}

/// Whether those that are here can decide.
fn power(status: &GetStatusResponse, agreement: &AgreementStatus, findings: &mut Vec<Finding>) {
    let total: u64 = agreement.voters.iter().map(|voter| voter.power).sum();
    let present = |voter: &&VoterStatus| voter.this_node || is_connected(status, voter);
    let here: u64 = agreement
        .voters
        .iter()
        .filter(present)
        .map(|voter| voter.power)
        .sum();
    // A quorum is more than two thirds.
    let needed = total.saturating_mul(2) / 3 + 1;
    if total > 0 && here < needed {
        findings.push(Finding {
            kind: "no-quorum",
            about: String::new(),
            what: format!(
                "voting power {here} of {total} is connected; {needed} is needed to decide a block"
            ),
            advice: "bring back the validators named below, beginning with the one of most power; nothing is lost meanwhile",
        });
    }
}

fn voters(status: &GetStatusResponse, agreement: &AgreementStatus, findings: &mut Vec<Finding>) {
    let running = agreement.phase() == AgreementPhase::Running;
    let silence_max = heartbeat(status).saturating_mul(SILENT_HEARTBEATS_MAX);
    for voter in agreement.voters.iter().filter(|voter| !voter.this_node) {
        let Some(peer) = peer(status, voter).filter(|peer| peer.connected) else {
            findings.push(Finding {
                kind: "not-connected",
                about: voter.name.clone(),
                what: format!("{} (power {}) is not connected to this node", voter.name, voter.power),
                advice: "is its process up, its address right, its port open? Ask another node with `talea-node status`: if that one is connected, the network between the two is at fault",
            });
            continue;
        };
        let silent = running && !voter.prevoted && !voter.precommitted;
        if silence_max > 0 && peer.last_heard_ms > silence_max {
            findings.push(Finding {
                kind: "hangs",
                about: voter.name.clone(),
                what: format!(
                    "{} is connected and has said nothing for {}",
                    voter.name,
                    output::duration(peer.last_heard_ms)
                ),
                advice: "its process is stopped or its disk hangs: look at that machine",
            });
        } else if silent && is_stalled(status) {
            findings.push(Finding {
                kind: "silent",
                about: voter.name.clone(),
                what: format!(
                    "{} speaks, and has not voted in round {} of height {}",
                    voter.name, agreement.round, agreement.height
                ),
                advice: "ask its operator for `talea-node status --why-stalled`: it may be behind, not voting, or cut off from the others",
            });
        }
        if peer.height.saturating_add(BEHIND_HEIGHTS) < agreement.height {
            findings.push(Finding {
                kind: "peer-behind",
                about: voter.name.clone(),
                what: format!("{} claims height {}", voter.name, peer.height),
                advice: "it catches up by itself; if its height does not move, look at that machine",
            });
        }
    }
}

fn proposal(agreement: &AgreementStatus, findings: &mut Vec<Finding>) {
    if agreement.phase() != AgreementPhase::Running {
        return;
    }
    let name = |id: &[u8]| {
        let named = agreement.voters.iter().find(|voter| voter.validator == id);
        named.map_or_else(|| hex::encode(id), |voter| voter.name.clone())
    };
    for missing in &agreement.missing_batches {
        let asked: Vec<String> = missing.asked.iter().map(|id| name(id)).collect();
        let asked = match asked.as_slice() {
            [] => "nobody yet".to_owned(),
            names => names.join(", "),
        };
        findings.push(Finding {
            kind: "batch-missing",
            about: hex::encode(&missing.digest),
            what: format!(
                "the proposal names batch {} that is not here; asked: {asked}",
                hex::encode(missing.digest.get(..6).unwrap_or_default())
            ),
            advice: "a quorum acknowledged it: once one of them answers it comes; look at the connections",
        });
    }
    if agreement.awaits_proposal && agreement.round > 0 {
        let proposer = name(&agreement.proposer);
        findings.push(Finding {
            kind: "no-proposal",
            what: format!(
                "round {} of height {} waits for the proposal of {proposer}",
                agreement.round, agreement.height
            ),
            about: proposer,
            advice: "the next round has another proposer; one that misses its turns goes to the back of the queue",
        });
    }
}

fn slow_peers(status: &GetStatusResponse, findings: &mut Vec<Finding>) {
    for peer in status.peers.iter().filter(|peer| peer.connected) {
        if peer.rtt_ms > SLOW_ROUND_TRIP_MS || peer.queue_bytes > SLOW_QUEUE_BYTES {
            findings.push(Finding {
                kind: "slow",
                about: peer.name.clone(),
                what: format!(
                    "{} is slow: round trip {} ms, {} wait to be sent to it, {} messages dropped",
                    peer.name,
                    peer.rtt_ms,
                    output::bytes(peer.queue_bytes),
                    peer.dropped
                ),
                advice: "look at the line between the two machines: loss, a full link, a firewall that inspects",
            });
        }
    }
}

fn peer<'a>(status: &'a GetStatusResponse, voter: &VoterStatus) -> Option<&'a PeerStatus> {
    status
        .peers
        .iter()
        .find(|peer| peer.validator == voter.validator)
}

fn is_connected(status: &GetStatusResponse, voter: &VoterStatus) -> bool {
    peer(status, voter).is_some_and(|peer| peer.connected)
}

#[cfg(test)]
mod tests {
    use talea_proto::api::{MissingBatch, TimeoutStatus};

    use super::*;

    fn voter(number: u8) -> VoterStatus {
        VoterStatus {
            validator: vec![number; 16].into(),
            name: format!("bank-{number}"),
            power: 1,
            this_node: number == 0,
            prevoted: number < 2,
            precommitted: false,
        }
    }

    fn peer(number: u8, connected: bool) -> PeerStatus {
        PeerStatus {
            name: format!("bank-{number}"),
            validator: vec![number; 16].into(),
            connected,
            height: 41,
            rtt_ms: 2,
            last_heard_ms: 40,
            ..PeerStatus::default()
        }
    }

    /// Bank 0 answers, bank 3 is silent, and no block came for a minute.
    fn stalled() -> GetStatusResponse {
        GetStatusResponse {
            node_name: "bank-0".to_owned(),
            height: 41,
            last_block_age_ms: 60_000,
            peers: vec![peer(1, true), peer(2, true), peer(3, true)],
            timeouts: Some(TimeoutStatus {
                heartbeat_ms: 1_000,
                ..TimeoutStatus::default()
            }),
            agreement: Some(AgreementStatus {
                height: 42,
                round: 3,
                phase: AgreementPhase::Running.into(),
                age_ms: 60_000,
                proposer: vec![3; 16].into(),
                awaits_proposal: false,
                voters: (0..4).map(voter).collect(),
                missing_batches: Vec::new(),
            }),
            ..GetStatusResponse::default()
        }
    }

    fn found(status: &GetStatusResponse) -> Vec<(&'static str, String)> {
        let diagnosis = Diagnosis::of(status);
        let findings = diagnosis.findings.into_iter();
        findings
            .map(|finding| (finding.kind, finding.about))
            .collect()
    }

    fn named(kind: &'static str, about: &str) -> (&'static str, String) {
        (kind, about.to_owned())
    }

    #[test]
    fn a_healthy_node_has_nothing_to_say() {
        let mut status = stalled();
        status.last_block_age_ms = 300;
        let diagnosis = Diagnosis::of(&status);
        assert!(!diagnosis.stalled);
        assert_eq!(diagnosis.findings, []);
    }

    #[test]
    fn those_that_do_not_vote_are_named() {
        let expected = [named("silent", "bank-2"), named("silent", "bank-3")];
        assert_eq!(found(&stalled()), expected);
    }

    #[test]
    fn without_a_quorum_the_absent_are_named_after_it() {
        let mut status = stalled();
        status.peers = vec![peer(1, true), peer(2, false)];
        let expected = [
            named("no-quorum", ""),
            named("not-connected", "bank-2"),
            named("not-connected", "bank-3"),
        ];
        assert_eq!(found(&status), expected);
        let text = &Diagnosis::of(&status).findings[0].what;
        assert_eq!(
            text,
            "voting power 2 of 4 is connected; 3 is needed to decide a block"
        );
    }

    #[test]
    fn a_process_that_hangs_is_told_from_one_that_is_cut_off() {
        let mut status = stalled();
        status.peers[2].last_heard_ms = 30_000;
        status.agreement.as_mut().unwrap().voters[2].prevoted = true;
        assert_eq!(found(&status), [named("hangs", "bank-3")]);
    }

    #[test]
    fn what_the_proposal_lacks_is_named_with_who_was_asked() {
        let mut status = stalled();
        let agreement = status.agreement.as_mut().unwrap();
        agreement.awaits_proposal = true;
        agreement
            .voters
            .iter_mut()
            .for_each(|voter| voter.prevoted = true);
        agreement.missing_batches = vec![MissingBatch {
            digest: vec![0xab; 32].into(),
            asked: vec![vec![1; 16].into()],
        }];
        let diagnosis = Diagnosis::of(&status);
        let texts: Vec<&str> = diagnosis
            .findings
            .iter()
            .map(|one| one.what.as_str())
            .collect();
        assert_eq!(
            texts,
            [
                "the proposal names batch abababababab that is not here; asked: bank-1",
                "round 3 of height 42 waits for the proposal of bank-3",
            ]
        );
    }

    #[test]
    fn a_node_says_what_is_wrong_with_itself_first() {
        let mut status = stalled();
        status.not_voting = "its disk was lost".to_owned();
        status.syncing_target = 90;
        status.peers[0].rtt_ms = 4_000;
        let kinds: Vec<&str> = found(&status).iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, ["not-voting", "behind", "silent", "silent", "slow"]);
    }
}
