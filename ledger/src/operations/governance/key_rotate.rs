//! `KeyRotate`: the author's key policy is replaced. The new keys sign too, as many as their threshold,
//! so that nobody locks himself out; the policy before suffices until the overlap ends.

use talea_types::{
    EventDetail, Outcome, Subject, event::KeysRotated, limits::KEY_OVERLAP_MS_MAX,
    operation::KeyRotate, state::Keys,
};

use crate::{events, state::WorkingState};

pub(crate) fn key_rotate(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &KeyRotate,
) -> Result<(), Outcome> {
    let KeyRotate {
        policy,
        overlap_until,
    } = operation;
    policy
        .check_registrable()
        .map_err(|_| Outcome::KeyRefused)?;
    let has_overlap = overlap_until.millis() != 0;
    let latest = state.now.plus_millis(KEY_OVERLAP_MS_MAX);
    if has_overlap && !(state.now < *overlap_until && *overlap_until <= latest) {
        return Err(Outcome::TimeOutOfRange);
    }
    if let Subject::Account(id) = author
        && state.accounts.get(&id).is_none_or(|account| account.closed)
    {
        return Err(Outcome::AccountClosed);
    }

    let Some(keys) = state.keys_mut(&author) else {
        unreachable!("the author is on the ledger")
    };
    let before = keys.current.clone();
    *keys = Keys {
        current: policy.clone(),
        previous: has_overlap.then_some((before, *overlap_until)),
    };
    let detail = EventDetail::KeysRotated(KeysRotated {
        policy: policy.clone(),
        overlap_until: *overlap_until,
    });
    events::append(state, author, detail);
    Ok(())
}
