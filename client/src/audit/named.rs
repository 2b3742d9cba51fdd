//! What belongs to a debtor: the loans and cases that its record names, open ones by its state object,
//! others by the events of the period.

use std::collections::BTreeSet;

use talea_types::{
    CaseId, DecodeError, LoanId, Subject,
    event::{CollectionsEvent, CreditEvent, Event, EventDetail},
    state::Debtor,
};

use crate::ObjectProof;

/// The loans and cases that a debtor's object and these events name.
pub(super) fn named_by<'e>(
    debtor: &ObjectProof,
    events: impl IntoIterator<Item = &'e Event>,
) -> Result<BTreeSet<Subject>, DecodeError> {
    let mut named = BTreeSet::new();
    if let Some(value) = &debtor.value {
        let debtor = Debtor::decode(value)?;
        named.extend(debtor.loans.into_iter().map(Subject::Loan));
        named.extend(debtor.cases.into_iter().map(Subject::Case));
    }
    for event in events {
        let (loans, case) = match &*event.detail {
            EventDetail::Credit(event) => (credit(event).into_iter().collect(), None),
            EventDetail::Collections(event) => collections(event),
            EventDetail::Opened(_)
            | EventDetail::Restricted(_)
            | EventDetail::Closed
            | EventDetail::KeysRotated(_)
            | EventDetail::ValidatorsScheduled(_)
            | EventDetail::ClockAdvanced(_)
            | EventDetail::Posted(_)
            | EventDetail::ProposalStepped(_)
            | EventDetail::Registered(_)
            | EventDetail::StatusSet(_)
            | EventDetail::RulePackSet(_)
            | EventDetail::Assurance(_) => continue,
        };
        named.extend(loans.into_iter().map(Subject::Loan));
        named.extend(case.map(Subject::Case));
    }
    Ok(named)
}

fn credit(event: &CreditEvent) -> Option<LoanId> {
    match event {
        CreditEvent::LoanOriginated(event) => Some(event.loan),
        CreditEvent::LoanEntry(event) => Some(event.loan),
        CreditEvent::LoanModified(event) => Some(event.loan),
        CreditEvent::LossShared(event) => Some(event.loan),
        CreditEvent::DebtAssigned(event) => Some(event.loan),
        CreditEvent::CreditFurnished(event) => Some(event.loan),
        CreditEvent::LoanPaused(event) => Some(event.loan),
        CreditEvent::LoanResumed(event) => Some(event.loan),
        CreditEvent::ProductPublished(_)
        | CreditEvent::AgreementRegistered(_)
        | CreditEvent::InquiryAuthorised(_)
        | CreditEvent::BusinessDateAdvanced(_) => None,
    }
}

fn collections(event: &CollectionsEvent) -> (Vec<LoanId>, Option<CaseId>) {
    match event {
        CollectionsEvent::CasePlaced(event) => (event.placed.loans.clone(), Some(event.case)),
        CollectionsEvent::CaseRecalled(recall) => (Vec::new(), Some(recall.case)),
        CollectionsEvent::NoticeServed(event) => (Vec::new(), Some(event.notice.case)),
        CollectionsEvent::ContactPermitted(event) => {
            (vec![event.request.loan], Some(event.request.case))
        }
        CollectionsEvent::ContactRevoked(event) => (Vec::new(), Some(event.case)),
        CollectionsEvent::ContactClosed(event) => (Vec::new(), Some(event.case)),
        CollectionsEvent::Breach(breach) => (Vec::new(), breach.case),
        CollectionsEvent::PromiseMade(promise) => (vec![promise.loan], None),
        CollectionsEvent::PromiseEnded(event) => (vec![event.loan], None),
        CollectionsEvent::PlanAgreed(plan) => (vec![plan.loan], None),
        CollectionsEvent::DisputeOpened(dispute) => (vec![dispute.loan], None),
        CollectionsEvent::DisputeResolved(resolve) => (vec![resolve.loan], None),
        CollectionsEvent::ProtectionChanged(event) => (event.set.loan.into_iter().collect(), None),
        // What a report names is the debtor's word: it need not be on the ledger.
        CollectionsEvent::ContactReported(_)
        | CollectionsEvent::DebtorRegistered(_)
        | CollectionsEvent::ResidenceChanged(_)
        | CollectionsEvent::PreferencesSet(_)
        | CollectionsEvent::ComplaintOpened(_)
        | CollectionsEvent::ComplaintAnswered(_) => (Vec::new(), None),
    }
}
