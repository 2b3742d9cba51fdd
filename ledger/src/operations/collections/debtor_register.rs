//! `DebtorRegister`: a sponsor and the holder of a wallet account make the holder a debtor, who can borrow
//! from then on. One person, one account.

use talea_types::{
    EventDetail, Outcome, Subject,
    event::{CollectionsEvent, DebtorRegistered},
    operation::{AccountKind, DebtorRegister},
    state::Debtor,
};

use crate::{events, state::WorkingState};

pub(super) fn debtor_register(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &DebtorRegister,
) -> Result<(), Outcome> {
    let id = operation.account;
    let account = state.accounts.get(&id);
    if account.is_some_and(|account| author != Subject::Participant(account.sponsor)) {
        return Err(Outcome::NotPermitted);
    }
    let account = account.ok_or(Outcome::AccountUnknown)?;
    if account.closed {
        return Err(Outcome::AccountClosed);
    }
    let sponsor = account.sponsor;
    let participant = state.participants.get(&sponsor);
    if !participant.is_some_and(|sponsor| sponsor.is_active(state.now)) {
        return Err(Outcome::SponsorSuspended);
    }
    if state.debtors.get(&id).is_some() {
        return Err(Outcome::DebtorExists);
    }
    if account.kind != AccountKind::Wallet {
        return Err(Outcome::NotAWallet);
    }

    let debtor = Debtor::registered(operation.residence.clone());
    state.debtors.insert(id, debtor);
    let registered = DebtorRegistered {
        sponsor,
        residence: operation.residence.clone(),
    };
    let detail = EventDetail::Collections(CollectionsEvent::DebtorRegistered(registered));
    events::append(state, Subject::Debtor(id), detail);
    Ok(())
}
