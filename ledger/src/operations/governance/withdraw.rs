//! `Withdraw`: the initiator takes a proposal back, until it takes effect.

use talea_types::{Outcome, Subject, event::ProposalStep, operation::Withdraw};

use super::steps;
use crate::state::WorkingState;

pub(crate) fn withdraw(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &Withdraw,
) -> Result<(), Outcome> {
    let id = operation.proposal;
    let Subject::Participant(initiator) = author else {
        return Err(Outcome::NotPermitted);
    };
    let proposal = state.proposals.get(&id).cloned();
    if let Some(proposal) = &proposal
        && proposal.proposed_by != initiator
    {
        return Err(Outcome::NotPermitted);
    }
    let proposal = proposal.ok_or(Outcome::ProposalUnknown)?;

    let step = ProposalStep::Withdrawn;
    steps::append(state, id, &proposal, step, Some(initiator), 0);
    state.proposals.remove(id);
    Ok(())
}
