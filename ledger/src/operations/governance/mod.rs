//! Operations on keys, validators and the sandbox clock.

mod clock_advance;
mod key_rotate;
mod validator_set_change;

pub(super) use clock_advance::clock_advance;
pub(super) use key_rotate::key_rotate;
pub(super) use validator_set_change::validator_set_change;
