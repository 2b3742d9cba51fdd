//! What can be proposed.

use prost::Message;

use super::{
    GovernancePolicy, LimitSet, ParticipantStatus, RulePackActivate, RulePackRetire,
    ValidatorSetChange,
};
use crate::{
    decode::DecodeError,
    encode::required,
    hash::{Hash, tagged},
    state::Registration,
    wire,
};
use wire::change::Kind;

/// A change that concerns the whole network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Registers an organisation.
    ParticipantRegister(Registration),
    /// Suspends or reinstates an organisation, renews its licence, records its evaluation.
    ParticipantStatus(ParticipantStatus),
    /// Changes the validator set.
    ValidatorSetChange(ValidatorSetChange),
    /// Puts a version of a rule pack in force.
    RulePackActivate(RulePackActivate),
    /// Puts a rule pack out of force.
    RulePackRetire(RulePackRetire),
    /// Changes what proposals need.
    GovernancePolicy(GovernancePolicy),
    /// Sets the figures of a limit tier.
    LimitSet(LimitSet),
}

/// Kinds of changes, as the governance policy tells them apart.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Organisations.
    Participants,
    /// The validator set.
    Validators,
    /// Rule packs: a regulator may veto them.
    RulePacks,
    /// The governance policy itself.
    Policy,
    /// Limit tiers.
    Limits,
}

impl ChangeKind {
    /// All, ascending.
    pub const ALL: [Self; 5] = [
        Self::Participants,
        Self::Validators,
        Self::RulePacks,
        Self::Policy,
        Self::Limits,
    ];

    /// Its name in tables and documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Participants => "participants",
            Self::Validators => "validators",
            Self::RulePacks => "rule packs",
            Self::Policy => "policy",
            Self::Limits => "limits",
        }
    }

    pub(crate) const fn to_wire(self) -> wire::ChangeKind {
        match self {
            Self::Participants => wire::ChangeKind::Participants,
            Self::Validators => wire::ChangeKind::Validators,
            Self::RulePacks => wire::ChangeKind::RulePacks,
            Self::Policy => wire::ChangeKind::Policy,
            Self::Limits => wire::ChangeKind::Limits,
        }
    }

    pub(crate) fn from_wire(kind: i32) -> Result<Self, DecodeError> {
        let found = Self::ALL
            .into_iter()
            .find(|one| i32::from(one.to_wire()) == kind);
        found.ok_or(DecodeError::Range {
            field: "change.kind",
            reason: "no kind of change has this number",
        })
    }
}

impl Change {
    /// Of which kind it is.
    #[must_use]
    pub const fn kind(&self) -> ChangeKind {
        match self {
            Self::ParticipantRegister(_) | Self::ParticipantStatus(_) => ChangeKind::Participants,
            Self::ValidatorSetChange(_) => ChangeKind::Validators,
            Self::RulePackActivate(_) | Self::RulePackRetire(_) => ChangeKind::RulePacks,
            Self::GovernancePolicy(_) => ChangeKind::Policy,
            Self::LimitSet(_) => ChangeKind::Limits,
        }
    }

    /// Its name in logs, tables and documentation.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ParticipantRegister(_) => "ParticipantRegister",
            Self::ParticipantStatus(_) => "ParticipantStatus",
            Self::ValidatorSetChange(_) => "ValidatorSetChange",
            Self::RulePackActivate(_) => "RulePackActivate",
            Self::RulePackRetire(_) => "RulePackRetire",
            Self::GovernancePolicy(_) => "GovernancePolicy",
            Self::LimitSet(_) => "LimitSet",
        }
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.to_wire().encode_to_vec()
    }

    /// The hash of its canonical bytes: what events name it by.
    #[must_use]
    pub fn hash(&self) -> Hash {
        tagged("talea/change/v1", &[&self.encode()])
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::Change {
        let kind = match self {
            Self::ParticipantRegister(change) => Kind::ParticipantRegister(change.to_wire()),
            Self::ParticipantStatus(change) => Kind::ParticipantStatus(change.to_wire()),
            Self::ValidatorSetChange(change) => Kind::ValidatorSetChange(change.to_wire()),
            Self::RulePackActivate(change) => Kind::RulePackActivate(change.to_wire()),
            Self::RulePackRetire(change) => Kind::RulePackRetire(change.to_wire()),
            Self::GovernancePolicy(change) => Kind::GovernancePolicy(change.to_wire()),
            Self::LimitSet(change) => Kind::LimitSet(change.to_wire()),
        };
        wire::Change { kind: Some(kind) }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field that is missing, malformed or out of range.
    pub fn from_wire(change: &wire::Change) -> Result<Self, DecodeError> {
        Ok(match required("change", change.kind.as_ref())? {
            Kind::ParticipantRegister(change) => {
                Self::ParticipantRegister(Registration::from_wire(change)?)
            }
            Kind::ParticipantStatus(change) => {
                Self::ParticipantStatus(ParticipantStatus::from_wire(change)?)
            }
            Kind::ValidatorSetChange(change) => {
                Self::ValidatorSetChange(ValidatorSetChange::from_wire(change)?)
            }
            Kind::RulePackActivate(change) => {
                Self::RulePackActivate(RulePackActivate::from_wire(change)?)
            }
            Kind::RulePackRetire(change) => {
                Self::RulePackRetire(RulePackRetire::from_wire(change)?)
            }
            Kind::GovernancePolicy(change) => {
                Self::GovernancePolicy(GovernancePolicy::from_wire(change)?)
            }
            Kind::LimitSet(change) => Self::LimitSet(LimitSet::from_wire(change)?),
        })
    }
}
