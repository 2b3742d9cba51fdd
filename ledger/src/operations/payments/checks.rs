//! Checks that several payments share, in the order of the outcomes' numbers.

use talea_types::{AccountId, Amount, Asset, Outcome, operation::Restriction, state::Account};

use crate::state::WorkingState;

/// The accounts that a payment debits and credits.
#[derive(Clone, Copy)]
pub(in crate::operations) struct Route {
    pub(in crate::operations) debit: Option<AccountId>,
    pub(in crate::operations) credit: Option<AccountId>,
}

/// Whether the sponsors of the accounts have to be active.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::operations) enum Sponsors {
    /// The payment adds to what they owe somebody.
    Active,
    /// It takes away.
    Any,
}

/// Checks that the accounts are there, open, unrestricted, and that their sponsors are active.
pub(in crate::operations) fn check_route(
    state: &WorkingState<'_>,
    route: Route,
    sponsors: Sponsors,
) -> Result<(), Outcome> {
    let find = |id: Option<AccountId>| match id {
        Some(id) => state
            .accounts
            .get(&id)
            .map(Some)
            .ok_or(Outcome::AccountUnknown),
        None => Ok(None),
    };
    let debit = find(route.debit)?;
    let credit = find(route.credit)?;
    let both = || debit.iter().chain(&credit);
    if both().any(|account| account.closed) {
        return Err(Outcome::AccountClosed);
    }
    let nothing_leaves =
        debit.is_some_and(|account| account.restriction_at(state.now) != Restriction::None);
    let nothing_enters =
        credit.is_some_and(|account| account.restriction_at(state.now) == Restriction::All);
    if nothing_leaves || nothing_enters {
        return Err(Outcome::AccountRestricted);
    }
    let mut accounts = both();
    let all_active = accounts.all(|account| {
        let sponsor = state.participants.get(&account.sponsor);
        sponsor.is_some_and(|sponsor| sponsor.is_active(state.now))
    });
    if sponsors == Sponsors::Active && !all_active {
        return Err(Outcome::SponsorSuspended);
    }
    Ok(())
}

/// Checks that the network carries an asset.
pub(in crate::operations) fn check_asset(
    state: &WorkingState<'_>,
    asset: Asset,
) -> Result<(), Outcome> {
    match state.assets.get(&asset) {
        Some(_) => Ok(()),
        None => Err(Outcome::AssetUnknown),
    }
}

/// Checks that an account can spend an amount.
pub(in crate::operations) fn check_available(
    account: &Account,
    asset: Asset,
    amount: Amount,
) -> Result<(), Outcome> {
    if account.available(asset) < amount {
        return Err(Outcome::InsufficientFunds);
    }
    Ok(())
}
