//! That the sums are what they must be.

use std::collections::BTreeMap;

use talea_types::{
    AccountId, AgreementId, Asset, HoldId, LoanId, ParticipantId,
    state::{AssetTotals, Hold, Position},
};

use super::claims::verify_claims;
use crate::state::{Changes, State};

/// Objects that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConservationError {
    /// The liabilities of a sponsor are not the sum of what is on its accounts.
    #[error("{sponsor} owes {recorded} {asset}, but its accounts hold {found}")]
    Liabilities {
        /// The sponsor.
        sponsor: ParticipantId,
        /// The asset.
        asset: Asset,
        /// In its position.
        recorded: u64,
        /// On its accounts.
        found: u128,
    },
    /// The totals of an asset are not the sums of its objects, or do not balance.
    #[error("the totals of {asset} do not balance or are not the sums of its objects")]
    Totals {
        /// The asset.
        asset: Asset,
    },
    /// What an account has reserved is not the sum of its holds.
    #[error("{account} has {recorded} {asset} reserved, but its holds sum to {found}")]
    Holds {
        /// The account.
        account: AccountId,
        /// The asset.
        asset: Asset,
        /// In its balance.
        recorded: u64,
        /// In its holds.
        found: u128,
    },
    /// An account counts another number of holds than there are.
    #[error("{account} counts {recorded} holds; there are {found}")]
    HoldCount {
        /// The account.
        account: AccountId,
        /// In the account.
        recorded: u32,
        /// In the state.
        found: u32,
    },
    /// The claims on a loan are not its principal, or something is owed on one that is closed.
    #[error("{loan} owes a principal of {principal}, but the claims on it sum to {claims}")]
    Claims {
        /// The loan.
        loan: LoanId,
        /// Owed.
        principal: u128,
        /// Of all funders.
        claims: u128,
    },
    /// An agreement counts another sum than its loans owe.
    #[error("{agreement} counts {recorded} outstanding; its loans owe {found}")]
    Outstanding {
        /// The agreement.
        agreement: AgreementId,
        /// In the agreement.
        recorded: u64,
        /// Owed on its loans.
        found: u128,
    },
    /// A debtor's list is not that of its open loans.
    #[error("{debtor} has other open loans than its record says")]
    OpenLoans {
        /// The debtor.
        debtor: AccountId,
    },
    /// An object names another that is not there.
    #[error("{object} names {missing}, which is not in the state")]
    Dangling {
        /// The object.
        object: String,
        /// What it names.
        missing: String,
    },
}

/// Asserts, from the running totals, that every asset that a block touched balances.
pub(crate) fn assert_balanced(changes: &Changes) {
    for (asset, totals) in changes.assets.iter() {
        let balanced = totals.is_some_and(AssetTotals::is_balanced);
        assert!(balanced, "{asset} does not balance: {totals:?}");
    }
    for (key, position) in changes.positions.iter() {
        let covered = position.is_some_and(|position| position.liabilities <= position.reserve);
        assert!(
            covered,
            "liabilities above the reserve: {key:?} {position:?}"
        );
    }
}

