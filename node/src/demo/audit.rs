//! What the outsider verifies after the play, and what the ledger says in the end.

use std::collections::BTreeMap;

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use talea_client::HistoryProof;
use talea_types::{
    Asset, ParticipantId,
    state::{Account, AssetTotals, Position, StateKey},
};

use super::{
    Scenario,
    berka::{BerkaPlan, Dataset, Figures, HOME},
    outsider::{EqualRoots, Outsider},
    plan::AccountNumber,
    play::Played,
    progress::Progress,
};

/// Receipts that are fetched and verified.
const RECEIPTS: usize = 50;
/// Histories that are verified of a day; of a bank's books, all are.
const HISTORIES: usize = 40;
/// Look-ups at once.
const AT_ONCE: usize = 8;

/// What was verified, against the genesis document alone.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Audit {
    /// The state that all validators agree on.
    pub roots: EqualRoots,
    /// Receipts that verified.
    pub receipts: usize,
    /// Altered receipts, every one of them found out.
    pub forgeries_refused: usize,
    /// Accounts whose whole history and balance verified.
    pub histories: usize,
    /// Events in them.
    pub events: usize,
    /// The sums of each asset.
    pub assets: BTreeMap<Asset, Sums>,
    /// Of a bank's books, what the ledger says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<Figures>,
}

/// The sums of an asset over the whole ledger, minor units.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Sums {
    /// On all accounts.
    pub accounts: u64,
    /// What all banks owe: the same.
    pub liabilities: u64,
    /// What all banks have at the settlement agent.
    pub reserves: u64,
}

/// An account with its verified history.
struct Known {
    number: AccountNumber,
    account: Account,
    history: HistoryProof,
}

impl Audit {
    /// Verifies.
    ///
    /// # Errors
    /// When anything does not verify or balance.
    pub async fn run(
        scenario: &Scenario,
        played: &Played,
        outsider: &Outsider,
    ) -> anyhow::Result<Self> {
        let roots = outsider.compare_roots().await?;
        let proofs = outsider
            .verify_receipts(&played.tally.sample(RECEIPTS))
            .await?;
        let forgeries_refused = outsider.refuse_forgeries(&proofs)?;
        let numbers = match scenario {
            Scenario::Berka(berka, _) => (0..berka.plan.accounts.len()).collect(),
            Scenario::Day(plan) => sample(plan.accounts.len()),
        };
        let known = histories(numbers, played, outsider).await?;
        let assets = sums(scenario, outsider).await?;
        let figures = match scenario {
            Scenario::Berka(berka, dataset) => {
                Some(figures(berka, dataset, &known, &assets, outsider).await?)
            }
            Scenario::Day(_) => None,
        };
        Ok(Self {
            roots,
            receipts: proofs.len(),
            forgeries_refused,
            histories: known.len(),
            events: known.iter().map(|one| one.history.events.len()).sum(),
            assets,
            figures,
        })
    }
}

/// Accounts spread over all, the last of them included: those are the ones with a story.
fn sample(count: usize) -> Vec<AccountNumber> {
    let step = count.div_ceil(HISTORIES).max(1);
    (0..count).rev().step_by(step).collect()
}

async fn histories(
    numbers: Vec<AccountNumber>,
    played: &Played,
    outsider: &Outsider,
) -> anyhow::Result<Vec<Known>> {
    let mut progress = Progress::new("histories", numbers.len());
    let mut known = Vec::with_capacity(numbers.len());
    let fetch = |number| async move {
        let history = outsider
            .history(played.cast.account(number)?, number)
            .await?;
        let value = history.subject.value.as_ref();
        let account = Account::decode(value.context("an account without state")?)?;
        Ok::<_, anyhow::Error>(Known {
            number,
            account,
            history,
        })
    };
    let mut fetched = stream::iter(numbers).map(fetch).buffered(AT_ONCE);
    while let Some(one) = fetched.try_next().await? {
        known.push(one);
        progress.advance(1, "complete");
    }
    Ok(known)
}

/// The sums of every asset that the scenario pays with.
async fn sums(scenario: &Scenario, outsider: &Outsider) -> anyhow::Result<BTreeMap<Asset, Sums>> {
    let mut sums = BTreeMap::new();
    for payment in scenario
        .plan()
        .openings
        .iter()
        .chain(scenario.plan().payments())
    {
        let asset = payment.asset;
        if sums.contains_key(&asset) {
            continue;
        }
        let value = outsider.state(&StateKey::Asset(asset)).await?;
        let totals = AssetTotals::decode(&value.context("an asset without totals")?)?;
        anyhow::ensure!(
            totals.accounts == totals.liabilities,
            "{asset} does not balance: {} on accounts, {} owed by banks",
            totals.accounts,
            totals.liabilities
        );
        let of = Sums {
            accounts: totals.accounts.minor_units(),
            liabilities: totals.liabilities.minor_units(),
            reserves: totals.reserves.minor_units(),
        };
        sums.insert(asset, of);
    }
    Ok(sums)
}

/// What the ledger says of the bank's books, with nothing left unexplained: the balances of all
/// accounts are all there is of the currency.
async fn figures(
    berka: &BerkaPlan,
    dataset: &Dataset,
    known: &[Known],
    assets: &BTreeMap<Asset, Sums>,
    outsider: &Outsider,
) -> anyhow::Result<Figures> {
    let asset = super::koruna()?;
    let by_number: BTreeMap<AccountNumber, &Known> =
        known.iter().map(|one| (one.number, one)).collect();
    let find = |number: &AccountNumber| by_number.get(number).context("an account is missing");
    let mut figures = Figures {
        rows: dataset.transactions.len(),
        skipped: dataset.skipped.clone(),
        ..Figures::default()
    };
    for (id, number) in &berka.customers {
        let one = find(number)?;
        figures.add_customer(*id, asset, &one.account, &one.history.events);
    }
    for (code, number) in &berka.bank_accounts {
        let one = find(number)?;
        figures.add_bank(code, asset, &one.account, &one.history.events);
        let gained = reserve_gained(outsider, one.account.sponsor, asset).await?;
        figures.reserves_gained.insert(code.clone(), gained);
    }
    let banks: u64 = figures.bank_balances.values().sum();
    let all = figures.balances_total + banks;
    let on_ledger = assets.get(&asset).map_or(0, |sums| sums.accounts);
    anyhow::ensure!(
        all == on_ledger,
        "the accounts have {all} haler together, the ledger says {on_ledger}"
    );
    let home = figures.reserves_gained.get(HOME);
    anyhow::ensure!(home.is_some(), "the home bank has no position");
    Ok(figures)
}

/// What a bank has more than genesis gave it; negative for less.
async fn reserve_gained(
    outsider: &Outsider,
    bank: ParticipantId,
    asset: Asset,
) -> anyhow::Result<i128> {
    let value = outsider.state(&StateKey::Position(bank, asset)).await?;
    let position = Position::decode(&value.context("a bank without position")?)?;
    let given = outsider.reserve_at_genesis(bank, asset);
    Ok(i128::from(position.reserve.minor_units()) - i128::from(given))
}
