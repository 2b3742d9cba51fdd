//! `Refund`: the payee of a refundable transfer returns some of it. The refunds together never exceed
//! the transfer; when all is returned the right ends.

use talea_types::{
    Outcome, Subject,
    event::{Posted, PostingKind},
    operation::Refund,
};

use super::checks::{Route, Sponsors, check_available, check_route};
use crate::{
    authorisation::Caller,
    events,
    money::{Posting, Side, apply_posting},
    state::WorkingState,
};

pub(super) fn refund(
    state: &mut WorkingState<'_>,
    caller: Caller,
    operation: &Refund,
) -> Result<(), Outcome> {
    let id = (operation.original, operation.leg);
    // One that waits to be forgotten counts as forgotten.
    let right = state.refund_rights.get(&id);
    let right = right.filter(|right| state.now < right.expires_at).cloned();
    let mut right = right.ok_or(Outcome::NotRefundable)?;
    if !caller.is(Subject::Account(right.to)) {
        return Err(Outcome::NotPermitted);
    }
    let route = Route {
        debit: Some(right.to),
        credit: Some(right.from),
    };
    check_route(state, route, Sponsors::Active)?;
    let payee = state.accounts.get(&right.to);
    let payee = payee.ok_or(Outcome::AccountUnknown)?;
    check_available(payee, right.asset, operation.amount)?;
    right.refunded = right
        .refunded
        .try_add(operation.amount)
        .filter(|refunded| *refunded <= right.amount)
        .ok_or(Outcome::RefundAboveOriginal)?;

    let posting = Posting {
        asset: right.asset,
        amount: operation.amount,
        debit: Side::Available(right.to),
        credit: Side::Available(right.from),
    };
    apply_posting(state, posting);
    let sent = Posted {
        counterparty: Some(right.from),
        end_to_end_id: operation.end_to_end_id.clone(),
        original: Some(id),
        ..events::posted(PostingKind::RefundSent, right.asset, operation.amount)
    };
    let received = Posted {
        kind: PostingKind::RefundReceived,
        counterparty: Some(right.to),
        ..sent.clone()
    };
    let (payer, payee) = (right.from, right.to);
    if right.refunded == right.amount {
        state.refund_rights.remove(id);
    } else {
        state.refund_rights.insert(id, right);
    }
    events::append_posted(state, payee, sent);
    events::append_posted(state, payer, received);
    Ok(())
}
