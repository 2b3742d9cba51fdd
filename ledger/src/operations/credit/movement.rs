//! Money that moves for a loan: from one account to several, or from several to one.

use talea_types::{
    AccountId, Amount, Asset, Outcome,
    event::{Posted, PostingKind},
    operation::Purpose,
};

use crate::{
    events,
    money::{Posting, Side, apply_posting},
    operations::payments::checks::{Route, Sponsors, check_available, check_route},
    state::WorkingState,
};

/// Checks that a payer can pay, and each payee can receive, in the order of the outcomes.
pub(super) fn check_payment(
    state: &WorkingState<'_>,
    asset: Asset,
    amount: Amount,
    payer: AccountId,
    payees: &[AccountId],
) -> Result<(), Outcome> {
    let routes = || {
        let to = payees.iter().map(|payee| Route {
            debit: Some(payer),
            credit: Some(*payee),
        });
        let alone = Route {
            debit: Some(payer),
            credit: None,
        };
        std::iter::once(alone).chain(to)
    };
    check_routes(state, routes())?;
    let account = state.accounts.get(&payer).ok_or(Outcome::AccountUnknown)?;
    check_available(account, asset, amount)
}

/// Checks routes together: the first outcome of the list that any of them has.
pub(super) fn check_routes(
    state: &WorkingState<'_>,
    routes: impl Iterator<Item = Route>,
) -> Result<(), Outcome> {
    let refusals = routes.filter_map(|route| check_route(state, route, Sponsors::Active).err());
    refusals.min().map_or(Ok(()), Err)
}

/// Moves money that was checked, with its events on both accounts. Limits of tiers do not count it: what
/// a loan moves was agreed on when it was made.
pub(super) fn apply_movement(
    state: &mut WorkingState<'_>,
    asset: Asset,
    from: AccountId,
    to: AccountId,
    amount: Amount,
) {
    if amount.is_zero() {
        return;
    }
    let posting = Posting {
        asset,
        amount,
        debit: Side::Available(from),
        credit: Side::Available(to),
    };
    apply_posting(state, posting);
    let sent = Posted {
        counterparty: Some(to),
        purpose: Some(Purpose::LoanPayment),
        ..events::posted(PostingKind::Sent, asset, amount)
    };
    let received = Posted {
        kind: PostingKind::Received,
        counterparty: Some(from),
        ..sent.clone()
    };
    events::append_posted(state, from, sent);
    events::append_posted(state, to, received);
}
