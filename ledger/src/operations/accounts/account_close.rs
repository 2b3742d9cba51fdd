//! `AccountClose`: the holder and the sponsor close an account on which nothing is left. It stays in
//! the state, closed, so that its id is never used again and its history can be proved.

use talea_types::{EventDetail, Outcome, Subject, operation::AccountClose};

use crate::{events, operations::open_loans, state::WorkingState};

pub(crate) fn account_close(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &AccountClose,
) -> Result<(), Outcome> {
    let id = operation.account;
    let account = state.accounts.get(&id);
    let is_holder = author == Subject::Account(id);
    if let Some(account) = account
        && !is_holder
        && author != Subject::Participant(account.sponsor)
    {
        return Err(Outcome::NotPermitted);
    }
    let account = account.ok_or(Outcome::AccountUnknown)?;
    if account.closed {
        return Err(Outcome::AccountClosed);
    }
    let is_empty = account
        .balances
        .iter()
        .all(|balance| balance.available.is_zero() && balance.held.is_zero());
    let owes = state
        .debtors
        .get(&id)
        .is_some_and(|debtor| open_loans(state, debtor).next().is_some());
    if !is_empty || account.open_holds > 0 || owes {
        return Err(Outcome::AccountNotEmpty);
    }

    if let Some(account) = state.accounts.get_mut(&id) {
        account.closed = true;
    }
    events::append(state, Subject::Account(id), EventDetail::Closed);
    Ok(())
}
