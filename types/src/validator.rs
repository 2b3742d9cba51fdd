//! Validators and the sets that decide heights.

use std::collections::BTreeMap;

use bytes::Bytes;
use prost::Message;

use crate::{
    crypto::PublicKey,
    decode::{DecodeError, array},
    hash::{Hash, tagged},
    ids::{ParticipantId, ValidatorId},
    limits,
    planted::{self, Bug},
    wire,
};

/// A validator: who runs it, the key it votes with, its power.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validator {
    /// The organisation that runs it.
    pub participant: ParticipantId,
    /// Signs votes and proposals.
    pub voting_key: PublicKey,
    /// Voting power, 1 to [`limits::VOTING_POWER_MAX`].
    pub power: u64,
    /// Key of its network identity, apart from the voting key.
    pub network_key: PublicKey,
    /// Short name: lower-case letters, digits and hyphens.
    pub name: String,
}

impl Validator {
    /// Its id: follows from the voting key.
    #[must_use]
    pub fn id(&self) -> ValidatorId {
        ValidatorId::from_voting_key(&self.voting_key)
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::Validator {
        wire::Validator {
            participant: self.participant.to_wire(),
            voting_key: Bytes::copy_from_slice(self.voting_key.as_bytes()),
            power: self.power,
            network_key: Bytes::copy_from_slice(self.network_key.as_bytes()),
            name: self.name.clone(),
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn from_wire(validator: &wire::Validator) -> Result<Self, DecodeError> {
        if validator.power == 0 || validator.power > limits::VOTING_POWER_MAX {
            return Err(DecodeError::Range {
                field: "validator.power",
                reason: "1 to 2^32",
            });
        }
        check_name(&validator.name)?;
        Ok(Self {
            participant: ParticipantId::from_wire("validator.participant", &validator.participant)?,
            voting_key: array("validator.voting_key", &validator.voting_key)
                .map(PublicKey::from_bytes)?,
            power: validator.power,
            network_key: array("validator.network_key", &validator.network_key)
                .map(PublicKey::from_bytes)?,
            name: validator.name.clone(),
        })
    }

    /// Reads a list that must be strictly ascending by id.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn list_from_wire(
        field: &'static str,
        list: &[wire::Validator],
    ) -> Result<Vec<Self>, DecodeError> {
        if list.len() > limits::VALIDATORS_MAX {
            return Err(DecodeError::Range {
                field,
                reason: "too many validators",
            });
        }
        let validators = list
            .iter()
            .map(Self::from_wire)
            .collect::<Result<Vec<_>, _>>()?;
        if validators.is_sorted_by(|a, b| a.id() < b.id()) {
            Ok(validators)
        } else {
            Err(DecodeError::Order { field })
        }
    }
}

fn check_name(name: &str) -> Result<(), DecodeError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > limits::NAME_BYTES_MAX || !name.bytes().all(allowed) {
        return Err(DecodeError::Text {
            field: "validator.name",
            reason: "1 to 32 lower-case letters, digits and hyphens",
        });
    }
    Ok(())
}

/// The validators that decide a height. Never empty; voting keys, network keys and names are unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorSet {
    validators: BTreeMap<ValidatorId, Validator>,
    total_power: u64,
}

impl ValidatorSet {
    /// A set of these validators, in any order.
    ///
    /// # Errors
    /// [`DecodeError`] when it is empty, too large, or two share a key or a name.
    pub fn new(list: impl IntoIterator<Item = Validator>) -> Result<Self, DecodeError> {
        let mut validators = BTreeMap::new();
        let mut keys_and_names = std::collections::BTreeSet::new();
        let mut total_power: u64 = 0;
        for validator in list {
            check_name(&validator.name)?;
            if validator.power == 0 || validator.power > limits::VOTING_POWER_MAX {
                return Err(DecodeError::Range {
                    field: "validator.power",
                    reason: "1 to 2^32",
                });
            }
            let unique = keys_and_names.insert(validator.name.clone())
                && keys_and_names.insert(validator.network_key.to_string())
                && validators
                    .insert(validator.id(), validator.clone())
                    .is_none();
            if !unique || validators.len() > limits::VALIDATORS_MAX {
                return Err(DecodeError::Range {
                    field: "validators",
                    reason: "at most 128, each with its own voting key, network key and name",
                });
            }
            // 128 validators of at most 2^32 each cannot overflow.
            total_power = total_power.saturating_add(validator.power);
        }
        if validators.is_empty() {
            return Err(DecodeError::Missing {
                field: "validators",
            });
        }
        Ok(Self {
            validators,
            total_power,
        })
    }

    /// The validator with this id.
    #[must_use]
    pub fn get(&self, id: &ValidatorId) -> Option<&Validator> {
        self.validators.get(id)
    }

    /// All, ascending by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&ValidatorId, &Validator)> {
        self.validators.iter()
    }

    /// How many. Never zero.
    #[must_use]
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.validators.len()
    }

    /// Sum of the voting power.
    #[must_use]
    pub const fn total_power(&self) -> u64 {
        self.total_power
    }

    /// Whether this much power is a quorum: more than two thirds.
    #[must_use]
    pub fn is_quorum(&self, power: u64) -> bool {
        if planted::is(Bug::QuorumOfThird) {
            return u128::from(power).saturating_mul(3) > u128::from(self.total_power);
        }
        u128::from(power).saturating_mul(3) > u128::from(self.total_power).saturating_mul(2)
    }

    /// The hash that headers commit to.
    #[must_use]
    pub fn hash(&self) -> Hash {
        tagged("talea/validator-set/v1", &[&self.to_wire().encode_to_vec()])
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::ValidatorSet {
        wire::ValidatorSet {
            validators: self.validators.values().map(Validator::to_wire).collect(),
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] as [`ValidatorSet::new`], and when the list is not ascending by id.
    pub fn from_wire(set: &wire::ValidatorSet) -> Result<Self, DecodeError> {
        Self::new(Validator::list_from_wire("validators", &set.validators)?)
    }
}
