//! `PreferenceSet`: a debtor says how it wants to be contacted. It holds at once, for permits that were
//! granted before too.

use talea_types::{Outcome, Subject, event::CollectionsEvent, operation::PreferenceSet};

use super::{records::record_on_cases, revocation::revoke_forbidden};
use crate::state::WorkingState;

pub(super) fn preference_set(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &PreferenceSet,
) -> Result<(), Outcome> {
    let id = operation.debtor;
    if author != Subject::Account(id) {
        return Err(Outcome::NotPermitted);
    }
    let now = state.now;
    let debtor = state.debtors.get_mut(&id).ok_or(Outcome::DebtorUnknown)?;

    debtor.preferences = Some((operation.preferences.clone(), now));
    let event = CollectionsEvent::PreferencesSet(operation.clone());
    record_on_cases(state, id, None, event);
    revoke_forbidden(state, id);
    Ok(())
}
