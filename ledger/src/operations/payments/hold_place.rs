//! `HoldPlace`: an amount of the payer's is reserved for a payee, who may capture it until it expires.

use talea_types::{
    HoldId, Outcome, Subject,
    event::{Posted, PostingKind},
    limits::HOLD_AHEAD_MS_MAX,
    operation::HoldPlace,
    state::Hold,
};

use super::checks::{Route, Sponsors, check_asset, check_available, check_route};
use crate::{
    authorisation::Caller,
    events,
    money::{Posting, Side, apply_posting, apply_spending, check_limits},
    state::WorkingState,
};

pub(super) fn hold_place(
    state: &mut WorkingState<'_>,
    caller: Caller,
    operation: &HoldPlace,
) -> Result<(), Outcome> {
    let HoldPlace {
        from,
        to,
        asset,
        amount,
        expires_at,
        ..
    } = *operation;
    if !caller.is(Subject::Account(from)) {
        return Err(Outcome::NotPermitted);
    }
    let latest = state.now.plus_millis(HOLD_AHEAD_MS_MAX);
    if !(state.now < expires_at && expires_at <= latest) {
        return Err(Outcome::TimeOutOfRange);
    }
    let route = Route {
        debit: Some(from),
        credit: Some(to),
    };
    check_route(state, route, Sponsors::Active)?;
    check_asset(state, asset)?;
    let payer = state.accounts.get(&from).ok_or(Outcome::AccountUnknown)?;
    check_limits(state, payer, asset, amount)?;
    check_available(payer, asset, amount)?;
    let Some(cause) = state.cause else {
        unreachable!("an operation has its transaction")
    };
    let id = HoldId::placed_by(cause.transaction, cause.leg);
    // Ids have 128 bits: that two transactions lead to one is unlikely, not impossible.
    if state.holds.get(&id).is_some() {
        return Err(Outcome::HoldExists);
    }

    let posting = Posting {
        asset,
        amount,
        debit: Side::Available(from),
        credit: Side::Held(from),
    };
    apply_posting(state, posting);
    apply_spending(state, from, asset, amount);
    if let Some(payer) = state.accounts.get_mut(&from) {
        payer.open_holds = payer.open_holds.saturating_add(1);
    }
    let hold = Hold {
        from,
        to,
        asset,
        amount,
        expires_at,
        end_to_end_id: operation.end_to_end_id.clone(),
    };
    state.holds.insert(id, hold);
    let posted = Posted {
        counterparty: Some(to),
        end_to_end_id: operation.end_to_end_id.clone(),
        hold: Some(id),
        until: expires_at,
        ..events::posted(PostingKind::HoldPlaced, asset, amount)
    };
    events::append_posted(state, from, posted);
    Ok(())
}
