//! What each change needs to be valid, and what it does. It is checked when it is proposed and again
//! when it takes effect; what has been checked cannot fail.

mod limit_set;
mod participants;
mod policy;
mod rule_packs;
mod validators;

use talea_types::{
    Outcome, ParticipantId, ProposalId,
    operation::Change,
    state::{Governance, Proposal},
};

use crate::state::WorkingState;

/// Of which proposal a change is the effect.
struct Effect {
    proposal: ProposalId,
    initiator: ParticipantId,
    /// Its effective height.
    height: u64,
}

/// Checks the keys that a change would register.
pub(super) fn check_keys(change: &Change) -> Result<(), Outcome> {
    match change {
        Change::ParticipantRegister(registration) => registration
            .policy
            .check_registrable()
            .map_err(|_| Outcome::KeyRefused),
        Change::ValidatorSetChange(change) => validators::check_keys(change),
        _ => Ok(()),
    }
}

/// Checks that a change could take effect on this state.
pub(super) fn check(
    state: &WorkingState<'_>,
    change: &Change,
    effective_height: u64,
) -> Result<(), Outcome> {
    match change {
        Change::ParticipantRegister(change) => participants::check_register(state, change),
        Change::ParticipantStatus(change) => participants::check_status(state, change),
        Change::ValidatorSetChange(change) => validators::check(state, change, effective_height),
        Change::RulePackActivate(change) => rule_packs::check_activate(state, change),
        Change::RulePackRetire(change) => rule_packs::check_retire(state, change),
        Change::GovernancePolicy(change) => policy::check(state, change),
        Change::LimitSet(change) => limit_set::check(state, change),
    }
}

/// Applies the change of a proposal that was checked.
pub(super) fn apply(state: &mut WorkingState<'_>, id: ProposalId, proposal: &Proposal) {
    let effect = Effect {
        proposal: id,
        initiator: proposal.proposed_by,
        height: proposal.effective_height,
    };
    match &proposal.change {
        Change::ParticipantRegister(change) => participants::register(state, change, &effect),
        Change::ParticipantStatus(change) => participants::set_status(state, change, &effect),
        Change::ValidatorSetChange(change) => validators::apply(state, change, &effect),
        Change::RulePackActivate(change) => rule_packs::activate(state, change, &effect),
        Change::RulePackRetire(change) => rule_packs::retire(state, change, &effect),
        Change::GovernancePolicy(policy) => {
            let policy = policy.clone();
            state.governance = Some(Governance { policy });
        }
        Change::LimitSet(change) => limit_set::apply(state, change),
    }
}
