//! Operations about who knows what about whom. Each needs its author's signature only.

mod access_log;
mod credentials;
mod data_grants;
mod envelopes;
mod legal_holds;

use talea_types::{
    AccountId, Outcome, ParticipantId, Subject, Timestamp, operation::AssuranceOperation,
    state::Role,
};

use crate::state::WorkingState;

pub(super) fn assurance(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &AssuranceOperation,
) -> Result<(), Outcome> {
    match operation {
        AssuranceOperation::CredentialAttest(one) => credentials::attest(state, author, one),
        AssuranceOperation::CredentialRevoke(one) => credentials::revoke(state, author, one),
        AssuranceOperation::DataGrant(one) => data_grants::grant(state, author, one),
        AssuranceOperation::DataGrantRevoke(one) => data_grants::revoke(state, author, one),
        AssuranceOperation::AccessLog(one) => access_log::access_log(state, author, one),
        AssuranceOperation::EnvelopePut(one) => envelopes::put(state, author, one),
        AssuranceOperation::ErasureTombstone(one) => envelopes::erase(state, author, one),
        AssuranceOperation::LegalHoldPlace(one) => legal_holds::place(state, author, one),
        AssuranceOperation::LegalHoldLift(one) => legal_holds::lift(state, author, one),
    }
}

/// Whether a time is ahead, by at most so much.
fn is_ahead(state: &WorkingState<'_>, time: Timestamp, most_ms: u64) -> bool {
    state.now < time && time <= state.now.plus_millis(most_ms)
}

/// Whether the author is the account or its sponsor.
fn is_holder_or_sponsor(state: &WorkingState<'_>, author: Subject, account: AccountId) -> bool {
    let sponsor = state.accounts.get(&account).map(|account| account.sponsor);
    match author {
        Subject::Account(id) => id == account,
        Subject::Participant(id) => sponsor == Some(id),
        Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => false,
    }
}

fn is_active_as(state: &WorkingState<'_>, id: ParticipantId, role: Role) -> bool {
    let participant = state.participants.get(&id);
    participant.is_some_and(|one| one.has_role(role) && one.is_active(state.now))
}
