//! The files as a plan: each day is a wave.

use std::collections::BTreeMap;

use talea_types::{
    Asset, Outcome,
    operation::{AccountKind, Purpose},
    time::DAY_MS,
};

use super::records::{Dataset, OrderRow, RowKind, TransactionRow};
use crate::demo::{
    funding::openings,
    plan::{AccountNumber, Action, Payment, Plan, PlannedAccount, Transfer, Wave},
};

/// Name of the bank whose books these are.
pub const HOME: &str = "home";
/// Limits of genesis that hold no payment of the files up.
const TIER_UNLIMITED: u32 = 2;

/// The plan, and who is who in it.
#[derive(Debug)]
pub struct BerkaPlan {
    /// The plan.
    pub plan: Plan,
    /// The account of each account number of the files.
    pub customers: BTreeMap<u64, AccountNumber>,
    /// The account of each bank, by its code or [`HOME`].
    pub bank_accounts: BTreeMap<String, AccountNumber>,
}

struct Builder {
    asset: Asset,
    customers: BTreeMap<u64, AccountNumber>,
    bank_accounts: BTreeMap<String, AccountNumber>,
}

impl BerkaPlan {
    /// Plans the replay.
    #[must_use]
    pub fn new(dataset: &Dataset, asset: Asset) -> Self {
        let mut codes: Vec<&str> = dataset.transactions.iter().filter_map(bank_of).collect();
        codes.extend(dataset.orders.iter().map(|order| order.bank.as_str()));
        codes.sort_unstable();
        codes.dedup();
        let banks: Vec<String> = [HOME].into_iter().chain(codes).map(str::to_owned).collect();

        let account = |name: String, bank, kind| PlannedAccount {
            name,
            bank,
            kind,
            tier: TIER_UNLIMITED,
        };
        let own = banks.iter().enumerate();
        let own = own.map(|(bank, name)| account(format!("bank {name}"), bank, AccountKind::Own));
        let wallets = dataset.accounts.iter();
        let wallets = wallets.map(|id| account(format!("account {id}"), 0, AccountKind::Wallet));
        let builder = Builder {
            asset,
            customers: dataset
                .accounts
                .iter()
                .copied()
                .zip(banks.len()..)
                .collect(),
            bank_accounts: banks.iter().cloned().zip(0..).collect(),
        };
        let accounts = own.chain(wallets).collect();
        let mut plan = Plan {
            waves: builder.waves(dataset),
            accounts,
            banks,
            openings: Vec::new(),
        };
        let bank_count = plan.banks.len();
        let kind = |account| {
            if account < bank_count {
                "bank_opening"
            } else {
                "opening"
            }
        };
        plan.openings = openings(&plan, kind);
        Self {
            plan,
            customers: builder.customers,
            bank_accounts: builder.bank_accounts,
        }
    }
}

impl Builder {
    fn waves(&self, dataset: &Dataset) -> Vec<Wave> {
        let mut waves: Vec<Wave> = Vec::new();
        for row in &dataset.transactions {
            if waves.last().is_none_or(|wave| wave.label != row.date) {
                waves.push(Wave {
                    label: row.date.clone(),
                    advance_ms: DAY_MS,
                    payments: Vec::new(),
                });
            }
            if let (Some(wave), Some(payment)) = (waves.last_mut(), self.payment(row)) {
                wave.payments.push(payment);
            }
        }
        let orders = dataset.orders.iter().filter_map(|order| self.order(order));
        waves.push(Wave {
            label: "standing orders".to_owned(),
            advance_ms: DAY_MS,
            payments: orders.collect(),
        });
        waves
    }

    fn payment(&self, row: &TransactionRow) -> Option<Payment> {
        let customer = *self.customers.get(&row.account)?;
        let bank = |code: &str| self.bank_accounts.get(code).copied();
        let pay = |from, to, purpose| Action::Transfer(Transfer::new(from, to, purpose));
        let (kind, action) = match &row.kind {
            RowKind::Deposit => ("deposit", Action::Issue(customer)),
            RowKind::TransferIn(code) => {
                ("transfer_in", pay(bank(code)?, customer, Purpose::Other))
            }
            RowKind::Interest => ("interest", pay(bank(HOME)?, customer, Purpose::Other)),
            RowKind::Withdrawal => ("withdrawal", Action::Redeem(customer)),
            RowKind::CardWithdrawal => ("card_withdrawal", Action::Redeem(customer)),
            RowKind::Fee => ("fee", pay(customer, bank(HOME)?, Purpose::Other)),
            RowKind::Penalty => ("penalty", pay(customer, bank(HOME)?, Purpose::Other)),
            RowKind::TransferOut(code) => {
                ("transfer_out", pay(customer, bank(code)?, Purpose::Bill))
            }
        };
        Some(self.applied(kind, action, row.amount, row.id.to_string()))
    }

    fn order(&self, order: &OrderRow) -> Option<Payment> {
        let from = *self.customers.get(&order.account)?;
        let to = *self.bank_accounts.get(&order.bank)?;
        let action = Action::Transfer(Transfer::new(from, to, Purpose::Bill));
        Some(self.applied("standing_order", action, order.amount, order.id.to_string()))
    }

    fn applied(
        &self,
        kind: &'static str,
        action: Action,
        amount: u64,
        reference: String,
    ) -> Payment {
        Payment {
            kind,
            action,
            asset: self.asset,
            amount,
            reference,
            expected: Outcome::Applied,
        }
    }
}

fn bank_of(row: &TransactionRow) -> Option<&str> {
    match &row.kind {
        RowKind::TransferIn(code) | RowKind::TransferOut(code) => Some(code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_wave() {
        let row = |date: &str, kind, amount| TransactionRow {
            id: 7,
            account: 576,
            date: date.to_owned(),
            kind,
            amount,
        };
        let dataset = Dataset {
            accounts: [576].into(),
            transactions: vec![
                row("930101", RowKind::Deposit, 100),
                row("930101", RowKind::Interest, 5),
                row("930102", RowKind::TransferOut("EF".to_owned()), 120),
            ],
            orders: Vec::new(),
            skipped: Vec::new(),
        };
        let berka = BerkaPlan::new(&dataset, Asset::new("CZK").unwrap());
        let waves: Vec<_> = berka
            .plan
            .waves
            .iter()
            .map(|wave| wave.label.as_str())
            .collect();
        assert_eq!(waves, ["930101", "930102", "standing orders"]);
        assert_eq!(berka.plan.banks, [HOME, "EF"]);
        let openings: Vec<_> = berka
            .plan
            .openings
            .iter()
            .map(|payment| (payment.kind, payment.amount, payment.action.clone()))
            .collect();
        let customer = berka.customers[&576];
        assert_eq!(
            openings,
            [
                ("bank_opening", 5, Action::Issue(berka.bank_accounts[HOME])),
                ("opening", 15, Action::Issue(customer)),
            ]
        );
    }
}
