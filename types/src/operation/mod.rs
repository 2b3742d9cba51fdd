//! What a transaction asks for. Each group of operations has its file.

mod accounts;
mod assurance;
mod collections;
mod credit;
mod governance;
mod payments;

pub use accounts::{AccountClose, AccountKind, AccountOpen, AccountRestrict, Restriction};
pub(crate) use assurance::recipients;
pub use assurance::{
    AccessEntry, AccessLog, AssuranceOperation, CredentialAttest, CredentialRevoke, DataFields,
    DataGrant, DataGrantRevoke, DataPurpose, EnvelopePut, Erasable, ErasureTombstone,
    LegalHoldLift, LegalHoldPlace,
};
pub use collections::{
    CasePlace, CaseRecall, CollectionsOperation, ComplaintAnswer, ComplaintOpen, ContactOutcome,
    ContactPermit, ContactReport, DebtorRegister, DisputeOpen, DisputeResolve, LocalHours,
    NoticeCommit, OptOut, PreferenceSet, Preferences, PromiseToPay, ProtectionSet, RepaymentPlan,
    ResidenceSet, Strategy,
};
pub use credit::{
    AgreementRegister, BusinessDateAdvance, ChargeOff, CreditFurnish, CreditOperation, DebtAssign,
    FeeAssess, InquiryAuthorise, LoanDisburse, LoanModify, LoanOriginate, LossShareSettle,
    ProductPublish, RepaymentApply,
};
pub(crate) use governance::check_document;
pub use governance::{
    Approve, Change, ChangeKind, ChangeTerms, ClockAdvance, GovernancePolicy, KeyRotate, LimitSet,
    ParticipantStatus, Propose, RulePackActivate, RulePackRetire, ValidatorSetChange, Veto,
    Withdraw,
};
pub use payments::{AtomicBatch, HoldPlace, HoldResolve, Issue, Purpose, Redeem, Refund, Transfer};

use crate::{decode::DecodeError, wire};
use wire::operation::Kind;

/// One operation with its typed fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Replaces the author's keys.
    KeyRotate(KeyRotate),
    /// Proposes a change that concerns the whole network.
    Propose(Propose),
    /// Approves a proposal.
    Approve(Approve),
    /// Stops a proposal about a rule pack.
    Veto(Veto),
    /// Takes a proposal back.
    Withdraw(Withdraw),
    /// Moves a sandbox ledger's clock.
    ClockAdvance(ClockAdvance),
    /// Opens an account.
    AccountOpen(AccountOpen),
    /// Restricts an account or lifts a restriction.
    AccountRestrict(AccountRestrict),
    /// Closes an empty account.
    AccountClose(AccountClose),
    /// A bank puts its liability on an account.
    Issue(Issue),
    /// A bank takes its liability back.
    Redeem(Redeem),
    /// Moves money between accounts.
    Transfer(Transfer),
    /// Reserves money for a payee.
    HoldPlace(HoldPlace),
    /// Captures or voids a hold.
    HoldResolve(HoldResolve),
    /// Returns money of an earlier transfer.
    Refund(Refund),
    /// Several payments, all or nothing.
    AtomicBatch(AtomicBatch),
    /// Who knows what about whom.
    Assurance(AssuranceOperation),
    /// On loans.
    Credit(CreditOperation),
    /// About debtors and their debts.
    Collections(CollectionsOperation),
}