/// Recomputes every sum from all objects.
///
/// # Errors
/// The first contradiction.
pub(crate) fn verify_state(state: &State) -> Result<(), ConservationError> {
    let mut reserved = reserved_by_holds(state)?;
    let mut owed: BTreeMap<(ParticipantId, Asset), u128> = BTreeMap::new();
    for (id, account) in state.accounts.iter() {
        check_named(
            id,
            &account.sponsor,
            state.participants.contains(&account.sponsor),
        )?;
        let mut holds: u32 = 0;
        for balance in &account.balances {
            check_named(id, &balance.asset, state.assets.contains(&balance.asset))?;
            let on_account = u128::from(balance.available.minor_units())
                .saturating_add(u128::from(balance.held.minor_units()));
            let sum = owed.entry((account.sponsor, balance.asset)).or_default();
            *sum = sum.saturating_add(on_account);
            let (found, count) = reserved.remove(&(*id, balance.asset)).unwrap_or_default();
            if found != u128::from(balance.held.minor_units()) {
                return Err(ConservationError::Holds {
                    account: *id,
                    asset: balance.asset,
                    recorded: balance.held.minor_units(),
                    found,
                });
            }
            holds = holds.saturating_add(count);
        }
        if holds != account.open_holds {
            return Err(ConservationError::HoldCount {
                account: *id,
                recorded: account.open_holds,
                found: holds,
            });
        }
    }
    if let Some((account, asset)) = reserved.keys().next() {
        check_named(account, asset, false)?;
    }
    for (id, right) in state.refund_rights.iter() {
        for account in [right.from, right.to] {
            check_named(&id.0, &account, state.accounts.contains(&account))?;
        }
    }
    verify_claims(state)?;
    verify_positions(state, owed)
}

/// For each account and asset: the sum and the number of its holds.
type Reserved = BTreeMap<(AccountId, Asset), (u128, u32)>;

fn reserved_by_holds(state: &State) -> Result<Reserved, ConservationError> {
    let mut reserved = Reserved::new();
    for (id, hold) in state.holds.iter() {
        check_hold(state, id, hold)?;
        let (sum, count) = reserved.entry((hold.from, hold.asset)).or_default();
        *sum = sum.saturating_add(u128::from(hold.amount.minor_units()));
        *count = count.saturating_add(1);
    }
    Ok(reserved)
}

fn check_hold(state: &State, id: &HoldId, hold: &Hold) -> Result<(), ConservationError> {
    for account in [hold.from, hold.to] {
        check_named(id, &account, state.accounts.contains(&account))?;
    }
    Ok(())
}

/// Compares what accounts hold with what sponsors owe, and both with the totals.
fn verify_positions(
    state: &State,
    mut owed: BTreeMap<(ParticipantId, Asset), u128>,
) -> Result<(), ConservationError> {
    let mut sums: BTreeMap<Asset, [u128; 2]> = BTreeMap::new();
    for ((sponsor, asset), position) in state.positions.iter() {
        check_named(sponsor, sponsor, state.participants.contains(sponsor))?;
        check_named(sponsor, asset, state.assets.contains(asset))?;
        let found = owed.remove(&(*sponsor, *asset)).unwrap_or_default();
        check_liabilities((*sponsor, *asset), position, found)?;
        let [liabilities, reserves] = sums.entry(*asset).or_default();
        *liabilities = liabilities.saturating_add(found);
        *reserves = reserves.saturating_add(u128::from(position.reserve.minor_units()));
    }
    for (key, found) in owed {
        check_liabilities(key, &Position::default(), found)?;
    }
    for (asset, totals) in state.assets.iter() {
        let [liabilities, reserves] = sums.remove(asset).unwrap_or_default();
        let recorded = u128::from(totals.liabilities.minor_units()) == liabilities
            && u128::from(totals.reserves.minor_units()) == reserves;
        if !recorded || !totals.is_balanced() {
            return Err(ConservationError::Totals { asset: *asset });
        }
    }
    Ok(())
}

fn check_liabilities(
    (sponsor, asset): (ParticipantId, Asset),
    position: &Position,
    found: u128,
) -> Result<(), ConservationError> {
    if u128::from(position.liabilities.minor_units()) == found {
        return Ok(());
    }
    Err(ConservationError::Liabilities {
        sponsor,
        asset,
        recorded: position.liabilities.minor_units(),
        found,
    })
}

pub(super) fn check_named(
    object: &impl ToString,
    named: &impl ToString,
    present: bool,
) -> Result<(), ConservationError> {
    if present {
        return Ok(());
    }
    Err(ConservationError::Dangling {
        object: object.to_string(),
        missing: named.to_string(),
    })
}
