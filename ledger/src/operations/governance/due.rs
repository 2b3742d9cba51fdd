//! What becomes of proposals at the start of a block: those whose height has come take effect, if they
//! were accepted early enough and are still valid; those whose time for approvals has passed lapse.

use talea_types::{Outcome, ProposalId, event::ProposalStep, state::Proposal};

use super::{changes, steps};
use crate::state::WorkingState;

/// Takes up every proposal that is due, ascending by id. There are at most
/// [`PROPOSALS_MAX`](talea_types::limits::PROPOSALS_MAX).
pub(crate) fn apply_due_proposals(state: &mut WorkingState<'_>) {
    let (height, now) = (state.height, state.now);
    let due: Vec<(ProposalId, Proposal)> = state
        .base
        .proposals
        .iter()
        .filter(|(_, proposal)| proposal.is_due(height, now))
        .map(|(id, proposal)| (*id, proposal.clone()))
        .collect();
    for (id, proposal) in due {
        state.proposals.remove(id);
        let (step, code) = match proposal.accepted {
            None => (ProposalStep::Lapsed, 0),
            Some(_) => match check_effect(state, &proposal) {
                Ok(()) => {
                    changes::apply(state, id, &proposal);
                    (ProposalStep::Effected, 0)
                }
                Err(outcome) => (ProposalStep::Failed, outcome.number()),
            },
        };
        steps::append(state, id, &proposal, step, None, code);
    }
}

/// Whether an accepted proposal can take effect now. Much may have changed since it was made.
fn check_effect(state: &WorkingState<'_>, proposal: &Proposal) -> Result<(), Outcome> {
    let terms = state.governance().policy.terms(proposal.change.kind());
    let early_enough = proposal.accepted.is_some_and(|(height, time)| {
        height.saturating_add(terms.notice_blocks) <= state.height
            && time.plus_millis(terms.notice_ms) <= state.now
    });
    if !early_enough {
        return Err(Outcome::TimeOutOfRange);
    }
    changes::check(state, &proposal.change, proposal.effective_height)
}
