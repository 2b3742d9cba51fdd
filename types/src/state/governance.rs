//! What proposals need.

use crate::{
    decode::DecodeError,
    encode::{FieldWriter, required},
    operation::GovernancePolicy,
    state::canonical_object,
    wire,
};
use prost::Message;

/// The governance policy in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Governance {
    /// What each kind of change needs.
    pub policy: GovernancePolicy,
}

impl Governance {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.element(1, self.policy.to_wire().encode_to_vec());
    }

    fn from_wire(governance: &wire::Governance) -> Result<Self, DecodeError> {
        let policy = required("governance.policy", governance.policy.as_ref())?;
        Ok(Self {
            policy: GovernancePolicy::from_wire(policy)?,
        })
    }
}

canonical_object!(Governance, "governance");
