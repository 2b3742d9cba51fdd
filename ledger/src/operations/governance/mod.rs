//! Operations on keys and the sandbox clock, and proposals of what concerns the whole network.

mod approve;
mod changes;
mod clock_advance;
mod due;
mod key_rotate;
mod propose;
mod steps;
mod veto;
mod withdraw;

pub(super) use approve::approve;
pub(super) use clock_advance::clock_advance;
pub(crate) use due::apply_due_proposals;
pub(super) use key_rotate::key_rotate;
pub(super) use propose::propose;
pub(super) use veto::veto;
pub(super) use withdraw::withdraw;

use talea_types::{ParticipantId, state::Role};

use crate::state::WorkingState;

/// Whether an organisation runs a validator of this height.
fn runs_validator(state: &WorkingState<'_>, id: ParticipantId) -> bool {
    let mut validators = state.base.validators.current.iter();
    validators.any(|(_, validator)| validator.participant == id)
}

/// Whether an organisation is active and has a role.
fn is_active_as(state: &WorkingState<'_>, id: ParticipantId, role: Role) -> bool {
    let participant = state.participants.get(&id);
    participant.is_some_and(|one| one.has_role(role) && one.is_active(state.now))
}

/// Whether an organisation is not suspended. A licence does not matter here: whoever runs a validator
/// takes part in governance.
fn is_not_suspended(state: &WorkingState<'_>, id: ParticipantId) -> bool {
    let participant = state.participants.get(&id);
    participant.is_some_and(|one| !one.suspended)
}
