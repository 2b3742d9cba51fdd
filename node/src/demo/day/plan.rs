//! The day as a plan. Every hour is a wave; what an hour leaves open is settled in the next.

use talea_types::{
    Asset, Outcome,
    operation::{AccountKind, Purpose},
};

use super::shape::{HOURS, Shape, WalletAction};
use crate::demo::{
    funding::openings,
    plan::{AccountNumber, Action, Payment, PaymentNumber, Plan, PlannedAccount, Transfer, Wave},
    random::Sequence,
};

const HOUR_MS: u64 = 3_600_000;
const MERCHANTS: usize = 20;
/// Positions of tiers in the genesis of a local network.
const TIER_BASIC: u32 = 0;
const TIER_VERIFIED: u32 = 1;
const TIER_UNLIMITED: u32 = 2;
/// Above what the basic tier allows for one payment, minor units.
const ABOVE_BASIC: u64 = 600_000;
const RESTRICTED_FROM_HOUR: usize = 9;
const BATCH_HOUR: usize = 12;

/// Size of the day.
#[derive(Clone, Debug)]
pub struct DayOptions {
    /// The banks.
    pub banks: Vec<String>,
    /// How many wallets there are.
    pub wallets: usize,
    /// About how many payments the wallets make.
    pub payments: usize,
    /// How they spread over the hours.
    pub shape: Shape,
    /// What is paid with: mostly the first, sometimes the second.
    pub assets: [Asset; 2],
}

struct Day {
    random: Sequence,
    bank_count: usize,
    wallet_count: usize,
    assets: [Asset; 2],
    waves: Vec<Wave>,
    payment_count: usize,
    open: Vec<Open>,
}

/// What the next hour has to settle.
struct Open {
    action: Action,
    kind: &'static str,
    asset: Asset,
    amount: u64,
}

/// Plans the day. The same options give the same plan.
#[must_use]
pub fn day_plan(options: &DayOptions) -> Plan {
    let mut day = Day {
        random: Sequence::new(1993),
        bank_count: options.banks.len().max(1),
        wallet_count: options.wallets.max(2),
        assets: options.assets,
        waves: Vec::new(),
        payment_count: 0,
        open: Vec::new(),
    };
    for hour in 0..HOURS {
        day.waves.push(Wave {
            label: format!("{hour:02}:00"),
            advance_ms: HOUR_MS,
            payments: Vec::new(),
        });
        for open in std::mem::take(&mut day.open) {
            day.push(open.kind, open.action, open.asset, open.amount);
        }
        let counts = options.shape.counts(hour, options.payments);
        for (action, count) in WalletAction::ALL.into_iter().zip(counts) {
            for _ in 0..count {
                day.act(action, hour);
            }
        }
        day.play_scenes(hour);
    }
    let mut plan = Plan {
        banks: options.banks.clone(),
        accounts: day.accounts(),
        openings: Vec::new(),
        waves: day.waves,
    };
    plan.openings = openings(&plan, |_| "opening");
    plan
}

impl Day {
    // The accounts in their order: one of each bank, the merchants, the wallets, three characters.

    fn merchant(&self, number: usize) -> AccountNumber {
        self.bank_count + number
    }

    fn wallet(&self, number: usize) -> AccountNumber {
        self.bank_count + MERCHANTS + number
    }

    fn character(&self, number: usize) -> AccountNumber {
        self.bank_count + MERCHANTS + self.wallet_count + number
    }

    fn bank_of(&self, account: AccountNumber) -> usize {
        account % self.bank_count
    }

