//! Opening balances: the smallest with which no payment of a plan lacks funds, in whatever order the
//! payments of a wave apply.

use std::collections::BTreeMap;

use talea_types::{Asset, Outcome};

use super::plan::{AccountNumber, Action, Payment, Plan, Transfer};

/// An account in one asset.
type Slot = (AccountNumber, Asset);

#[derive(Default)]
struct Running {
    balance: i128,
    lowest: i128,
    /// Of the wave that is being read.
    debits: i128,
    credits: i128,
}

/// What each account needs before the first wave; accounts that need nothing are left out.
fn opening_balances(plan: &Plan) -> BTreeMap<Slot, u64> {
    let payments: Vec<&Payment> = plan.payments().collect();
    let mut slots: BTreeMap<Slot, Running> = BTreeMap::new();
    for wave in &plan.waves {
        let mut touched: Vec<Slot> = Vec::new();
        for payment in &wave.payments {
            if !payment.expected.is_applied() {
                continue;
            }
            for (account, amount) in movements(payment, &payments) {
                let slot = (account, payment.asset);
                let running = slots.entry(slot).or_default();
                if amount < 0 {
                    running.debits -= amount;
                } else {
                    running.credits += amount;
                }
                touched.push(slot);
            }
        }
        for slot in touched {
            slots.entry(slot).or_default().end_wave();
        }
    }
    slots
        .into_iter()
        .filter(|(_, running)| running.lowest < 0)
        .filter_map(|(slot, running)| Some((slot, u64::try_from(-running.lowest).ok()?)))
        .collect()
}

/// The payments that issue the opening balances of a plan. `kind_of` names them.
#[must_use]
pub fn openings(plan: &Plan, kind_of: impl Fn(AccountNumber) -> &'static str) -> Vec<Payment> {
    let balances = opening_balances(plan).into_iter();
    let issue = |((account, asset), amount): (Slot, u64)| Payment {
        kind: kind_of(account),
        action: Action::Issue(account),
        asset,
        amount,
        reference: account.to_string(),
        expected: Outcome::Applied,
    };
    balances.map(issue).collect()
}

impl Running {
    /// Debits count first; a second call in the same wave finds nothing left to count.
    fn end_wave(&mut self) {
        self.balance -= std::mem::take(&mut self.debits);
        self.lowest = self.lowest.min(self.balance);
        self.balance += std::mem::take(&mut self.credits);
    }
}

/// What a payment adds to and takes from available balances. What a hold releases is not counted: an
/// account is rather given too much than too little.
fn movements(payment: &Payment, payments: &[&Payment]) -> Vec<(AccountNumber, i128)> {
    let amount = i128::from(payment.amount);
    let parties = |number: usize| match payments.get(number).map(|one| &one.action) {
        Some(Action::Hold { from, to, .. } | Action::Transfer(Transfer { from, to, .. })) => {
            Some((*from, *to))
        }
        _ => None,
    };
    match &payment.action {
        Action::Issue(to) => vec![(*to, amount)],
        Action::Redeem(from) => vec![(*from, -amount)],
        Action::Transfer(one) => vec![(one.from, -amount), (one.to, amount)],
        Action::Hold { from, .. } => vec![(*from, -amount)],
        Action::Capture(hold) => parties(*hold)
            .map(|(_, payee)| (payee, amount))
            .into_iter()
            .collect(),
        Action::Refund(original) => parties(*original)
            .map(|(payer, payee)| vec![(payee, -amount), (payer, amount)])
            .unwrap_or_default(),
        Action::Batch(legs) => legs
            .iter()
            .flat_map(|leg| [(leg.from, -amount), (leg.to, amount)])
            .collect(),
        Action::Void(_) | Action::Restrict(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use talea_types::{Outcome, operation::Purpose};

    use super::*;
    use crate::demo::plan::Wave;

    fn payment(action: Action, amount: u64) -> Payment {
        Payment {
            kind: "test",
            action,
            asset: Asset::new("CZK").unwrap(),
            amount,
            reference: String::new(),
            expected: Outcome::Applied,
        }
    }

    fn transfer(from: usize, to: usize, amount: u64) -> Payment {
        let one = Transfer::new(from, to, Purpose::Bill);
        payment(Action::Transfer(one), amount)
    }

    fn needs(waves: Vec<Vec<Payment>>) -> Vec<(usize, u64)> {
        let waves = waves.into_iter().map(|payments| Wave {
            payments,
            ..Wave::default()
        });
        let plan = Plan {
            waves: waves.collect(),
            ..Plan::default()
        };
        opening_balances(&plan)
            .into_iter()
            .map(|((account, _), amount)| (account, amount))
            .collect()
    }

    #[test]
    fn within_a_wave_debits_come_first() {
        let same = vec![payment(Action::Issue(0), 10), transfer(0, 1, 4)];
        assert_eq!(needs(vec![same.clone()]), [(0, 4)]);
        let [credit, debit] = [vec![same[0].clone()], vec![same[1].clone()]];
        assert_eq!(needs(vec![credit, debit]), []);
    }

    #[test]
    fn the_deepest_point_counts() {
        let waves = vec![
            vec![transfer(0, 1, 5)],
            vec![transfer(1, 0, 3)],
            vec![transfer(0, 1, 6)],
        ];
        assert_eq!(needs(waves), [(0, 8)]);
    }

    #[test]
    fn a_refund_needs_what_the_payee_no_longer_has() {
        let waves = vec![
            vec![transfer(0, 1, 5)],
            vec![transfer(1, 2, 5)],
            vec![payment(Action::Refund(0), 2)],
        ];
        assert_eq!(needs(waves), [(0, 5), (1, 2)]);
    }

    #[test]
    fn refused_payments_need_nothing() {
        let mut refused = transfer(0, 1, 5);
        refused.expected = Outcome::InsufficientFunds;
        assert_eq!(needs(vec![vec![refused]]), []);
    }
}
