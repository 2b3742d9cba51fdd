//! The history of a subject: events, and the chain that makes it complete.
//!
//! Every account and every organisation has a chain of its events; its state object commits to the
//! chain's head and length. Whoever has the events and a proof of the object knows that these are all:
//! none can be left out, changed or put in between (see [`verify_complete`]).

mod assurance;
mod chain;
mod collections;
mod credit;
mod detail;
mod governance;
mod period;
#[cfg(test)]
mod tests;

pub use assurance::{
    AssuranceEvent, CredentialAttested, DataGrantSet, EnvelopeStored, Erased, LegalHoldSet,
    RecordRead,
};
pub use chain::{EventChain, HistoryError, verify_complete, verify_continuation};
pub use collections::{
    Breach, CasePlaced, CollectionsEvent, ComplaintOpened, ContactClosed, ContactPermitted,
    ContactReported, ContactRevoked, DebtorRegistered, NoticeServed, PromiseEnded,
    ProtectionChanged, ResidenceChanged,
};
pub use credit::{
    AgreementRegistered, BusinessDateAdvanced, CreditEvent, CreditFurnished, DebtAssigned,
    FunderLoss, InquiryAuthorised, LoanEntry, LoanEntryKind, LoanModified, LoanOriginated,
    LoanPaused, LoanResumed, LossShared, ProductPublished,
};
pub use detail::{
    AccountOpened, AccountRestricted, ClockAdvanced, EventDetail, KeysRotated, Posted, PostingKind,
    ValidatorsScheduled,
};
pub use governance::{
    ParticipantRegistered, ParticipantStatusSet, ProposalStep, ProposalStepped, RulePackSet,
};
pub use period::{Period, PeriodEnd, PeriodError};

use std::sync::Arc;

use crate::{
    decode::{DecodeError, array},
    encode::FieldWriter,
    hash::{Hash, tagged},
    ids::{AccountId, CaseId, LoanId, ParticipantId, TransactionId},
    state::canonical_object,
    subject::Subject,
    time::Timestamp,
    wire,
};

/// Something that happened to a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// To whom.
    pub subject: Subject,
    /// Its position in the subject's history, from 0.
    pub sequence: u64,
    /// Block.
    pub height: u64,
    /// Time of the block.
    pub time: Timestamp,
    /// The transaction; `None` for what the ledger does by itself, as when a hold expires.
    pub cause: Option<EventCause>,
    /// What happened; shared with the events of others to whom the same happened.
    pub detail: Arc<EventDetail>,
}

/// The transaction that caused an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventCause {
    /// Its id.
    pub transaction: TransactionId,
    /// Its position in the block, from 0.
    pub index: u32,
    /// Leg of an atomic batch; 0 outside one.
    pub leg: u32,
}

impl Event {
    /// The hash of these canonical bytes of an event.
    #[must_use]
    pub fn hash_of(encoded: &[u8]) -> Hash {
        tagged("talea/event/v1", &[encoded])
    }

    /// Appends its canonical bytes up to those of [`Event::detail`], which are the rest
    /// (see [`EventDetail::encode_into`]).
    pub fn encode_head_into(&self, buffer: &mut Vec<u8>) {
        self.write_head(&mut FieldWriter::new(buffer));
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        self.write_head(w);
        self.detail.write(w);
    }

    fn write_head(&self, w: &mut FieldWriter<'_>) {
        match &self.subject {
            Subject::Account(id) => w.element(1, id.as_bytes()),
            Subject::Participant(id) => w.element(2, id.as_bytes()),
            Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => {}
        }
        w.number(3, self.sequence);
        w.number(4, self.height);
        w.time(5, self.time);
        if let Some(cause) = &self.cause {
            w.message(6, |w| {
                w.bytes(1, cause.transaction.as_bytes());
                w.number(2, cause.index);
                w.number(3, cause.leg);
            });
        }
        match &self.subject {
            Subject::Account(_) | Subject::Participant(_) => {}
            Subject::Debtor(id) => w.element(7, id.as_bytes()),
            Subject::Loan(id) => w.element(8, id.as_bytes()),
            Subject::Case(id) => w.element(9, id.as_bytes()),
        }
    }

    fn from_wire(event: &wire::Event) -> Result<Self, DecodeError> {
        let subject = subject_from_wire(event)?;
        let cause = event.cause.as_ref().map(|cause| {
            Ok::<_, DecodeError>(EventCause {
                transaction: TransactionId::from_wire(
                    "event.transaction_id",
                    &cause.transaction_id,
                )?,
                index: cause.index,
                leg: cause.leg,
            })
        });
        Ok(Self {
            subject,
            sequence: event.sequence,
            height: event.height,
            time: Timestamp::from_millis(event.time_ms),
            cause: cause.transpose()?,
            detail: Arc::new(EventDetail::from_wire(event.detail.as_ref())?),
        })
    }
}

canonical_object!(Event, "event");

fn subject_from_wire(event: &wire::Event) -> Result<Subject, DecodeError> {
    use wire::event::{Record, Subject as Wire};
    match (&event.subject, &event.record) {
        (Some(Wire::Account(id)), None) => {
            AccountId::from_wire("event.account", id).map(Subject::Account)
        }
        (Some(Wire::Participant(id)), None) => {
            ParticipantId::from_wire("event.participant", id).map(Subject::Participant)
        }
        (None, Some(Record::Debtor(id))) => {
            AccountId::from_wire("event.debtor", id).map(Subject::Debtor)
        }
        (None, Some(Record::Loan(id))) => LoanId::from_wire("event.loan", id).map(Subject::Loan),
        (None, Some(Record::Case(id))) => CaseId::from_wire("event.case", id).map(Subject::Case),
        (None, None) => Err(DecodeError::Missing {
            field: "event.subject",
        }),
        (Some(_), Some(_)) => Err(DecodeError::Range {
            field: "event.subject",
            reason: "an event is about one subject",
        }),
    }
}

fn hash(field: &'static str, bytes: &[u8]) -> Result<Hash, DecodeError> {
    array(field, bytes).map(Hash)
}
