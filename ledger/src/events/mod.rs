//! Histories: every event is hashed into the chain of its subject.

mod log;

pub(crate) use log::EventLog;
pub use log::EventRecord;

use std::sync::Arc;

use talea_types::{
    AccountId, Amount, Asset, Event, EventDetail, Subject, Timestamp,
    event::{Posted, PostingKind},
};

use crate::state::WorkingState;

/// Adds an event to the history of a subject that exists.
pub(crate) fn append(state: &mut WorkingState<'_>, subject: Subject, detail: EventDetail) {
    append_shared(state, subject, Arc::new(detail));
}

/// Adds the same event to the histories of subjects that exist.
pub(crate) fn append_to_all(
    state: &mut WorkingState<'_>,
    subjects: impl IntoIterator<Item = Subject>,
    detail: EventDetail,
) {
    let detail = Arc::new(detail);
    for subject in subjects {
        append_shared(state, subject, Arc::clone(&detail));
    }
}

fn append_shared(state: &mut WorkingState<'_>, subject: Subject, detail: Arc<EventDetail>) {
    let mut event = Event {
        subject,
        sequence: 0,
        height: state.height,
        time: state.now,
        cause: state.cause,
        detail,
    };
    let mut log = std::mem::take(&mut state.events);
    let Some(chain) = state.events_mut(&subject) else {
        unreachable!("an event of a subject that is not on the ledger: {subject}")
    };
    event.sequence = chain.length();
    chain.append(&log.push(event));
    state.events = log;
}

/// Adds a movement to the history of an account, with the balances that it has now.
pub(crate) fn append_posted(state: &mut WorkingState<'_>, account: AccountId, mut posted: Posted) {
    let balance = state.accounts.get(&account);
    if let Some(balance) = balance.and_then(|account| account.balance(posted.asset)) {
        posted.available = balance.available;
        posted.held = balance.held;
    }
    append(
        state,
        Subject::Account(account),
        EventDetail::Posted(posted),
    );
}

/// A movement about which nothing but the amount is known yet.
pub(crate) fn posted(kind: PostingKind, asset: Asset, amount: Amount) -> Posted {
    Posted {
        kind,
        asset,
        amount,
        available: Amount::ZERO,
        held: Amount::ZERO,
        counterparty: None,
        purpose: None,
        end_to_end_id: String::new(),
        travel_rule_commitment: None,
        hold: None,
        until: Timestamp::default(),
        original: None,
    }
}
