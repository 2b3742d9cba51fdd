//! `InquiryAuthorise`: a debtor allows a lender one credit inquiry. Without it there is no fee for one.

use talea_types::{
    EventDetail, Outcome, Subject,
    event::{CreditEvent, InquiryAuthorised},
    limits::PAUSE_DAYS_MAX,
    operation::InquiryAuthorise,
    state::{InquiryRight, Participant},
};

use crate::{events, state::WorkingState};

pub(super) fn inquiry_authorise(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &InquiryAuthorise,
) -> Result<(), Outcome> {
    let InquiryAuthorise { lender, until } = *operation;
    let Subject::Account(borrower) = author else {
        return Err(Outcome::NotPermitted);
    };
    let participant = state.participants.get(&lender);
    if !participant.is_some_and(Participant::is_sponsor) {
        return Err(Outcome::NotPermitted);
    }
    let today = state.clock.business_date;
    if until > today.saturating_add(PAUSE_DAYS_MAX) {
        return Err(Outcome::TimeOutOfRange);
    }
    state.debtors.get(&borrower).ok_or(Outcome::DebtorUnknown)?;
    if until < today {
        return Err(Outcome::DateGoesBack);
    }

    state
        .inquiry_rights
        .insert((borrower, lender), InquiryRight { until });
    let authorised = CreditEvent::InquiryAuthorised(InquiryAuthorised { lender, until });
    events::append(
        state,
        Subject::Debtor(borrower),
        EventDetail::Credit(authorised),
    );
    Ok(())
}
