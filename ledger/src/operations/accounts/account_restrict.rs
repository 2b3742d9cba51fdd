//! `AccountRestrict`: the sponsor, a monitor, an authority or a regulator restricts an account, or
//! lifts a restriction. It lapses by itself at its review date. One that is in force gives way only to
//! somebody of the same rank or above: sponsor < monitor < authority < regulator.

use talea_types::{
    EventDetail, Outcome, ParticipantId, Subject,
    event::AccountRestricted,
    limits::RESTRICTION_MS_MAX,
    operation::{AccountRestrict, Restriction},
    state::{Account, AccountRestriction, Participant, Role},
};

use crate::{events, state::WorkingState};

/// Who may restrict, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Sponsor,
    Monitor,
    Authority,
    Regulator,
}

pub(crate) fn account_restrict(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &AccountRestrict,
) -> Result<(), Outcome> {
    let Subject::Participant(placed_by) = author else {
        return Err(Outcome::NotPermitted);
    };
    let account = state.accounts.get(&operation.account);
    if let Some(account) = account
        && !may_restrict(state, placed_by, account)
    {
        return Err(Outcome::NotPermitted);
    }
    let lifts = operation.restriction == Restriction::None;
    let latest = state.now.plus_millis(RESTRICTION_MS_MAX);
    let timely = state.now < operation.review_by && operation.review_by <= latest;
    if !lifts && !timely {
        return Err(Outcome::TimeOutOfRange);
    }
    if account.ok_or(Outcome::AccountUnknown)?.closed {
        return Err(Outcome::AccountClosed);
    }

    let restriction = operation
        .notice_commitment
        .filter(|_| !lifts)
        .map(|notice_commitment| AccountRestriction {
            restriction: operation.restriction,
            reason: operation.reason,
            notice_commitment,
            review_by: operation.review_by,
            placed_by,
        });
    if let Some(account) = state.accounts.get_mut(&operation.account) {
        account.restriction = restriction;
    }
    let detail = EventDetail::Restricted(AccountRestricted {
        restriction: operation.restriction,
        reason: operation.reason,
        notice_commitment: operation.notice_commitment,
        review_by: operation.review_by,
        placed_by,
    });
    events::append(state, Subject::Account(operation.account), detail);
    Ok(())
}

fn may_restrict(state: &WorkingState<'_>, author: ParticipantId, account: &Account) -> bool {
    let rank_of = |id: ParticipantId| {
        let participant = state.participants.get(&id)?;
        rank(participant, id == account.sponsor)
    };
    let active = state.participants.get(&author);
    let Some(rank) = rank_of(author).filter(|_| active.is_some_and(|one| one.is_active(state.now)))
    else {
        return false;
    };
    match &account.restriction {
        Some(placed) if state.now < placed.review_by => Some(rank) >= rank_of(placed.placed_by),
        _ => true,
    }
}

fn rank(participant: &Participant, is_sponsor: bool) -> Option<Rank> {
    let by_role = [
        (Role::Regulator, Rank::Regulator),
        (Role::Authority, Rank::Authority),
        (Role::Monitor, Rank::Monitor),
    ];
    let by_role = by_role
        .iter()
        .find(|(role, _)| participant.has_role(*role))
        .map(|(_, rank)| *rank);
    by_role.or(is_sponsor.then_some(Rank::Sponsor))
}
