//! `Approve`: an organisation that runs a validator approves what another one proposed. When the
//! organisations that approved meet the terms of the governance policy, the proposal is accepted.

use std::collections::BTreeSet;

use talea_types::{
    Outcome, ParticipantId, Subject, event::ProposalStep, operation::Approve, state::Proposal,
};

use super::{is_not_suspended, runs_validator, steps};
use crate::state::WorkingState;

pub(crate) fn approve(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &Approve,
) -> Result<(), Outcome> {
    let approver = match author {
        Subject::Participant(id) if runs_validator(state, id) && is_not_suspended(state, id) => id,
        _ => return Err(Outcome::NotPermitted),
    };
    let id = operation.proposal;
    let mut proposal = state
        .proposals
        .get(&id)
        .cloned()
        .ok_or(Outcome::ProposalUnknown)?;
    if approver == proposal.proposed_by {
        return Err(Outcome::InitiatorApproves);
    }
    let Err(position) = proposal.approvals.binary_search(&approver) else {
        return Err(Outcome::AlreadyApproved);
    };
    let terms = *state.governance().policy.terms(proposal.change.kind());
    let effect_at_the_earliest = state.height.saturating_add(terms.notice_blocks);
    if proposal.accepted.is_some() || effect_at_the_earliest > proposal.due_height() {
        return Err(Outcome::ProposalClosed);
    }

    proposal.approvals.insert(position, approver);
    let (organisations, power) = approval(state, &proposal);
    let total = state.base.validators.current.total_power();
    let step = ProposalStep::Approved;
    steps::append(state, id, &proposal, step, Some(approver), 0);
    steps::append_of_approver(state, id, &proposal, approver);
    if terms.are_met_by(organisations, power, total) {
        proposal.accepted = Some((state.height, state.now));
        steps::append(state, id, &proposal, ProposalStep::Accepted, None, 0);
    }
    state.proposals.insert(id, proposal);
    Ok(())
}

/// How many of those that approved run validators of this height, and how much of the voting power. The
/// initiator is never among them.
fn approval(state: &WorkingState<'_>, proposal: &Proposal) -> (usize, u64) {
    let initiator = proposal.approvals.binary_search(&proposal.proposed_by);
    assert!(initiator.is_err(), "an initiator never approves");
    let mut organisations: BTreeSet<ParticipantId> = BTreeSet::new();
    let mut power: u64 = 0;
    for (_, validator) in state.base.validators.current.iter() {
        let approver = validator.participant;
        if proposal.approvals.binary_search(&approver).is_ok() {
            organisations.insert(approver);
            power = power.saturating_add(validator.power);
        }
    }
    (organisations.len(), power)
}
