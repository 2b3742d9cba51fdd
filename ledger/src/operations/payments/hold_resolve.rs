//! `HoldResolve`: the payee captures at most what is held and the rest is released; or the payee or the
//! payer's sponsor voids the hold and all is released.

use talea_types::{
    HoldId, Outcome, Subject,
    event::{Posted, PostingKind},
    operation::HoldResolve,
    state::Hold,
};

use super::checks::{Route, Sponsors, check_route};
use crate::{
    authorisation::Caller,
    events,
    money::{Posting, Side, apply_posting},
    state::WorkingState,
};

pub(super) fn hold_resolve(
    state: &mut WorkingState<'_>,
    caller: Caller,
    operation: &HoldResolve,
) -> Result<(), Outcome> {
    let id = operation.hold;
    // One that waits to be released counts as released.
    let hold = state.holds.get(&id);
    let hold = hold.filter(|hold| state.now < hold.expires_at).cloned();
    let hold = hold.ok_or(Outcome::HoldUnknown)?;
    let by_payee = caller.is(Subject::Account(hold.to));
    if operation.capture.is_zero() {
        let payer = state.accounts.get(&hold.from);
        let by_sponsor = payer.is_some_and(|payer| caller.is(Subject::Participant(payer.sponsor)));
        if !by_payee && !by_sponsor {
            return Err(Outcome::NotPermitted);
        }
        release_hold(state, id, &hold, PostingKind::HoldReleased);
        return Ok(());
    }
    if !by_payee {
        return Err(Outcome::NotPermitted);
    }
    let route = Route {
        debit: Some(hold.from),
        credit: Some(hold.to),
    };
    check_route(state, route, Sponsors::Active)?;
    if operation.capture > hold.amount {
        return Err(Outcome::CaptureAboveHold);
    }
    capture_hold(state, &hold, operation);
    Ok(())
}

/// Moves what is captured to the payee and the rest back to the payer.
fn capture_hold(state: &mut WorkingState<'_>, hold: &Hold, operation: &HoldResolve) {
    let capture = Posting {
        asset: hold.asset,
        amount: operation.capture,
        debit: Side::Held(hold.from),
        credit: Side::Available(hold.to),
    };
    apply_posting(state, capture);
    if let Some(rest) = hold.amount.try_sub(operation.capture)
        && !rest.is_zero()
    {
        let release = Posting {
            amount: rest,
            credit: Side::Available(hold.from),
            ..capture
        };
        apply_posting(state, release);
    }
    end_hold(state, operation.hold, hold);
    let captured = Posted {
        counterparty: Some(hold.to),
        end_to_end_id: hold.end_to_end_id.clone(),
        hold: Some(operation.hold),
        ..events::posted(PostingKind::HoldCaptured, hold.asset, operation.capture)
    };
    let received = Posted {
        kind: PostingKind::CaptureReceived,
        counterparty: Some(hold.from),
        ..captured.clone()
    };
    events::append_posted(state, hold.from, captured);
    events::append_posted(state, hold.to, received);
}

/// Gives back what is held.
pub(crate) fn release_hold(
    state: &mut WorkingState<'_>,
    id: HoldId,
    hold: &Hold,
    kind: PostingKind,
) {
    let posting = Posting {
        asset: hold.asset,
        amount: hold.amount,
        debit: Side::Held(hold.from),
        credit: Side::Available(hold.from),
    };
    apply_posting(state, posting);
    end_hold(state, id, hold);
    let posted = Posted {
        counterparty: Some(hold.to),
        end_to_end_id: hold.end_to_end_id.clone(),
        hold: Some(id),
        ..events::posted(kind, hold.asset, hold.amount)
    };
    events::append_posted(state, hold.from, posted);
}

fn end_hold(state: &mut WorkingState<'_>, id: HoldId, hold: &Hold) {
    state.holds.remove(id);
    if let Some(payer) = state.accounts.get_mut(&hold.from) {
        payer.open_holds = payer.open_holds.saturating_sub(1);
    }
}
