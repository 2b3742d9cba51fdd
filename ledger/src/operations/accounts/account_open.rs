//! `AccountOpen`: a bank or operator opens an account for a holder, whose keys sign too. The author
//! becomes the sponsor; the account's id follows from the transaction's.

use talea_types::{
    AccountId, EventChain, EventDetail, Outcome, Subject,
    event::AccountOpened,
    operation::AccountOpen,
    state::{Account, Keys, NonceWindow},
};

use crate::{events, state::WorkingState};

pub(crate) fn account_open(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &AccountOpen,
) -> Result<(), Outcome> {
    let Some(cause) = state.cause else {
        unreachable!("an operation has its transaction")
    };
    let id = AccountId::opened_by(cause.transaction);
    let sponsor = match author {
        Subject::Participant(sponsor) => sponsor,
        _ => return Err(Outcome::NotPermitted),
    };
    let Some(participant) = state.participants.get(&sponsor) else {
        unreachable!("the author is on the ledger")
    };
    if !participant.is_sponsor() {
        return Err(Outcome::NotPermitted);
    }
    operation
        .policy
        .check_registrable()
        .map_err(|_| Outcome::KeyRefused)?;
    // Ids have 128 bits: that two transactions lead to one is unlikely, not impossible.
    if state.accounts.get(&id).is_some() {
        return Err(Outcome::AccountExists);
    }
    let tier = usize::try_from(operation.tier).ok();
    if tier.is_none_or(|tier| state.network().tiers.get(tier).is_none()) {
        return Err(Outcome::TierUnknown);
    }
    if !participant.is_active(state.now) {
        return Err(Outcome::SponsorSuspended);
    }

    let account = Account {
        kind: operation.kind,
        sponsor,
        keys: Keys::new(operation.policy.clone()),
        tier: operation.tier,
        holder_commitment: operation.holder_commitment,
        closed: false,
        restriction: None,
        open_holds: 0,
        nonces: NonceWindow::default(),
        events: EventChain::default(),
        balances: Vec::new(),
    };
    state.accounts.insert(id, account);
    let detail = EventDetail::Opened(AccountOpened {
        kind: operation.kind,
        sponsor,
        policy: operation.policy.clone(),
        tier: operation.tier,
        holder_commitment: operation.holder_commitment,
    });
    events::append(state, Subject::Account(id), detail);
    Ok(())
}
