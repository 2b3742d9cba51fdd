//! Cases and contacts.

use bytes::Bytes;

use crate::{
    conduct::{BreachKind, ReportFinding},
    decode::{DecodeError, optional_array},
    encode::{FieldWriter, required},
    ids::{AccountId, CaseId, ParticipantId, PermitId},
    operation::{CasePlace, ContactOutcome, ContactPermit, ContactReport, NoticeCommit},
    subject::Subject,
    time::Timestamp,
    wire,
};

/// How a case was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePlaced {
    /// The case.
    pub case: CaseId,
    /// Who lent.
    pub lender: ParticipantId,
    /// What the lender said.
    pub placed: CasePlace,
}

/// A notice that was served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeServed {
    /// The collector or the lender.
    pub by: Subject,
    /// Which.
    pub notice: NoticeCommit,
}

/// A contact that was permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactPermitted {
    /// The permit.
    pub permit: PermitId,
    /// Who may contact.
    pub collector: ParticipantId,
    /// From when on.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// What the collector asked for.
    pub request: ContactPermit,
    /// Rules that the override sets aside.
    pub overridden: Vec<String>,
}

/// A permit that was taken back or cut short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRevoked {
    /// Which.
    pub permit: PermitId,
    /// Its case.
    pub case: CaseId,
    /// When. If its window had begun, the contact may have happened before.
    pub at: Timestamp,
    /// Rules that forbid the contact now; none when the case was recalled.
    pub rules: Vec<String>,
}

/// What the collector said about a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactClosed {
    /// The case.
    pub case: CaseId,
    /// What came of it.
    pub outcome: ContactOutcome,
}

/// What the debtor said about a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactReported {
    /// The report.
    pub report: ContactReport,
    /// What it says about the permit.
    pub finding: ReportFinding,
}

/// Something that was done wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// What.
    pub kind: BreachKind,
    /// By whom.
    pub by: ParticipantId,
    /// To whom.
    pub debtor: AccountId,
    /// In which case, if it is known.
    pub case: Option<CaseId>,
    /// About which permit.
    pub permit: Option<PermitId>,
    /// Number of the complaint; 0 for none.
    pub complaint: u32,
}

impl CasePlaced {
    pub(super) fn to_wire(&self) -> wire::CasePlaced {
        wire::CasePlaced {
            case: self.case.to_wire(),
            lender: self.lender.to_wire(),
            placed: Some(self.placed.to_wire()),
        }
    }

    pub(super) fn from_wire(placed: &wire::CasePlaced) -> Result<Self, DecodeError> {
        Ok(Self {
            case: CaseId::from_wire("placed.case", &placed.case)?,
            lender: ParticipantId::from_wire("placed.lender", &placed.lender)?,
            placed: CasePlace::from_wire(required("placed", placed.placed.as_ref())?)?,
        })
    }
}

impl NoticeServed {
    pub(super) fn to_wire(&self) -> wire::NoticeServed {
        wire::NoticeServed {
            by: Bytes::copy_from_slice(&self.by.to_bytes()),
            notice: Some(self.notice.to_wire()),
        }
    }

    pub(super) fn from_wire(served: &wire::NoticeServed) -> Result<Self, DecodeError> {
        Ok(Self {
            by: Subject::from_bytes("served.by", &served.by)?,
            notice: NoticeCommit::from_wire(required("served.notice", served.notice.as_ref())?)?,
        })
    }
}

impl ContactPermitted {
    pub(super) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.permit.as_bytes());
        w.bytes(2, self.collector.as_bytes());
        w.time(3, self.from);
        w.time(4, self.until);
        w.message(5, |w| self.request.write(w));
        for rule in &self.overridden {
            w.element(6, rule);
        }
    }

    pub(super) fn from_wire(permitted: &wire::ContactPermitted) -> Result<Self, DecodeError> {
        let request = required("permitted.request", permitted.request.as_ref())?;
        Ok(Self {
            permit: PermitId::from_wire("permitted.permit", &permitted.permit)?,
            collector: ParticipantId::from_wire("permitted.collector", &permitted.collector)?,
            from: Timestamp::from_millis(permitted.from_ms),
            until: Timestamp::from_millis(permitted.until_ms),
            request: ContactPermit::from_wire(request)?,
            overridden: permitted.overridden.clone(),
        })
    }
}

impl ContactRevoked {
    pub(super) fn to_wire(&self) -> wire::ContactRevoked {
        wire::ContactRevoked {
            permit: self.permit.to_wire(),
            case: self.case.to_wire(),
            at_ms: self.at.millis(),
            rules: self.rules.clone(),
        }
    }

    pub(super) fn from_wire(revoked: &wire::ContactRevoked) -> Result<Self, DecodeError> {
        Ok(Self {
            permit: PermitId::from_wire("revoked.permit", &revoked.permit)?,
            case: CaseId::from_wire("revoked.case", &revoked.case)?,
            at: Timestamp::from_millis(revoked.at_ms),
            rules: revoked.rules.clone(),
        })
    }
}

impl ContactClosed {
    pub(super) fn to_wire(&self) -> wire::ContactClosed {
        wire::ContactClosed {
            case: self.case.to_wire(),
            outcome: Some(self.outcome.to_wire()),
        }
    }

    pub(super) fn from_wire(closed: &wire::ContactClosed) -> Result<Self, DecodeError> {
        let outcome = required("closed.outcome", closed.outcome.as_ref())?;
        Ok(Self {
            case: CaseId::from_wire("closed.case", &closed.case)?,
            outcome: ContactOutcome::from_wire(outcome)?,
        })
    }
}

impl ContactReported {
    pub(super) fn to_wire(&self) -> wire::ContactReported {
        wire::ContactReported {
            report: Some(self.report.to_wire()),
            finding: self.finding.to_wire().into(),
        }
    }

    pub(super) fn from_wire(reported: &wire::ContactReported) -> Result<Self, DecodeError> {
        let report = required("reported.report", reported.report.as_ref())?;
        Ok(Self {
            report: ContactReport::from_wire(report)?,
            finding: ReportFinding::from_wire(reported.finding)?,
        })
    }
}

impl Breach {
    pub(super) fn to_wire(&self) -> wire::Breach {
        wire::Breach {
            kind: self.kind.to_wire().into(),
            by: self.by.to_wire(),
            debtor: self.debtor.to_wire(),
            case: self.case.map(|id| id.to_wire()).unwrap_or_default(),
            permit: self.permit.map(|id| id.to_wire()).unwrap_or_default(),
            complaint: self.complaint,
        }
    }

    pub(super) fn from_wire(breach: &wire::Breach) -> Result<Self, DecodeError> {
        Ok(Self {
            kind: BreachKind::from_wire(breach.kind)?,
            by: ParticipantId::from_wire("breach.by", &breach.by)?,
            debtor: AccountId::from_wire("breach.debtor", &breach.debtor)?,
            case: optional_array("breach.case", &breach.case)?.map(CaseId::from_bytes),
            permit: optional_array("breach.permit", &breach.permit)?.map(PermitId::from_bytes),
            complaint: breach.complaint,
        })
    }
}
