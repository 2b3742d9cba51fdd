//! The only function that changes a balance, a liability or a reserve.

use talea_types::{
    AccountId, Amount, Asset, ParticipantId,
    state::{Balance, Position},
};

use crate::state::WorkingState;

/// One side of a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// What an account can spend.
    Available(AccountId),
    /// What holds reserve on an account.
    Held(AccountId),
    /// The sponsor itself: its liability comes into being or ends.
    Issuer,
}

/// An amount that leaves one side and enters another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Posting {
    pub(crate) asset: Asset,
    pub(crate) amount: Amount,
    pub(crate) debit: Side,
    pub(crate) credit: Side,
}

/// By how much a posting changed each sum, measured on the objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Change {
    accounts: i128,
    liabilities: i128,
    reserves: i128,
}

/// Posts. The caller has checked that the accounts are there, that the amount is on the debit side and
/// that the sponsor's reserve allows an issue: a failure here is a bug.
pub(crate) fn apply_posting(state: &mut WorkingState<'_>, posting: Posting) {
    let Posting { asset, amount, .. } = posting;
    let mut change = Change::default();
    let from = change_balance(state, asset, posting.debit, &mut change, |balance| {
        balance.try_sub(amount)
    });
    let to = change_balance(state, asset, posting.credit, &mut change, |balance| {
        balance.try_add(amount)
    });
    let less = |amount_of: Amount| amount_of.try_sub(amount);
    let more = |amount_of: Amount| amount_of.try_add(amount);
    match (from, to) {
        // Within one sponsor nothing else moves.
        (Some(from), Some(to)) if from == to => {}
        // Gross settlement: the banks' reserves move with their liabilities.
        (Some(from), Some(to)) => {
            change_position(state, (from, asset), &mut change, |position| {
                Some(Position {
                    reserve: less(position.reserve)?,
                    liabilities: less(position.liabilities)?,
                })
            });
            change_position(state, (to, asset), &mut change, |position| {
                Some(Position {
                    reserve: more(position.reserve)?,
                    liabilities: more(position.liabilities)?,
                })
            });
        }
        (None, Some(to)) => change_position(state, (to, asset), &mut change, |position| {
            Some(Position {
                liabilities: more(position.liabilities)?,
                ..position
            })
        }),
        (Some(from), None) => change_position(state, (from, asset), &mut change, |position| {
            Some(Position {
                liabilities: less(position.liabilities)?,
                ..position
            })
        }),
        (None, None) => unreachable!("a posting touches an account: {posting:?}"),
    }
    assert!(
        change.accounts == change.liabilities && change.reserves == 0,
        "{posting:?} does not balance: {change:?}"
    );
    if change != Change::default() {
        change_totals(state, asset, &change);
    }
}

/// Changes a balance and returns the account's sponsor; `None` for the issuer.
fn change_balance(
    state: &mut WorkingState<'_>,
    asset: Asset,
    side: Side,
    change: &mut Change,
    changed: impl Fn(Amount) -> Option<Amount>,
) -> Option<ParticipantId> {
    let (Side::Available(id) | Side::Held(id)) = side else {
        return None;
    };
    let Some(account) = state.accounts.get_mut(&id) else {
        unreachable!("a posting on {id}, which is not on the ledger")
    };
    let place = account
        .balances
        .partition_point(|balance| balance.asset < asset);
    if account.balances.get(place).map(|balance| balance.asset) != Some(asset) {
        account.balances.insert(place, Balance::empty(asset));
    }
    let Some(balance) = account.balances.get_mut(place) else {
        unreachable!("a balance was inserted here")
    };
    let slot = match side {
        Side::Held(_) => &mut balance.held,
        _ => &mut balance.available,
    };
    let Some(after) = changed(*slot) else {
        unreachable!("{asset} on {id} cannot be posted: {} {side:?}", *slot)
    };
    change.accounts = change.accounts.saturating_add(difference(*slot, after));
    *slot = after;
    Some(account.sponsor)
}

fn change_position(
    state: &mut WorkingState<'_>,
    key: (ParticipantId, Asset),
    change: &mut Change,
    changed: impl Fn(Position) -> Option<Position>,
) {
    // A bank that was given no reserve at genesis gets one with its first incoming transfer.
    if state.positions.get(&key).is_none() {
        state.positions.insert(key, Position::default());
    }
    let Some(position) = state.positions.get_mut(&key) else {
        unreachable!("a position was inserted here")
    };
    let after = changed(*position);
    let Some(after) = after.filter(|after| after.liabilities <= after.reserve) else {
        unreachable!("the position {position:?} of {key:?} cannot be changed so")
    };
    let liabilities = difference(position.liabilities, after.liabilities);
    let reserves = difference(position.reserve, after.reserve);
    change.liabilities = change.liabilities.saturating_add(liabilities);
    change.reserves = change.reserves.saturating_add(reserves);
    *position = after;
}

fn change_totals(state: &mut WorkingState<'_>, asset: Asset, change: &Change) {
    let Some(totals) = state.assets.get_mut(&asset) else {
        unreachable!("a posting of {asset}, which the network does not carry")
    };
    let add = |total: Amount, by: i128| {
        let sum = i128::from(total.minor_units()).saturating_add(by);
        let Some(sum) = u64::try_from(sum).ok().and_then(Amount::new) else {
            unreachable!("a total of {asset} would be {sum}")
        };
        sum
    };
    totals.accounts = add(totals.accounts, change.accounts);
    totals.liabilities = add(totals.liabilities, change.liabilities);
    totals.reserves = add(totals.reserves, change.reserves);
}

fn difference(before: Amount, after: Amount) -> i128 {
    i128::from(after.minor_units()).saturating_sub(i128::from(before.minor_units()))
}
