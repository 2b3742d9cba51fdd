//! What debtors did, and what was done for them: disputes, complaints, protections, each from its opening to
//! its end, with its clock.

use talea_ledger::Ledger;
use talea_types::{
    AccountId, Event, LoanId, ParticipantId, Timestamp, TransactionId,
    conduct::{BreachKind, ComplaintStep},
    event::{CollectionsEvent, ComplaintOpened, ProtectionChanged},
    state::Role,
};

/// What kind of remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemedyKind {
    /// The debtor disputes a debt.
    Dispute,
    /// The debtor complains.
    Complaint,
    /// The debtor is protected.
    Protection,
}

/// A remedy that began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemedyOpened {
    /// The transaction that opened it.
    pub id: TransactionId,
    /// The debt, if it is about one.
    pub loan: Option<LoanId>,
    /// The agency that it concerns.
    pub agency: Option<ParticipantId>,
    /// The lender that it concerns.
    pub lender: Option<ParticipantId>,
    /// Code of the reason, or the protection.
    pub what: String,
    /// When.
    pub at: Timestamp,
    /// By when it must be acknowledged; `None` where it need not be.
    pub acknowledge_by: Option<Timestamp>,
    /// By when a complaint must be resolved, or when a protection ends; `None` where nothing says.
    pub due: Option<Timestamp>,
}

/// What happened to a remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemedyChange {
    /// It began.
    Opened(Box<RemedyOpened>),
    /// A complaint was acknowledged.
    Acknowledged(Timestamp),
    /// One of a complaint's clocks ran out.
    Overdue(Timestamp),
    /// It ended, or will end at `at`.
    Closed {
        /// When.
        at: Timestamp,
        /// How.
        result: &'static str,
    },
}

/// A step of a remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemedyStep {
    /// Which kind.
    pub kind: RemedyKind,
    /// Whose.
    pub debtor: AccountId,
    /// What at most one open remedy of the kind and debtor has: the loan of a dispute, the number of a
    /// complaint, the name (and loan) of a protection.
    pub topic: String,
    /// What happened.
    pub change: RemedyChange,
}

impl RemedyKind {
    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dispute => "dispute",
            Self::Complaint => "complaint",
            Self::Protection => "protection",
        }
    }
}

impl RemedyStep {
    pub(super) fn of(
        event: &Event,
        debtor: AccountId,
        detail: &CollectionsEvent,
        after: &Ledger,
    ) -> Option<Self> {
        use RemedyKind::{Complaint, Dispute, Protection};

        let step = |kind, topic: String, change| Self {
            kind,
            debtor,
            topic,
            change,
        };
        let closed = |at, result| RemedyChange::Closed { at, result };
        Some(match detail {
            CollectionsEvent::DisputeOpened(opened) => {
                let (lender, agency) = of_loan(after, &debtor, opened.loan);
                let opening = RemedyOpened {
                    id: event.cause?.transaction,
                    loan: Some(opened.loan),
                    agency,
                    lender,
                    what: opened.reason.to_string(),
                    at: event.time,
                    acknowledge_by: None,
                    due: None,
                };
                let change = RemedyChange::Opened(Box::new(opening));
                step(Dispute, opened.loan.to_string(), change)
            }
            CollectionsEvent::DisputeResolved(resolved) => {
                let result = resolved.resolution.as_str();
                let change = closed(event.time, result);
                step(Dispute, resolved.loan.to_string(), change)
            }
            CollectionsEvent::ComplaintOpened(opened) => {
                let change = complaint_opened(event, opened, after)?;
                step(Complaint, opened.number.to_string(), change)
            }
            CollectionsEvent::ComplaintAnswered(answer) => {
                let change = match answer.step {
                    ComplaintStep::Acknowledged => RemedyChange::Acknowledged(event.time),
                    ComplaintStep::Resolved => closed(event.time, answer.step.as_str()),
                };
                step(Complaint, answer.number.to_string(), change)
            }
            CollectionsEvent::Breach(breach) if breach.kind == BreachKind::ComplaintOverdue => {
                let change = RemedyChange::Overdue(event.time);
                step(Complaint, breach.complaint.to_string(), change)
            }
            CollectionsEvent::ProtectionChanged(changed) => {
                let change = protection_changed(event, &debtor, changed, after)?;
                step(Protection, protection_topic(changed), change)
            }
            _ => return None,
        })
    }
}

fn protection_topic(changed: &ProtectionChanged) -> String {
    let name = changed.set.protection.as_str();
    match changed.set.loan {
        Some(loan) => format!("{name} {loan}"),
        None => name.to_owned(),
    }
}

fn complaint_opened(
    event: &Event,
    opened: &ComplaintOpened,
    after: &Ledger,
) -> Option<RemedyChange> {
    let against = opened.complaint.against;
    let participant = after.participant(&against);
    let is_agency = participant.is_some_and(|one| one.has_role(Role::CollectionAgency));
    let is_bank = participant.is_some_and(|one| one.has_role(Role::Bank));
    Some(RemedyChange::Opened(Box::new(RemedyOpened {
        id: event.cause?.transaction,
        loan: None,
        // Whoever is complained about and is nobody's lender is answerable as an agency is.
        agency: (is_agency || !is_bank).then_some(against),
        lender: is_bank.then_some(against),
        what: opened.complaint.reason.to_string(),
        at: event.time,
        acknowledge_by: opened.acknowledge_by,
        due: opened.resolve_by,
    })))
}

fn protection_changed(
    event: &Event,
    debtor: &AccountId,
    changed: &ProtectionChanged,
    after: &Ledger,
) -> Option<RemedyChange> {
    if changed.set.lifted {
        let at = changed.until.unwrap_or(event.time);
        return Some(RemedyChange::Closed {
            at,
            result: "lifted",
        });
    }
    let loan = changed.set.loan;
    let (lender, agency) = loan.map_or((None, None), |loan| of_loan(after, debtor, loan));
    Some(RemedyChange::Opened(Box::new(RemedyOpened {
        id: event.cause?.transaction,
        loan,
        agency,
        lender,
        what: changed.set.protection.as_str().to_owned(),
        at: event.time,
        acknowledge_by: None,
        due: changed.until,
    })))
}

/// Who lends a loan, and who collects it in an open case.
fn of_loan(
    after: &Ledger,
    debtor: &AccountId,
    loan: LoanId,
) -> (Option<ParticipantId>, Option<ParticipantId>) {
    let lender = after.loan(&loan).map(|loan| loan.lender);
    let cases = after.debtor(debtor).map(|debtor| debtor.cases.as_slice());
    let mut cases = cases
        .unwrap_or_default()
        .iter()
        .filter_map(|id| after.case(id));
    let case = cases.find(|case| case.loans.contains(&loan));
    (lender, case.map(|case| case.collector))
}
