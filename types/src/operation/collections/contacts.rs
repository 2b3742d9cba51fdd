//! One contact: its permit, its outcome, and what the debtor says about it.

use super::{hash, hash_bytes, optional_hash, optional_hash_bytes};
use crate::{
    conduct::{Channel, ContactResult, Initiator, Party, Purpose},
    decode::{DecodeError, optional_array, reference},
    encode::{FieldWriter, required},
    hash::Hash,
    ids::{AccountId, CaseId, LoanId, ParticipantId, PermitId},
    residence::language,
    time::Timestamp,
    wire,
};

/// How a contact was chosen, so that treatment can be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strategy {
    /// Risk grade of the debtor.
    pub grade: u32,
    /// Id of the model that graded; empty when none did.
    pub model: String,
    /// Version of the strategy.
    pub version: u32,
}

/// Asks for the permission for one contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactPermit {
    /// In which case.
    pub case: CaseId,
    /// About which debt.
    pub loan: LoanId,
    /// How.
    pub channel: Channel,
    /// With whom.
    pub party: Party,
    /// What for.
    pub purpose: Purpose,
    /// Commitment to the number, address or place.
    pub contact_point: Hash,
    /// From when on; a time that has passed means from now on.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// Id of the template or script.
    pub template: String,
    /// BCP 47 tag of the language.
    pub language: String,
    /// Whether the message tells how to opt out.
    pub opt_out_statement: bool,
    /// Whether it will be recorded.
    pub recorded: bool,
    /// How it was chosen.
    pub strategy: Strategy,
    /// Why the lender overrides what may be overridden, a code of the published list; 0: it does not.
    pub override_reason: u32,
}

/// Says what came of a permitted contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactOutcome {
    /// Which.
    pub permit: PermitId,
    /// What came of it.
    pub result: ContactResult,
    /// When it happened.
    pub at: Timestamp,
    /// How long it took.
    pub duration_seconds: u32,
    /// Commitment to the recording.
    pub recording: Option<Hash>,
    /// Whether a third party wants no further contact.
    pub third_party_refused: bool,
}

/// A debtor says that a contact happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactReport {
    /// Who reports.
    pub debtor: AccountId,
    /// Who contacted, or was contacted.
    pub collector: ParticipantId,
    /// In which case, if the debtor knows of one.
    pub case: Option<CaseId>,
    /// By which permit, if the debtor knows of one.
    pub permit: Option<PermitId>,
    /// Who began it.
    pub initiator: Initiator,
    /// How.
    pub channel: Channel,
    /// What came of it.
    pub result: ContactResult,
    /// When it happened.
    pub at: Timestamp,
    /// Commitment to evidence.
    pub evidence: Option<Hash>,
}

impl Strategy {
    fn to_wire(&self) -> wire::Strategy {
        wire::Strategy {
            grade: self.grade,
            model: self.model.clone(),
            version: self.version,
        }
    }

    fn from_wire(strategy: &wire::Strategy) -> Result<Self, DecodeError> {
        Ok(Self {
            grade: strategy.grade,
            model: reference("strategy.model", &strategy.model)?,
            version: strategy.version,
        })
    }
}

