//! `ResidenceSet`: a debtor, or the sponsor of its account, says where the debtor lives from now on. What
//! is decided from here on follows the law and the clocks of that place.

use talea_types::{
    EventDetail, Outcome, Subject,
    event::{CollectionsEvent, ResidenceChanged},
    operation::ResidenceSet,
};

use super::revocation::revoke_forbidden;
use crate::{events, state::WorkingState};

pub(super) fn residence_set(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ResidenceSet,
) -> Result<(), Outcome> {
    let id = operation.debtor;
    let account = state.accounts.get(&id);
    let may_set =
        |sponsor| author == Subject::Account(id) || author == Subject::Participant(sponsor);
    if account.is_some_and(|account| !may_set(account.sponsor)) {
        return Err(Outcome::NotPermitted);
    }
    account.ok_or(Outcome::AccountUnknown)?;
    let debtor = state.debtors.get_mut(&id).ok_or(Outcome::DebtorUnknown)?;

    debtor.residence = operation.residence.clone();
    let changed = ResidenceChanged {
        by: author,
        residence: operation.residence.clone(),
    };
    let detail = EventDetail::Collections(CollectionsEvent::ResidenceChanged(changed));
    events::append(state, Subject::Debtor(id), detail);
    revoke_forbidden(state, id);
    Ok(())
}
