//! Interest that accrues exactly.

use super::{DayCount, days_of_year};
use crate::amount::Amount;

/// Interest: whole minor units, and a fraction of one in parts of 1 / (1,000,000 x days of the year).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accrual {
    /// Owed.
    pub whole: Amount,
    /// Carried on.
    pub fraction: u64,
}

impl Accrual {
    /// With the interest of so many days on a principal, at a rate in parts per million a year.
    ///
    /// Amounts within the limits of the protocol never overflow (asserted with the limits): what does
    /// is a bug.
    #[must_use]
    pub fn after(self, convention: DayCount, principal: Amount, rate_ppm: u32, days: u32) -> Self {
        let scale = u128::from(days_of_year(convention)).saturating_mul(1_000_000);
        let parts = u128::from(principal.minor_units())
            .saturating_mul(rate_ppm.into())
            .saturating_mul(days.into())
            .saturating_add(self.fraction.into());
        let whole = u64::try_from(parts.checked_div(scale).unwrap_or_default());
        let whole = whole.ok().and_then(Amount::new);
        let whole = whole.and_then(|whole| self.whole.try_add(whole));
        let fraction = u64::try_from(parts.checked_rem(scale).unwrap_or_default());
        let (Some(whole), Ok(fraction)) = (whole, fraction) else {
            unreachable!("interest of {days} days on {principal} at {rate_ppm} ppm overflows")
        };
        Self { whole, fraction }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_do_not_matter() {
        let principal = Amount::new(1_234_567).unwrap();
        let once = Accrual::default().after(DayCount::Act365, principal, 53_200, 1_000);
        let mut daily = Accrual::default();
        for _ in 0..1_000 {
            daily = daily.after(DayCount::Act365, principal, 53_200, 1);
        }
        assert_eq!(once, daily);
        // 12345.67 at 5.32 % for 1000 / 365 years is 1799.422...
        assert_eq!(once.whole.minor_units(), 179_942);
    }

    #[test]
    fn a_year_is_the_rate() {
        let principal = Amount::new(100_000).unwrap();
        for (convention, days) in [
            (DayCount::Act365, 365),
            (DayCount::Act360, 360),
            (DayCount::Thirty360, 360),
        ] {
            let year = Accrual::default().after(convention, principal, 70_000, days);
            assert_eq!((year.whole.minor_units(), year.fraction), (7_000, 0));
        }
    }
}
