//! `Issue`: a bank puts its liability on an account that it sponsors, as far as its reserve covers it.

use talea_types::{
    Amount, Outcome, Subject,
    event::{Posted, PostingKind},
    operation::Issue,
    state::Position,
};

use super::checks::{Route, Sponsors, check_asset, check_route};
use crate::{
    authorisation::Caller,
    events,
    money::{Posting, Side, apply_posting},
    state::WorkingState,
};

pub(super) fn issue(
    state: &mut WorkingState<'_>,
    caller: Caller,
    operation: &Issue,
) -> Result<(), Outcome> {
    let Issue {
        account,
        asset,
        amount,
        ..
    } = *operation;
    let sponsor = state.accounts.get(&account).map(|account| account.sponsor);
    if sponsor.is_some_and(|sponsor| !caller.is(Subject::Participant(sponsor))) {
        return Err(Outcome::NotPermitted);
    }
    let route = Route {
        debit: None,
        credit: Some(account),
    };
    check_route(state, route, Sponsors::Active)?;
    check_asset(state, asset)?;
    let sponsor = sponsor.ok_or(Outcome::AccountUnknown)?;
    let position = state.positions.get(&(sponsor, asset)).copied();
    if !is_covered(&position.unwrap_or_default(), amount) {
        return Err(Outcome::ReserveExceeded);
    }

    let posting = Posting {
        asset,
        amount,
        debit: Side::Issuer,
        credit: Side::Available(account),
    };
    apply_posting(state, posting);
    let posted = Posted {
        end_to_end_id: operation.end_to_end_id.clone(),
        ..events::posted(PostingKind::Issued, asset, amount)
    };
    events::append_posted(state, account, posted);
    Ok(())
}

fn is_covered(position: &Position, amount: Amount) -> bool {
    let liabilities = position.liabilities.try_add(amount);
    liabilities.is_some_and(|liabilities| liabilities <= position.reserve)
}
