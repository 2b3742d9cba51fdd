//! A record that somebody asks for: of what kind it is, whom it is about, what it holds.

use talea_types::{
    AccountId, CaseId, LoanId, Subject, access::RecordKind, conduct::TallyKey,
    operation::DataFields, state::StateKey,
};

use crate::Ledger;

/// A record that somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// A state object, or that there is none.
    Object(StateKey),
    /// The history of a subject.
    History(Subject),
    /// Everybody's transactions of a block, or their results.
    Body,
}

/// The part of the ledger that a record belongs to, with what is needed to find whom it is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// Nobody's in particular.
    Network,
    Account(AccountId),
    Debtor(AccountId),
    Loan(LoanId),
    Case(CaseId),
    /// See [`StateKey`]; handled one by one.
    Other,
}

impl Record {
    /// Of which kind it is.
    #[must_use]
    pub const fn kind(&self) -> RecordKind {
        match self {
            Self::Object(key) => RecordKind::of_object(key),
            Self::History(subject) => RecordKind::of_subject(subject),
            Self::Body => RecordKind::Body,
        }
    }

    pub(super) fn part(&self, ledger: &Ledger) -> Part {
        match self {
            Self::Body => Part::Network,
            Self::History(subject) => Part::of_subject(subject),
            Self::Object(key) => Part::of_object(ledger, key),
        }
    }

    /// Whose record an organisation has to say that it reads; `None` when that is not on the ledger.
    #[must_use]
    pub fn subject(&self, ledger: &Ledger) -> Option<Subject> {
        let subject = match self.part(ledger) {
            Part::Debtor(id) => Subject::Debtor(id),
            Part::Loan(id) => Subject::Loan(id),
            Part::Case(id) => Subject::Case(id),
            Part::Network | Part::Account(_) | Part::Other => return None,
        };
        ledger.events_of(&subject).map(|_| subject)
    }

    /// The accounts whose permission lets somebody read it.
    #[must_use]
    pub fn accounts(&self, ledger: &Ledger) -> Vec<AccountId> {
        match self.part(ledger) {
            Part::Account(id) | Part::Debtor(id) => vec![id],
            Part::Loan(id) => ledger
                .loan(&id)
                .map(|one| one.borrower)
                .into_iter()
                .collect(),
            Part::Case(id) => ledger.case(&id).map(|one| one.debtor).into_iter().collect(),
            Part::Network => Vec::new(),
            Part::Other => match self {
                Self::Object(StateKey::Hold(id)) => {
                    let hold = ledger.hold(id);
                    hold.map_or_else(Vec::new, |hold| vec![hold.from, hold.to])
                }
                Self::Object(StateKey::RefundRight(id, leg)) => {
                    let right = ledger.refund_right(id, *leg);
                    right.map_or_else(Vec::new, |right| vec![right.from, right.to])
                }
                Self::Object(StateKey::Envelope(hash)) => {
                    let envelope = ledger.envelope(hash);
                    envelope.map(|one| one.account).into_iter().collect()
                }
                Self::Object(_) | Self::History(_) | Self::Body => Vec::new(),
            },
        }
    }

    /// What it holds of a person, in the words of permissions; `None` when any of them will do.
    pub(super) const fn fields(&self) -> Option<DataFields> {
        match self {
            Self::Object(StateKey::InquiryRight(..)) => Some(DataFields::CREDIT_HISTORY),
            // A record of a read is a part of every subject's record.
            Self::Object(StateKey::LoggedRead(..)) => None,
            Self::Object(_) | Self::History(_) | Self::Body => match self.kind() {
                RecordKind::Account | RecordKind::Payment => Some(DataFields::PAYMENTS),
                RecordKind::Credential => Some(DataFields::IDENTITY),
                RecordKind::Debtor | RecordKind::Case => Some(DataFields::COLLECTIONS),
                RecordKind::Loan => Some(DataFields::LOANS),
                RecordKind::Terms
                | RecordKind::Block
                | RecordKind::Participant
                | RecordKind::Conduct
                | RecordKind::Position
                | RecordKind::Grant
                | RecordKind::Envelope
                | RecordKind::LegalHold
                | RecordKind::Body => None,
            },
        }
    }
}

impl Part {
    const fn of_subject(subject: &Subject) -> Self {
        match subject {
            Subject::Account(id) => Self::Account(*id),
            Subject::Debtor(id) => Self::Debtor(*id),
            Subject::Loan(id) => Self::Loan(*id),
            Subject::Case(id) => Self::Case(*id),
            Subject::Participant(_) => Self::Other,
        }
    }

    fn of_object(ledger: &Ledger, key: &StateKey) -> Self {
        match key {
            StateKey::Account(id)
            | StateKey::Credential(id, _)
            | StateKey::DataGrant(id, _)
            | StateKey::Tombstone(id, _)
            | StateKey::LegalHolds(id) => Self::Account(*id),
            StateKey::Debtor(id) | StateKey::InquiryRight(id, _) | StateKey::Complaint(id, _) => {
                Self::Debtor(*id)
            }
            StateKey::Loan(id) | StateKey::Tally(TallyKey::Debt(id)) | StateKey::Promise(id) => {
                Self::Loan(*id)
            }
            StateKey::Case(id) => Self::Case(*id),
            StateKey::Permit(id) => match ledger.permit(id) {
                Some(permit) => Self::Case(permit.case),
                None => Self::Other,
            },
            StateKey::LoggedRead(subject, _) => Self::of_subject(subject),
            StateKey::Asset(_)
            | StateKey::Network
            | StateKey::Clock
            | StateKey::Validators
            | StateKey::Proposal(_)
            | StateKey::Governance
            | StateKey::RulePack(_)
            | StateKey::Product(_) => Self::Network,
            StateKey::Participant(_)
            | StateKey::Position(..)
            | StateKey::Hold(_)
            | StateKey::RefundRight(..)
            | StateKey::Envelope(_)
            | StateKey::Agreement(_)
            | StateKey::Tally(TallyKey::ContactPoint(_)) => Self::Other,
        }
    }
}
