//! `Propose`: an organisation proposes a change that concerns the whole network, with the height at
//! whose start it is to take effect and the time by which it must have its approvals.

use talea_types::{
    Outcome, ParticipantId, ProposalId, Subject,
    event::ProposalStep,
    limits::{
        PROPOSAL_AHEAD_MAX, PROPOSAL_OPEN_MS_MAX, PROPOSALS_MAX, PROPOSALS_PER_PARTICIPANT_MAX,
    },
    operation::Propose,
    state::{Proposal, Role, due_height},
};

use super::{changes, is_active_as, is_not_suspended, runs_validator, steps};
use crate::state::WorkingState;

pub(crate) fn propose(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &Propose,
) -> Result<(), Outcome> {
    let Some(cause) = state.cause else {
        unreachable!("an operation has its transaction")
    };
    let id = ProposalId::made_by(cause.transaction);
    let initiator = match author {
        Subject::Participant(id) if may_propose(state, id) => id,
        _ => return Err(Outcome::NotPermitted),
    };
    changes::check_keys(&operation.change)?;
    check_times(state, operation)?;
    changes::check(state, &operation.change, operation.effective_height)?;
    let by_initiator = |proposal: &&Proposal| proposal.proposed_by == initiator;
    let open = || state.proposals.iter().map(|(_, proposal)| proposal);
    if open().count() >= PROPOSALS_MAX
        || open().filter(by_initiator).count() >= PROPOSALS_PER_PARTICIPANT_MAX
    {
        return Err(Outcome::ProposalsFull);
    }
    // Ids have 128 bits: that two transactions lead to one is unlikely, not impossible.
    if state.proposals.get(&id).is_some() {
        return Err(Outcome::ProposalExists);
    }

    let proposal = Proposal {
        proposed_by: initiator,
        change: operation.change.clone(),
        effective_height: operation.effective_height,
        approve_by: operation.approve_by,
        approvals: Vec::new(),
        accepted: None,
    };
    steps::append(
        state,
        id,
        &proposal,
        ProposalStep::Proposed,
        Some(initiator),
        0,
    );
    state.proposals.insert(id, proposal);
    Ok(())
}

/// An active operator or regulator, or an organisation that runs a validator.
fn may_propose(state: &WorkingState<'_>, id: ParticipantId) -> bool {
    let by_role = [Role::Operator, Role::Regulator]
        .into_iter()
        .any(|role| is_active_as(state, id, role));
    by_role || (runs_validator(state, id) && is_not_suspended(state, id))
}

fn check_times(state: &WorkingState<'_>, operation: &Propose) -> Result<(), Outcome> {
    let kind = operation.change.kind();
    let notice = state.governance().policy.terms(kind).notice_blocks;
    let earliest = state.height.saturating_add(1).saturating_add(notice);
    let latest = state.height.saturating_add(PROPOSAL_AHEAD_MAX);
    let due = due_height(kind, operation.effective_height);
    let last_approval = state.now.plus_millis(PROPOSAL_OPEN_MS_MAX);
    let in_time = state.now < operation.approve_by && operation.approve_by <= last_approval;
    if !(earliest..=latest).contains(&due) || !in_time {
        return Err(Outcome::TimeOutOfRange);
    }
    Ok(())
}