    fn accounts(&self) -> Vec<PlannedAccount> {
        let account = |(number, (name, kind, tier))| PlannedAccount {
            name,
            bank: self.bank_of(number),
            kind,
            tier,
        };
        let banks = (0..self.bank_count).map(|number| {
            (
                format!("bank {}", number + 1),
                AccountKind::Own,
                TIER_UNLIMITED,
            )
        });
        let merchants = (1..=MERCHANTS).map(|number| {
            (
                format!("merchant {number}"),
                AccountKind::Merchant,
                TIER_UNLIMITED,
            )
        });
        let wallets = (1..=self.wallet_count).map(|number| {
            (
                format!("wallet {number}"),
                AccountKind::Wallet,
                TIER_VERIFIED,
            )
        });
        let characters = [
            ("restricted wallet", TIER_VERIFIED),
            ("small wallet", TIER_BASIC),
            ("empty wallet", TIER_VERIFIED),
        ];
        let characters = characters
            .into_iter()
            .map(|(name, tier)| (name.to_owned(), AccountKind::Wallet, tier));
        let all = banks.chain(merchants).chain(wallets).chain(characters);
        all.enumerate().map(account).collect()
    }

    fn act(&mut self, action: WalletAction, hour: usize) {
        let number = self.random.position(self.wallet_count);
        let wallet = self.wallet(number);
        let asset = self.assets[usize::from(self.random.happens(15))];
        let units = match action {
            WalletAction::CashIn => 20..2_000,
            WalletAction::CashOut => 10..1_500,
            WalletAction::Transfer => 5..1_000,
            WalletAction::Payment => 1..400,
            WalletAction::Debit => 10..100,
        };
        let minor_units = (units.end - units.start) * 100;
        let amount = units.start * 100 + self.random.below(minor_units);
        match action {
            WalletAction::CashIn => self.push("cash_in", Action::Issue(wallet), asset, amount),
            WalletAction::CashOut => self.push("cash_out", Action::Redeem(wallet), asset, amount),
            WalletAction::Transfer => {
                let step = 1 + self.random.position(self.wallet_count - 1);
                let to = self.wallet((number + step) % self.wallet_count);
                let transfer = Transfer::new(wallet, to, Purpose::PersonToPerson);
                self.push("transfer", Action::Transfer(transfer), asset, amount)
            }
            WalletAction::Payment => self.pay_merchant(wallet, asset, amount, hour),
            WalletAction::Debit => {
                let transfer = Transfer::new(wallet, self.bank_of(wallet), Purpose::Bill);
                self.push("debit", Action::Transfer(transfer), asset, amount)
            }
        };
    }

    /// One payment in six is reserved first, one in twenty is returned in part.
    fn pay_merchant(
        &mut self,
        from: AccountNumber,
        asset: Asset,
        amount: u64,
        hour: usize,
    ) -> PaymentNumber {
        let number = self.random.position(MERCHANTS);
        let to = self.merchant(number);
        let lot = if hour + 1 < HOURS {
            self.random.below(100)
        } else {
            99
        };
        let transfer = Transfer::new(from, to, Purpose::Purchase);
        let (action, then) = match lot {
            // Longer than the hour until it is captured.
            0..10 => (hold(from, to, 3 * HOUR_MS), Some("capture")),
            10..13 => (hold(from, to, 3 * HOUR_MS), Some("void")),
            // Gone when the next hour begins.
            13..16 => (hold(from, to, HOUR_MS / 2), None),
            16..21 => (
                Action::Transfer(Transfer {
                    refundable_ms: 24 * HOUR_MS,
                    ..transfer
                }),
                Some("refund"),
            ),
            _ => (Action::Transfer(transfer), None),
        };
        let kind = match action {
            Action::Hold { .. } => "hold",
            _ => "payment",
        };
        let payment = self.push(kind, action, asset, amount);
        if let Some(kind) = then {
            let (action, amount) = match kind {
                "capture" => (Action::Capture(payment), amount - amount / 10),
                "void" => (Action::Void(payment), 0),
                _ => (Action::Refund(payment), amount.div_ceil(2)),
            };
            self.open.push(Open {
                action,
                kind,
                asset,
                amount,
            });
        }
        payment
    }

