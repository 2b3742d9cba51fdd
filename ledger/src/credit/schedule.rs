//! Schedules that follow from terms, and what a schedule costs.

use talea_types::{
    Amount,
    credit::{DayCount, Instalment, ScheduleKind},
};

use super::{Accrual, add_months, days_between};

/// What a schedule follows from.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How.
    pub kind: ScheduleKind,
    /// Of the principal, parts per million; only for a schedule with a down payment.
    pub down_payment_ppm: u32,
    /// What is lent.
    pub principal: Amount,
    /// A year, parts per million.
    pub rate_ppm: u32,
    /// How days are counted.
    pub day_count: DayCount,
    /// Business date from which interest accrues.
    pub start: u32,
    /// Business date of the first monthly instalment.
    pub first_due: u32,
    /// How many monthly instalments.
    pub count: u32,
}

/// Bits of a fixed-point fraction.
const POINT: u32 = 62;
/// Months of a year, in parts per million.
const YEAR_PPM: u128 = 12_000_000;

/// The monthly instalment that pays a principal off: `principal / (v + v^2 + ... + v^count)` with
/// `v = 1 / (1 + rate / 12)`, rounded up to a whole minor unit. The sum is computed with 62 bits after
/// the point.
#[must_use]
pub fn annuity(principal: Amount, rate_ppm: u32, count: u32) -> Option<Amount> {
    let one = 1_u128 << POINT;
    let discount = one
        .saturating_mul(YEAR_PPM)
        .checked_div(YEAR_PPM.saturating_add(rate_ppm.into()))?;
    let (mut power, mut sum) = (one, 0_u128);
    for _ in 0..count {
        power = power.saturating_mul(discount) >> POINT;
        sum = sum.saturating_add(power);
    }
    let dividend = u128::from(principal.minor_units()) << POINT;
    let amount = dividend
        .checked_add(sum)?
        .checked_sub(1)?
        .checked_div(sum)?;
    Amount::new(u64::try_from(amount).ok()?)
}

/// A debt that is paid down by a schedule.
struct Debt {
    principal: Amount,
    interest: Accrual,
    at: u32,
}

impl Debt {
    fn age(&mut self, terms: &Terms, rate_ppm: u32, date: u32) {
        let days = days_between(terms.day_count, self.at, date);
        self.interest = self
            .interest
            .after(terms.day_count, self.principal, rate_ppm, days);
        self.at = date;
    }

    fn owed(&self) -> Option<Amount> {
        self.principal.try_add(self.interest.whole)
    }

    /// Interest first, then principal.
    fn pay(&mut self, amount: Amount) -> Option<()> {
        let interest = amount.min(self.interest.whole);
        self.interest.whole = self.interest.whole.try_sub(interest)?;
        self.principal = self.principal.try_sub(amount.try_sub(interest)?)?;
        Some(())
    }
}

/// The instalments that follow from the terms; the last is what is then owed. `None` when none can: the
/// lender has to supply them, or the first does not come after the start.
#[must_use]
pub fn generate(terms: &Terms) -> Option<Vec<Instalment>> {
    if terms.first_due <= terms.start || terms.count == 0 {
        return None;
    }
    let mut debt = Debt {
        principal: terms.principal,
        interest: Accrual::default(),
        at: terms.start,
    };
    let mut schedule = Vec::new();
    if terms.kind == ScheduleKind::DownPayment {
        let amount = rounded_up(terms.principal, terms.down_payment_ppm.into(), 1_000_000)?;
        schedule.push(Instalment {
            due: terms.start,
            amount,
        });
        debt.pay(amount)?;
    }
    let level = match terms.kind {
        ScheduleKind::Annuity | ScheduleKind::DownPayment => {
            annuity(debt.principal, terms.rate_ppm, terms.count)?
        }
        ScheduleKind::EqualPrincipal => rounded_up(debt.principal, 1, terms.count.into())?,
        ScheduleKind::Bullet => Amount::ZERO,
        ScheduleKind::LenderSupplied => return None,
    };
    for number in 0..terms.count {
        let due = add_months(terms.first_due, number);
        debt.age(terms, terms.rate_ppm, due);
        let owed = debt.owed()?;
        let is_last = number.saturating_add(1) == terms.count;
        let amount = match terms.kind {
            _ if is_last => owed,
            ScheduleKind::Annuity | ScheduleKind::DownPayment => level.min(owed),
            _ => level.try_add(debt.interest.whole)?.min(owed),
        };
        debt.pay(amount)?;
        if !amount.is_zero() {
            schedule.push(Instalment { due, amount });
        }
    }
    Some(schedule)
}

