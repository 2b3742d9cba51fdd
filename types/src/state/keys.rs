//! Whose signatures speak for a subject, with the overlap of a key rotation.

use crate::{
    crypto::PublicKey,
    decode::DecodeError,
    encode::{FieldWriter, required},
    key_policy::KeyPolicy,
    time::Timestamp,
    wire,
};

/// The policy of a subject, and the one before it while both are sufficient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The policy in force.
    pub current: KeyPolicy,
    /// The policy before, and the ledger time from which it no longer suffices.
    pub previous: Option<(KeyPolicy, Timestamp)>,
}

impl Keys {
    /// Keys that were never rotated.
    #[must_use]
    pub const fn new(policy: KeyPolicy) -> Self {
        Self {
            current: policy,
            previous: None,
        }
    }

    fn policies(&self, now: Timestamp) -> impl Iterator<Item = &KeyPolicy> {
        let previous = self.previous.iter().filter(move |(_, until)| now < *until);
        std::iter::once(&self.current).chain(previous.map(|(policy, _)| policy))
    }

    /// Whether these signers (strictly ascending) speak for the subject at `now`: one policy alone is
    /// met; keys of two policies do not add up.
    #[must_use]
    pub fn is_met_by(&self, signers: &[PublicKey], now: Timestamp) -> bool {
        self.policies(now).any(|policy| policy.is_met_by(signers))
    }

    /// Whether a key is one of the subject's at `now`.
    #[must_use]
    pub fn contains(&self, key: &PublicKey, now: Timestamp) -> bool {
        self.policies(now).any(|policy| policy.contains(key))
    }

    pub(super) fn write(&self, field: u32, w: &mut FieldWriter<'_>) {
        w.message(field, |w| {
            w.policy(1, &self.current);
            if let Some((policy, until)) = &self.previous {
                w.policy(2, policy);
                w.time(3, *until);
            }
        });
    }

    pub(super) fn from_wire(keys: Option<&wire::Keys>) -> Result<Self, DecodeError> {
        let keys = required("keys", keys)?;
        let current = KeyPolicy::from_wire(required("keys.current", keys.current.as_ref())?)?;
        let until = Timestamp::from_millis(keys.previous_until_ms);
        let previous = match &keys.previous {
            Some(policy) => Some((KeyPolicy::from_wire(policy)?, until)),
            None if keys.previous_until_ms == 0 => None,
            None => {
                return Err(DecodeError::Missing {
                    field: "keys.previous",
                });
            }
        };
        Ok(Self { current, previous })
    }
}
