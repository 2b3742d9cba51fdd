//! The limits of an account's tier on what its holder debits: transfers and holds.
//!
//! A hold counts when it is placed; what is released later is not given back. Issue, redeem, capture
//! and refund do not count.

use talea_types::{
    AccountId, Amount, Asset, Outcome, Timestamp,
    state::{Account, Network, Spending, TierLimit},
};

use crate::state::WorkingState;

fn limit_of<'a>(network: &'a Network, account: &Account, asset: Asset) -> Option<&'a TierLimit> {
    let tier = usize::try_from(account.tier).ok()?;
    network.tiers.get(tier)?.limit(asset)
}

/// What the counters would be after a debit, each `None` above the largest amount.
fn after_debit(spending: &Spending, amount: Amount, now: Timestamp) -> [Option<Amount>; 2] {
    [spending.on_day_of(now), spending.in_month_of(now)].map(|spent| spent.try_add(amount))
}

/// Checks a debit against the tier of the account.
pub(crate) fn check_limits(
    state: &WorkingState<'_>,
    account: &Account,
    asset: Asset,
    amount: Amount,
) -> Result<(), Outcome> {
    let Some(limit) = limit_of(state.network(), account, asset) else {
        return Ok(());
    };
    let spending = account.balance(asset).map(|balance| balance.spending);
    let [day, month] = after_debit(&spending.unwrap_or_default(), amount, state.now);
    if amount > limit.per_transaction {
        return Err(Outcome::LimitPerTransaction);
    }
    if day.is_none_or(|day| day > limit.per_day) {
        return Err(Outcome::LimitPerDay);
    }
    if month.is_none_or(|month| month > limit.per_month) {
        return Err(Outcome::LimitPerMonth);
    }
    Ok(())
}

/// Counts a debit that was checked and posted.
pub(crate) fn apply_spending(
    state: &mut WorkingState<'_>,
    account: AccountId,
    asset: Asset,
    amount: Amount,
) {
    let now = state.now;
    let network = state.network.as_ref().unwrap_or(&state.base.network);
    let Some(account) = state.accounts.get_mut(&account) else {
        unreachable!("{account} was debited")
    };
    if limit_of(network, account, asset).is_none() {
        return;
    }
    let balance = account
        .balances
        .iter_mut()
        .find(|balance| balance.asset == asset);
    let Some(balance) = balance else {
        unreachable!("{asset} was debited")
    };
    let [day, month] = after_debit(&balance.spending, amount, now);
    let (Some(day_amount), Some(month_amount)) = (day, month) else {
        unreachable!("a debit within its limits")
    };
    balance.spending = Spending {
        day: now.day(),
        day_amount,
        month: now.month(),
        month_amount,
    };
}
