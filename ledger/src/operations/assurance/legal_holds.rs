//! `LegalHoldPlace` and `LegalHoldLift`: nothing of an account is erased while one is in place, and
//! nothing of the loans and cases of its holder: whatever can be erased of these is the account's.

use talea_types::{
    AccountId, EventDetail, Outcome, ParticipantId, Subject,
    event::{AssuranceEvent, LegalHoldSet},
    limits::LEGAL_HOLDS_MAX,
    operation::{LegalHoldLift, LegalHoldPlace},
    state::{LegalHold, LegalHolds, Role},
};

use super::{is_active_as, is_holder_or_sponsor};
use crate::{events, operations::open_loans, state::WorkingState};

pub(super) fn place(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &LegalHoldPlace,
) -> Result<(), Outcome> {
    let account = operation.account;
    let placed_by = match author {
        Subject::Participant(id) if may_place(state, id, account) => id,
        _ => return Err(Outcome::NotPermitted),
    };
    if state.accounts.get(&account).is_none() {
        return Err(Outcome::AccountUnknown);
    }
    let before = state.assurance.legal_holds.get(&account);
    let mut holds = before.cloned().unwrap_or(LegalHolds { holds: Vec::new() });
    let Err(position) = holds.position(placed_by) else {
        return Err(Outcome::LegalHoldExists);
    };
    if holds.holds.len() >= LEGAL_HOLDS_MAX {
        return Err(Outcome::LegalHoldsFull);
    }

    let hold = LegalHold {
        placed_by,
        reason: operation.reason,
        placed_at: state.now,
    };
    holds.holds.insert(position, hold);
    state.assurance.legal_holds.insert(account, holds);
    append(state, account, &hold, None);
    Ok(())
}

/// An authority, a regulator, the account's sponsor, or who lends to its holder.
fn may_place(state: &WorkingState<'_>, id: ParticipantId, account: AccountId) -> bool {
    is_active_as(state, id, Role::Authority)
        || is_active_as(state, id, Role::Regulator)
        || is_holder_or_sponsor(state, Subject::Participant(id), account)
        || lends_to(state, id, account)
}

/// Whether an organisation is the lender of a loan of the account's holder that is not over.
fn lends_to(state: &WorkingState<'_>, id: ParticipantId, account: AccountId) -> bool {
    let debtor = state.debtors.get(&account);
    let is_its = |loan| state.loans.get(&loan).is_some_and(|loan| loan.lender == id);
    debtor.is_some_and(|debtor| open_loans(state, debtor).any(is_its))
}

pub(super) fn lift(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &LegalHoldLift,
) -> Result<(), Outcome> {
    let account = operation.account;
    let LegalHoldLift { placed_by, .. } = *operation;
    let lifted_by = match author {
        Subject::Participant(id) if id == placed_by || is_active_as(state, id, Role::Regulator) => {
            id
        }
        _ => return Err(Outcome::NotPermitted),
    };
    let before = state.assurance.legal_holds.get(&account);
    let mut holds = before.cloned().ok_or(Outcome::LegalHoldUnknown)?;
    let position = holds.position(placed_by);
    let position = position.map_err(|_| Outcome::LegalHoldUnknown)?;

    let hold = holds.holds.remove(position);
    if holds.holds.is_empty() {
        state.assurance.legal_holds.remove(account);
    } else {
        state.assurance.legal_holds.insert(account, holds);
    }
    append(state, account, &hold, Some(lifted_by));
    Ok(())
}

fn append(
    state: &mut WorkingState<'_>,
    account: AccountId,
    hold: &LegalHold,
    lifted_by: Option<ParticipantId>,
) {
    let event = AssuranceEvent::LegalHoldSet(LegalHoldSet {
        placed_by: hold.placed_by,
        reason: hold.reason,
        lifted_by,
    });
    let subject = Subject::Account(account);
    events::append(state, subject, EventDetail::Assurance(event));
}
