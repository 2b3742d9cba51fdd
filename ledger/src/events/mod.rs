//! Histories: every event is hashed into the chain of its subject.

use talea_types::{
    AccountId, Amount, Asset, Event, EventDetail, Subject, Timestamp,
    event::{Posted, PostingKind},
};

use crate::{execution::EventRecord, state::WorkingState};

/// Adds an event to the history of a subject that exists.
pub(crate) fn append(state: &mut WorkingState<'_>, subject: Subject, detail: EventDetail) {
    let (height, time, cause) = (state.height, state.now, state.cause);
    let Some(chain) = state.events_mut(&subject) else {
        unreachable!("an event of a subject that is not on the ledger: {subject}")
    };
    let event = Event {
        subject,
        sequence: chain.length(),
        height,
        time,
        cause,
        detail,
    };
    let mut encoded = Vec::with_capacity(256);
    event.encode_into(&mut encoded);
    chain.append(&Event::hash_of(&encoded));
    state.events.push(EventRecord { event, encoded });
}

/// Adds a movement to the history of an account, with the balances that it has now.
pub(crate) fn append_posted(state: &mut WorkingState<'_>, account: AccountId, posted: Posted) {
    let balance = state.accounts.get(&account);
    let balance = balance.and_then(|account| account.balance(posted.asset));
    let (available, held) = balance.map_or_else(Default::default, |one| (one.available, one.held));
    append(
        state,
        Subject::Account(account),
        EventDetail::Posted(Posted {
            available,
            held,
            ..posted
        }),
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
