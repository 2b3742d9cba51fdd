//! `Veto`: a regulator stops a proposal about a rule pack, until it takes effect.

use talea_types::{
    Outcome, Subject,
    event::ProposalStep,
    operation::{ChangeKind, Veto},
    state::Role,
};

use super::{is_active_as, steps};
use crate::state::WorkingState;

pub(crate) fn veto(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &Veto,
) -> Result<(), Outcome> {
    let regulator = match author {
        Subject::Participant(id) if is_active_as(state, id, Role::Regulator) => id,
        _ => return Err(Outcome::NotPermitted),
    };
    let id = operation.proposal;
    let proposal = state.proposals.get(&id).cloned();
    if let Some(proposal) = &proposal
        && proposal.change.kind() != ChangeKind::RulePacks
    {
        return Err(Outcome::NotPermitted);
    }
    let proposal = proposal.ok_or(Outcome::ProposalUnknown)?;

    let step = ProposalStep::Vetoed;
    steps::append(
        state,
        id,
        &proposal,
        step,
        Some(regulator),
        operation.reason,
    );
    state.proposals.remove(id);
    Ok(())
}
