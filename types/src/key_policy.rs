//! Key policies: m of n Ed25519 keys, so that one person need not be able to act alone.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    crypto::{KeyError, PublicKey},
    decode::{DecodeError, array, ascending},
    limits, wire,
};

/// `threshold` of `keys` must sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPolicy {
    threshold: u32,
    /// Strictly ascending. Shared: an account is copied in every block that touches it, its keys hardly ever change.
    keys: Arc<[PublicKey]>,
}

impl KeyPolicy {
    /// A policy of `threshold` of `keys`, in any order.
    ///
    /// # Errors
    /// [`DecodeError::Range`] when the threshold is 0 or above the number of keys, or there are more
    /// than [`limits::POLICY_KEYS_MAX`]; [`DecodeError::Order`] when a key repeats.
    pub fn new(threshold: u32, mut keys: Vec<PublicKey>) -> Result<Self, DecodeError> {
        keys.sort_unstable();
        Self::from_sorted(threshold, keys)
    }

    /// A policy of one key.
    ///
    #[must_use]
    pub fn single(key: PublicKey) -> Self {
        Self {
            threshold: 1,
            keys: Arc::new([key]),
        }
    }

    fn from_sorted(threshold: u32, keys: Vec<PublicKey>) -> Result<Self, DecodeError> {
        if keys.is_empty() || keys.len() > limits::POLICY_KEYS_MAX {
            return Err(DecodeError::Range {
                field: "policy.keys",
                reason: "1 to 16 keys",
            });
        }
        if !keys.is_sorted_by(|a, b| a < b) {
            return Err(DecodeError::Order {
                field: "policy.keys",
            });
        }
        if threshold == 0
            || usize::try_from(threshold).map_or(true, |threshold| threshold > keys.len())
        {
            return Err(DecodeError::Range {
                field: "policy.threshold",
                reason: "1 to the number of keys",
            });
        }
        Ok(Self {
            threshold,
            keys: keys.into(),
        })
    }

    /// How many keys must sign.
    #[must_use]
    pub const fn threshold(&self) -> u32 {
        self.threshold
    }

    /// The keys, strictly ascending.
    #[must_use]
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// Whether enough of its keys are among the signers (strictly ascending, as in a transaction). The
    /// one rule by which signatures count.
    #[must_use]
    pub fn is_met_by(&self, signers: &[PublicKey]) -> bool {
        let present = |key: &&PublicKey| signers.binary_search(key).is_ok();
        let count = self.keys.iter().filter(present).count();
        u32::try_from(count).is_ok_and(|count| count >= self.threshold)
    }

    /// Whether a key is one of its keys.
    #[must_use]
    pub fn contains(&self, key: &PublicKey) -> bool {
        self.keys.binary_search(key).is_ok()
    }

    /// Checks that every key may be registered: canonical, of prime order. Costs a scalar
    /// multiplication a key, so the ledger asks it once, when the policy is set.
    ///
    /// # Errors
    /// The first key that is refused, and why.
    pub fn check_registrable(&self) -> Result<(), KeyError> {
        self.keys.iter().try_for_each(PublicKey::check_registrable)
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::KeyPolicy {
        wire::KeyPolicy {
            threshold: self.threshold,
            keys: self
                .keys
                .iter()
                .map(|key| Bytes::copy_from_slice(key.as_bytes()))
                .collect(),
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// As [`KeyPolicy::new`], and when keys are not strictly ascending.
    pub fn from_wire(policy: &wire::KeyPolicy) -> Result<Self, DecodeError> {
        let keys = ascending(
            "policy.keys",
            &policy.keys,
            limits::POLICY_KEYS_MAX,
            |key| array("policy.key", key).map(PublicKey::from_bytes),
        )?;
        Self::from_sorted(policy.threshold, keys)
    }
}