impl ContactPermit {
    /// As the event of a permit holds it: what [`Self::to_wire`] gives, without the wire form.
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.case.as_bytes());
        w.bytes(2, self.loan.as_bytes());
        w.enumeration(3, self.channel.to_wire().into());
        w.enumeration(4, self.party.to_wire().into());
        w.enumeration(5, self.purpose.to_wire().into());
        w.bytes(6, self.contact_point.as_bytes());
        w.time(7, self.from);
        w.time(8, self.until);
        w.bytes(9, &self.template);
        w.bytes(10, &self.language);
        w.number(11, self.opt_out_statement);
        w.number(12, self.recorded);
        w.message(13, |w| {
            w.number(1, self.strategy.grade);
            w.bytes(2, &self.strategy.model);
            w.number(3, self.strategy.version);
        });
        w.number(14, self.override_reason);
    }

    pub(crate) fn to_wire(&self) -> wire::ContactPermit {
        wire::ContactPermit {
            case: self.case.to_wire(),
            loan: self.loan.to_wire(),
            channel: self.channel.to_wire().into(),
            party: self.party.to_wire().into(),
            purpose: self.purpose.to_wire().into(),
            contact_point: hash_bytes(&self.contact_point),
            from_ms: self.from.millis(),
            until_ms: self.until.millis(),
            template: self.template.clone(),
            language: self.language.clone(),
            opt_out_statement: self.opt_out_statement,
            recorded: self.recorded,
            strategy: Some(self.strategy.to_wire()),
            override_reason: self.override_reason,
        }
    }

    pub(crate) fn from_wire(operation: &wire::ContactPermit) -> Result<Self, DecodeError> {
        let strategy = required("strategy", operation.strategy.as_ref())?;
        Ok(Self {
            case: CaseId::from_wire("case", &operation.case)?,
            loan: LoanId::from_wire("loan", &operation.loan)?,
            channel: Channel::from_wire(operation.channel)?,
            party: Party::from_wire(operation.party)?,
            purpose: Purpose::from_wire(operation.purpose)?,
            contact_point: hash("contact_point", &operation.contact_point)?,
            from: Timestamp::from_millis(operation.from_ms),
            until: Timestamp::from_millis(operation.until_ms),
            template: reference("template", &operation.template)?,
            language: language(&operation.language)?,
            opt_out_statement: operation.opt_out_statement,
            recorded: operation.recorded,
            strategy: Strategy::from_wire(strategy)?,
            override_reason: operation.override_reason,
        })
    }
}

impl ContactOutcome {
    pub(crate) fn to_wire(&self) -> wire::ContactOutcome {
        wire::ContactOutcome {
            permit: self.permit.to_wire(),
            result: self.result.to_wire().into(),
            at_ms: self.at.millis(),
            duration_seconds: self.duration_seconds,
            recording: optional_hash_bytes(self.recording.as_ref()),
            third_party_refused: self.third_party_refused,
        }
    }

    pub(crate) fn from_wire(operation: &wire::ContactOutcome) -> Result<Self, DecodeError> {
        Ok(Self {
            permit: PermitId::from_wire("permit", &operation.permit)?,
            result: ContactResult::from_wire(operation.result)?,
            at: Timestamp::from_millis(operation.at_ms),
            duration_seconds: operation.duration_seconds,
            recording: optional_hash("recording", &operation.recording)?,
            third_party_refused: operation.third_party_refused,
        })
    }
}

impl ContactReport {
    pub(crate) fn to_wire(&self) -> wire::ContactReport {
        wire::ContactReport {
            debtor: self.debtor.to_wire(),
            collector: self.collector.to_wire(),
            case: self.case.map(|id| id.to_wire()).unwrap_or_default(),
            permit: self.permit.map(|id| id.to_wire()).unwrap_or_default(),
            initiator: self.initiator.to_wire().into(),
            channel: self.channel.to_wire().into(),
            result: self.result.to_wire().into(),
            at_ms: self.at.millis(),
            evidence: optional_hash_bytes(self.evidence.as_ref()),
        }
    }

    pub(crate) fn from_wire(operation: &wire::ContactReport) -> Result<Self, DecodeError> {
        Ok(Self {
            debtor: AccountId::from_wire("debtor", &operation.debtor)?,
            collector: ParticipantId::from_wire("collector", &operation.collector)?,
            case: optional_array("case", &operation.case)?.map(CaseId::from_bytes),
            permit: optional_array("permit", &operation.permit)?.map(PermitId::from_bytes),
            initiator: Initiator::from_wire(operation.initiator)?,
            channel: Channel::from_wire(operation.channel)?,
            result: ContactResult::from_wire(operation.result)?,
            at: Timestamp::from_millis(operation.at_ms),
            evidence: optional_hash("evidence", &operation.evidence)?,
        })
    }
}
