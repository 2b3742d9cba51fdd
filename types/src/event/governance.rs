//! What becomes of proposals.

use prost::Message;

use super::hash;
use crate::{
    decode::{DecodeError, optional_array},
    encode::{FieldWriter, required},
    hash::Hash,
    ids::{ParticipantId, ProposalId},
    operation::ChangeKind,
    rule_pack::RulePackId,
    state::{Registration, RulePackStatus},
    time::Timestamp,
    wire,
};

/// How far a proposal got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProposalStep {
    /// It was made.
    Proposed,
    /// Somebody approved it: in the history of the initiator and of who approved.
    Approved,
    /// It has the approvals that it needs.
    Accepted,
    /// The initiator took it back.
    Withdrawn,
    /// A regulator stopped it.
    Vetoed,
    /// It did not have its approvals in time.
    Lapsed,
    /// It took effect.
    Effected,
    /// It was accepted, but could no longer take effect at its height.
    Failed,
}

impl ProposalStep {
    const ALL: [Self; 8] = [
        Self::Proposed,
        Self::Approved,
        Self::Accepted,
        Self::Withdrawn,
        Self::Vetoed,
        Self::Lapsed,
        Self::Effected,
        Self::Failed,
    ];

    const fn to_wire(self) -> wire::ProposalStep {
        match self {
            Self::Proposed => wire::ProposalStep::Proposed,
            Self::Approved => wire::ProposalStep::Approved,
            Self::Accepted => wire::ProposalStep::Accepted,
            Self::Withdrawn => wire::ProposalStep::Withdrawn,
            Self::Vetoed => wire::ProposalStep::Vetoed,
            Self::Lapsed => wire::ProposalStep::Lapsed,
            Self::Effected => wire::ProposalStep::Effected,
            Self::Failed => wire::ProposalStep::Failed,
        }
    }

    fn from_wire(step: i32) -> Result<Self, DecodeError> {
        let found = Self::ALL
            .into_iter()
            .find(|one| i32::from(one.to_wire()) == step);
        found.ok_or(DecodeError::Range {
            field: "stepped.step",
            reason: "no step has this number",
        })
    }
}

/// A step of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProposalStepped {
    /// Which proposal.
    pub proposal: ProposalId,
    /// How far it got.
    pub step: ProposalStep,
    /// Of which kind its change is.
    pub kind: ChangeKind,
    /// Hash of the canonical bytes of its change.
    pub change_hash: Hash,
    /// When it takes effect.
    pub effective_height: u64,
    /// Who took the step; `None` when the ledger did by itself.
    pub by: Option<ParticipantId>,
    /// Of a failure, the number of the outcome; of a veto, the code of its reason.
    pub code: u32,
}

impl ProposalStepped {
    pub(super) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.proposal.as_bytes());
        w.enumeration(2, self.step.to_wire().into());
        w.enumeration(3, self.kind.to_wire().into());
        w.bytes(4, self.change_hash.as_bytes());
        w.number(5, self.effective_height);
        if let Some(by) = &self.by {
            w.bytes(6, by.as_bytes());
        }
        w.number(7, self.code);
    }

    pub(super) fn from_wire(step: &wire::ProposalStepped) -> Result<Self, DecodeError> {
        Ok(Self {
            proposal: ProposalId::from_wire("stepped.proposal", &step.proposal)?,
            step: ProposalStep::from_wire(step.step)?,
            kind: ChangeKind::from_wire(step.kind)?,
            change_hash: hash("stepped.change_hash", &step.change_hash)?,
            effective_height: step.effective_height,
            by: optional_array("stepped.by", &step.by)?.map(ParticipantId::from_bytes),
            code: step.code,
        })
    }
}

/// The first event of an organisation that was registered after genesis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParticipantRegistered {
    /// What is registered of it.
    pub registration: Registration,
    /// The proposal that registered it.
    pub proposal: ProposalId,
}

impl ParticipantRegistered {
    pub(super) fn write(&self, w: &mut FieldWriter<'_>) {
        w.element(1, self.registration.to_wire().encode_to_vec());
        w.bytes(2, self.proposal.as_bytes());
    }

    pub(super) fn from_wire(event: &wire::ParticipantRegistered) -> Result<Self, DecodeError> {
        let registration = required("registered.registration", event.registration.as_ref())?;
        Ok(Self {
            registration: Registration::from_wire(registration)?,
            proposal: ProposalId::from_wire("registered.proposal", &event.proposal)?,
        })
    }
}

/// What an organisation may do from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParticipantStatusSet {
    /// Whether it is suspended.
    pub suspended: bool,
    /// When its licence ends.
    pub licence_expires_at: Option<Timestamp>,
    /// When it was last evaluated, days since 1970-01-01.
    pub evaluated_on: Option<u32>,
    /// The proposal that set it.
    pub proposal: ProposalId,
}

impl ParticipantStatusSet {
    pub(super) fn write(&self, w: &mut FieldWriter<'_>) {
        w.number(1, self.suspended);
        w.time(2, self.licence_expires_at.unwrap_or_default());
        w.number(3, self.evaluated_on.unwrap_or_default());
        w.bytes(4, self.proposal.as_bytes());
    }

    pub(super) fn from_wire(event: &wire::ParticipantStatusSet) -> Result<Self, DecodeError> {
        Ok(Self {
            suspended: event.suspended,
            licence_expires_at: Timestamp::optional(event.licence_expires_at_ms),
            evaluated_on: Some(event.evaluated_on).filter(|day| *day > 0),
            proposal: ProposalId::from_wire("status_set.proposal", &event.proposal)?,
        })
    }
}

/// A rule pack came into force or was retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RulePackSet {
    /// Which.
    pub pack: RulePackId,
    /// Of its document.
    pub version: u32,
    /// Hash of the document.
    pub hash: Hash,
    /// What holds from now on.
    pub status: RulePackStatus,
    /// The proposal that set it.
    pub proposal: ProposalId,
}

impl RulePackSet {
    pub(super) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.pack.as_str());
        w.number(2, self.version);
        w.bytes(3, self.hash.as_bytes());
        w.enumeration(4, self.status.to_wire().into());
        w.bytes(5, self.proposal.as_bytes());
    }

    pub(super) fn from_wire(event: &wire::RulePackSet) -> Result<Self, DecodeError> {
        Ok(Self {
            pack: RulePackId::new(&event.pack)?,
            version: event.version,
            hash: hash("rule_pack_set.hash", &event.hash)?,
            status: RulePackStatus::from_wire(event.status)?,
            proposal: ProposalId::from_wire("rule_pack_set.proposal", &event.proposal)?,
        })
    }
}