impl Operation {
    /// Its name in logs, tables and documentation.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::KeyRotate(_) => "KeyRotate",
            Self::Propose(_) => "Propose",
            Self::Approve(_) => "Approve",
            Self::Veto(_) => "Veto",
            Self::Withdraw(_) => "Withdraw",
            Self::ClockAdvance(_) => "ClockAdvance",
            Self::AccountOpen(_) => "AccountOpen",
            Self::AccountRestrict(_) => "AccountRestrict",
            Self::AccountClose(_) => "AccountClose",
            Self::Issue(_) => "Issue",
            Self::Redeem(_) => "Redeem",
            Self::Transfer(_) => "Transfer",
            Self::HoldPlace(_) => "HoldPlace",
            Self::HoldResolve(_) => "HoldResolve",
            Self::Refund(_) => "Refund",
            Self::AtomicBatch(_) => "AtomicBatch",
            Self::Assurance(operation) => operation.name(),
            Self::Credit(operation) => operation.name(),
            Self::Collections(operation) => operation.name(),
        }
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::Operation {
        let kind = match self {
            Self::KeyRotate(operation) => Kind::KeyRotate(operation.to_wire()),
            Self::Propose(operation) => Kind::Propose(operation.to_wire()),
            Self::Approve(operation) => Kind::Approve(operation.to_wire()),
            Self::Veto(operation) => Kind::Veto(operation.to_wire()),
            Self::Withdraw(operation) => Kind::Withdraw(operation.to_wire()),
            Self::ClockAdvance(operation) => Kind::ClockAdvance(operation.to_wire()),
            Self::AccountOpen(operation) => Kind::AccountOpen(operation.to_wire()),
            Self::AccountRestrict(operation) => Kind::AccountRestrict(operation.to_wire()),
            Self::AccountClose(operation) => Kind::AccountClose(operation.to_wire()),
            Self::Issue(operation) => Kind::Issue(operation.to_wire()),
            Self::Redeem(operation) => Kind::Redeem(operation.to_wire()),
            Self::Transfer(operation) => Kind::Transfer(operation.to_wire()),
            Self::HoldPlace(operation) => Kind::HoldPlace(operation.to_wire()),
            Self::HoldResolve(operation) => Kind::HoldResolve(operation.to_wire()),
            Self::Refund(operation) => Kind::Refund(operation.to_wire()),
            Self::AtomicBatch(operation) => Kind::AtomicBatch(operation.to_wire()),
            Self::Assurance(operation) => operation.to_wire(),
            Self::Credit(operation) => operation.to_wire(),
            Self::Collections(operation) => operation.to_wire(),
        };
        wire::Operation { kind: Some(kind) }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field that is missing, malformed or out of range.
    pub fn from_wire(operation: &wire::Operation) -> Result<Self, DecodeError> {
        let kind = operation
            .kind
            .as_ref()
            .ok_or(DecodeError::Missing { field: "operation" })?;
        Ok(match kind {
            Kind::KeyRotate(operation) => Self::KeyRotate(KeyRotate::from_wire(operation)?),
            Kind::Propose(operation) => Self::Propose(Propose::from_wire(operation)?),
            Kind::Approve(operation) => Self::Approve(Approve::from_wire(operation)?),
            Kind::Veto(operation) => Self::Veto(Veto::from_wire(operation)?),
            Kind::Withdraw(operation) => Self::Withdraw(Withdraw::from_wire(operation)?),
            Kind::ClockAdvance(operation) => {
                Self::ClockAdvance(ClockAdvance::from_wire(operation)?)
            }
            Kind::AccountOpen(operation) => Self::AccountOpen(AccountOpen::from_wire(operation)?),
            Kind::AccountRestrict(operation) => {
                Self::AccountRestrict(AccountRestrict::from_wire(operation)?)
            }
            Kind::AccountClose(operation) => {
                Self::AccountClose(AccountClose::from_wire(operation)?)
            }
            Kind::Issue(operation) => Self::Issue(Issue::from_wire(operation)?),
            Kind::Redeem(operation) => Self::Redeem(Redeem::from_wire(operation)?),
            Kind::Transfer(operation) => Self::Transfer(Transfer::from_wire(operation)?),
            Kind::HoldPlace(operation) => Self::HoldPlace(HoldPlace::from_wire(operation)?),
            Kind::HoldResolve(operation) => Self::HoldResolve(HoldResolve::from_wire(operation)?),
            Kind::Refund(operation) => Self::Refund(Refund::from_wire(operation)?),
            Kind::AtomicBatch(operation) => Self::AtomicBatch(AtomicBatch::from_wire(operation)?),
            kind => {
                if let Some(operation) = CreditOperation::from_wire(kind)? {
                    return Ok(Self::Credit(operation));
                }
                if let Some(operation) = AssuranceOperation::from_wire(kind)? {
                    return Ok(Self::Assurance(operation));
                }
                let operation = CollectionsOperation::from_wire(kind)?.map(Self::Collections);
                operation.ok_or(DecodeError::Missing { field: "operation" })?
            }
        })
    }

    /// Whether it may be a leg of an atomic batch: payments only, and no batch within a batch.
    #[must_use]
    pub const fn is_batch_leg(&self) -> bool {
        matches!(
            self,
            Self::Issue(_)
                | Self::Redeem(_)
                | Self::Transfer(_)
                | Self::HoldPlace(_)
                | Self::HoldResolve(_)
                | Self::Refund(_)
        )
    }
}
