//! `Transfer`: money moves from one account to another; between banks their reserves move with it. A
//! transfer that is refundable leaves the payee a right to refund.

use talea_types::{
    Amount, Outcome, Subject,
    event::{Posted, PostingKind},
    limits::HOLD_AHEAD_MS_MAX,
    operation::Transfer,
    state::RefundRight,
};

use super::checks::{Route, Sponsors, check_asset, check_available, check_route};
use crate::{
    authorisation::Caller,
    events,
    money::{Posting, Side, apply_posting, apply_spending, check_limits},
    state::WorkingState,
};

pub(super) fn transfer(
    state: &mut WorkingState<'_>,
    caller: Caller,
    operation: &Transfer,
) -> Result<(), Outcome> {
    let Transfer {
        from,
        to,
        asset,
        amount,
        refundable_until,
        ..
    } = *operation;
    if !caller.is(Subject::Account(from)) {
        return Err(Outcome::NotPermitted);
    }
    let refundable = refundable_until.millis() != 0;
    let latest = state.now.plus_millis(HOLD_AHEAD_MS_MAX);
    if refundable && !(state.now < refundable_until && refundable_until <= latest) {
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

    let posting = Posting {
        asset,
        amount,
        debit: Side::Available(from),
        credit: Side::Available(to),
    };
    apply_posting(state, posting);
    apply_spending(state, from, asset, amount);
    if refundable {
        insert_refund_right(state, operation);
    }
    let sent = Posted {
        counterparty: Some(to),
        purpose: Some(operation.purpose),
        end_to_end_id: operation.end_to_end_id.clone(),
        travel_rule_commitment: operation.travel_rule_commitment,
        until: refundable_until,
        ..events::posted(PostingKind::Sent, asset, amount)
    };
    let received = Posted {
        kind: PostingKind::Received,
        counterparty: Some(from),
        ..sent.clone()
    };
    events::append_posted(state, from, sent);
    events::append_posted(state, to, received);
    Ok(())
}

fn insert_refund_right(state: &mut WorkingState<'_>, operation: &Transfer) {
    let Some(cause) = state.cause else {
        unreachable!("an operation has its transaction")
    };
    let right = RefundRight {
        from: operation.from,
        to: operation.to,
        asset: operation.asset,
        amount: operation.amount,
        refunded: Amount::ZERO,
        expires_at: operation.refundable_until,
    };
    state
        .refund_rights
        .insert((cause.transaction, cause.leg), right);
}
