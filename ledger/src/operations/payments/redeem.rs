//! `Redeem`: a bank takes its liability back from an account that it sponsors; the holder signs too.

use talea_types::{
    Outcome, Subject,
    event::{Posted, PostingKind},
    operation::Redeem,
};

use super::checks::{Route, Sponsors, check_asset, check_available, check_route};
use crate::{
    authorisation::Caller,
    events,
    money::{Posting, Side, apply_posting},
    state::WorkingState,
};

pub(super) fn redeem(
    state: &mut WorkingState<'_>,
    caller: Caller,
    operation: &Redeem,
) -> Result<(), Outcome> {
    let Redeem {
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
        debit: Some(account),
        credit: None,
    };
    // A sponsor whose licence has ended still pays its customers out.
    check_route(state, route, Sponsors::Any)?;
    check_asset(state, asset)?;
    let holder = state
        .accounts
        .get(&account)
        .ok_or(Outcome::AccountUnknown)?;
    check_available(holder, asset, amount)?;

    let posting = Posting {
        asset,
        amount,
        debit: Side::Available(account),
        credit: Side::Issuer,
    };
    apply_posting(state, posting);
    let posted = Posted {
        end_to_end_id: operation.end_to_end_id.clone(),
        ..events::posted(PostingKind::Redeemed, asset, amount)
    };
    events::append_posted(state, account, posted);
    Ok(())
}