    /// What a day needs once: several payments that stand or fall together, and refusals.
    fn play_scenes(&mut self, hour: usize) {
        let [main, other] = self.assets;
        let [restricted, small, empty] = [0, 1, 2].map(|number| self.character(number));
        let merchant = self.merchant(0);
        let to_merchant = |from| Action::Transfer(Transfer::new(from, merchant, Purpose::Purchase));
        if hour == BATCH_HOUR {
            let legs = vec![
                Transfer::new(self.wallet(0), merchant, Purpose::Purchase),
                Transfer::new(self.wallet(1), merchant, Purpose::Purchase),
                Transfer::new(merchant, self.bank_of(merchant), Purpose::Bill),
            ];
            self.push("batch", Action::Batch(legs), main, 12_300);
        }
        if hour == RESTRICTED_FROM_HOUR {
            self.push("restrict", Action::Restrict(restricted), main, 0);
        }
        // Nothing in the hour of the restriction itself: it could come before or after.
        if hour != RESTRICTED_FROM_HOUR {
            let payment = self.push("payment", to_merchant(restricted), main, 10_000);
            if hour > RESTRICTED_FROM_HOUR {
                self.expect(payment, Outcome::AccountRestricted);
            }
        }
        let refused = self.push("payment", to_merchant(small), main, ABOVE_BASIC);
        self.expect(refused, Outcome::LimitPerTransaction);
        let refused = self.push("payment", to_merchant(empty), other, 1_000);
        self.expect(refused, Outcome::InsufficientFunds);
    }

    fn push(
        &mut self,
        kind: &'static str,
        action: Action,
        asset: Asset,
        amount: u64,
    ) -> PaymentNumber {
        let number = self.payment_count;
        let payment = Payment {
            kind,
            action,
            asset,
            amount,
            reference: number.to_string(),
            expected: Outcome::Applied,
        };
        if let Some(wave) = self.waves.last_mut() {
            wave.payments.push(payment);
            self.payment_count += 1;
        }
        number
    }

    /// Of a payment of the current hour.
    fn expect(&mut self, payment: PaymentNumber, outcome: Outcome) {
        let before = self.payment_count - self.waves.last().map_or(0, |wave| wave.payments.len());
        if let Some(wave) = self.waves.last_mut()
            && let Some(planned) = wave.payments.get_mut(payment - before)
        {
            planned.expected = outcome;
        }
    }
}

const fn hold(from: AccountNumber, to: AccountNumber, lasts_ms: u64) -> Action {
    Action::Hold { from, to, lasts_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        day_plan(&DayOptions {
            banks: ["one", "two", "three"].map(str::to_owned).into(),
            wallets: 40,
            payments: 3_000,
            shape: Shape::default(),
            assets: [Asset::new("CZK").unwrap(), Asset::new("EUR").unwrap()],
        })
    }

    #[test]
    fn every_kind_of_payment_happens() {
        let plan = plan();
        assert_eq!(plan.waves.len(), HOURS);
        for kind in [
            "cash_in", "cash_out", "transfer", "payment", "debit", "hold", "capture", "void",
            "refund", "batch", "restrict",
        ] {
            assert!(
                plan.payments().any(|payment| payment.kind == kind),
                "{kind}"
            );
        }
        for outcome in [
            Outcome::AccountRestricted,
            Outcome::LimitPerTransaction,
            Outcome::InsufficientFunds,
        ] {
            assert!(plan.payments().any(|payment| payment.expected == outcome));
        }
        assert_eq!(plan.payment_count(), plan.payments().count());
    }

    #[test]
    fn what_follows_names_what_came_before() {
        let plan = plan();
        let payments: Vec<&Payment> = plan.payments().collect();
        for (number, payment) in payments.iter().enumerate() {
            match payment.action {
                Action::Capture(hold) | Action::Void(hold) => {
                    assert!(hold < number && payments[hold].kind == "hold");
                    assert!(payment.amount <= payments[hold].amount);
                }
                Action::Refund(original) => {
                    assert!(original < number && payments[original].kind == "payment");
                    assert!(payment.amount <= payments[original].amount);
                }
                Action::Transfer(one) => assert_ne!(one.from, one.to),
                _ => {}
            }
        }
    }
}
