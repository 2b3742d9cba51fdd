//! The events of proposals: each step is in the history of the initiator, an approval also in that of
//! who approved.

use talea_types::{
    EventDetail, ParticipantId, ProposalId, Subject,
    event::{ProposalStep, ProposalStepped},
    state::Proposal,
};

use crate::{events, state::WorkingState};

pub(super) fn append(
    state: &mut WorkingState<'_>,
    id: ProposalId,
    proposal: &Proposal,
    step: ProposalStep,
    by: Option<ParticipantId>,
    code: u32,
) {
    let detail = detail(id, proposal, step, by, code);
    events::append(state, Subject::Participant(proposal.proposed_by), detail);
}

pub(super) fn append_of_approver(
    state: &mut WorkingState<'_>,
    id: ProposalId,
    proposal: &Proposal,
    approver: ParticipantId,
) {
    let detail = detail(id, proposal, ProposalStep::Approved, Some(approver), 0);
    events::append(state, Subject::Participant(approver), detail);
}

fn detail(
    id: ProposalId,
    proposal: &Proposal,
    step: ProposalStep,
    by: Option<ParticipantId>,
    code: u32,
) -> EventDetail {
    EventDetail::ProposalStepped(ProposalStepped {
        proposal: id,
        step,
        kind: proposal.change.kind(),
        change_hash: proposal.change.hash(),
        effective_height: proposal.effective_height,
        by,
        code,
    })
}