/// Whether a schedule pays the principal off and costs at most a rate a year: at that rate, by the same
/// day count, payments going to interest first, it would not pay off more than is owed. `None` when it
/// pays less than the principal.
#[must_use]
pub fn costs_at_most(terms: &Terms, schedule: &[Instalment], rate_ppm: u32) -> Option<bool> {
    let add = |sum: Amount, one: &Instalment| sum.try_add(one.amount);
    let paid = schedule.iter().try_fold(Amount::ZERO, add)?;
    paid.try_sub(terms.principal)?;
    let mut debt = Debt {
        principal: terms.principal,
        interest: Accrual::default(),
        at: terms.start,
    };
    for instalment in schedule {
        debt.age(terms, rate_ppm, instalment.due);
        if debt.pay(instalment.amount).is_none() {
            return Some(false);
        }
    }
    Some(true)
}

fn rounded_up(amount: Amount, times: u128, parts: u128) -> Option<Amount> {
    let product = u128::from(amount.minor_units()).checked_mul(times)?;
    let above = product.checked_add(parts)?.checked_sub(1)?;
    Amount::new(u64::try_from(above.checked_div(parts)?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credit::date_of;

    fn terms(kind: ScheduleKind, principal: u64, rate_ppm: u32, count: u32) -> Terms {
        Terms {
            kind,
            down_payment_ppm: if kind == ScheduleKind::DownPayment {
                200_000
            } else {
                0
            },
            principal: Amount::new(principal).unwrap(),
            rate_ppm,
            day_count: DayCount::Thirty360,
            start: date_of(2026, 1, 31),
            first_due: date_of(2026, 2, 28),
            count,
        }
    }

    fn amounts(terms: &Terms) -> Vec<u64> {
        let schedule = generate(terms).unwrap();
        schedule
            .iter()
            .map(|one| one.amount.minor_units())
            .collect()
    }

    #[test]
    fn known_annuities() {
        let known = |principal, rate_ppm, count| {
            let amount = annuity(Amount::new(principal).unwrap(), rate_ppm, count);
            amount.unwrap().minor_units()
        };
        // 10,000.00 at 5.32 % in 36 months: 301.1428..., at 0 %: 277.77...
        assert_eq!(known(1_000_000, 53_200, 36), 30_115);
        assert_eq!(known(1_000_000, 0, 36), 27_778);
        assert_eq!(known(1_200, 0, 12), 100);
        assert_eq!(known(1, 10_000_000, 480), 1);
    }

    #[test]
    fn each_kind_pays_off_to_the_last_unit() {
        let kinds = [
            ScheduleKind::Annuity,
            ScheduleKind::EqualPrincipal,
            ScheduleKind::DownPayment,
            ScheduleKind::Bullet,
        ];
        for kind in kinds {
            for day_count in [DayCount::Act365, DayCount::Act360, DayCount::Thirty360] {
                for (principal, rate_ppm, count) in [
                    (1_000_000, 53_200, 36),
                    (7, 300_000, 12),
                    (99_999_999, 0, 7),
                    (1 << 42, 10_000_000, 480),
                ] {
                    let terms = Terms {
                        day_count,
                        ..terms(kind, principal, rate_ppm, count)
                    };
                    let schedule = generate(&terms).unwrap();
                    let mut debt = Debt {
                        principal: terms.principal,
                        interest: Accrual::default(),
                        at: terms.start,
                    };
                    for instalment in &schedule {
                        debt.age(&terms, rate_ppm, instalment.due);
                        debt.pay(instalment.amount).unwrap();
                    }
                    assert_eq!(debt.owed(), Some(Amount::ZERO), "{terms:?}");
                    assert!(schedule.is_sorted_by(|a, b| a.due < b.due));
                    assert_eq!(costs_at_most(&terms, &schedule, rate_ppm), Some(true));
                    if rate_ppm > 0 && principal > 1_000 {
                        assert_eq!(
                            costs_at_most(&terms, &schedule, rate_ppm - 50),
                            Some(false),
                            "{terms:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn shapes() {
        assert_eq!(
            amounts(&terms(ScheduleKind::EqualPrincipal, 1_000, 120_000, 3)),
            [343, 340, 336]
        );
        assert_eq!(
            amounts(&terms(ScheduleKind::Bullet, 1_000, 120_000, 3)),
            [9, 10, 1_010]
        );
        assert_eq!(
            amounts(&terms(ScheduleKind::DownPayment, 1_000, 0, 3)),
            [200, 267, 267, 266]
        );
        assert_eq!(
            amounts(&terms(ScheduleKind::Annuity, 5, 0, 10)),
            [1, 1, 1, 1, 1]
        );
        assert!(generate(&terms(ScheduleKind::LenderSupplied, 1_000, 0, 3)).is_none());
        let late = Terms {
            start: date_of(2026, 2, 28),
            ..terms(ScheduleKind::Annuity, 5, 0, 10)
        };
        assert!(generate(&late).is_none());
    }
}
