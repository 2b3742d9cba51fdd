//! Operations on keys and the sandbox clock, and proposals of what concerns the whole network.

mod change;
mod keys_and_clock;
mod limit_set;
mod participants;
mod policy;
mod proposals;
mod rule_packs;
mod validators;

pub use change::{Change, ChangeKind};
pub use keys_and_clock::{ClockAdvance, KeyRotate};
pub use limit_set::LimitSet;
pub use participants::ParticipantStatus;
pub use policy::{ChangeTerms, GovernancePolicy};
pub use proposals::{Approve, Propose, Veto, Withdraw};
pub(crate) use rule_packs::check_document;
pub use rule_packs::{RulePackActivate, RulePackRetire};
pub use validators::ValidatorSetChange;
