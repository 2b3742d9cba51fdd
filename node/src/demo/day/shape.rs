//! How a wallet's traffic spreads over a day.

use std::{fs, path::Path};

use anyhow::{Context, bail};

/// Hours of a day.
pub const HOURS: usize = 24;

/// What a wallet does, as mobile money names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WalletAction {
    /// Cash is paid in.
    CashIn,
    /// Cash is paid out.
    CashOut,
    /// To another wallet.
    Transfer,
    /// To a merchant.
    Payment,
    /// To the wallet's bank.
    Debit,
}

impl WalletAction {
    /// All, in the order of the table.
    pub const ALL: [Self; 5] = [
        Self::CashIn,
        Self::CashOut,
        Self::Transfer,
        Self::Payment,
        Self::Debit,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::CashIn => "CASH_IN",
            Self::CashOut => "CASH_OUT",
            Self::Transfer => "TRANSFER",
            Self::Payment => "PAYMENT",
            Self::Debit => "DEBIT",
        }
    }
}

/// Relative frequency of each action in each hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    weights: [[u64; HOURS]; 5],
}

/// Quiet nights, a rising afternoon, a peak in the evening; payments lead.
const BUILT_IN: [[u64; HOURS]; 5] = [
    [
        5, 2, 1, 1, 1, 1, 1, 2, 3, 4, 4, 5, 6, 8, 9, 9, 12, 14, 18, 22, 21, 17, 14, 10,
    ],
    [
        8, 4, 2, 1, 1, 1, 1, 3, 4, 6, 6, 7, 9, 13, 15, 15, 20, 23, 32, 38, 37, 29, 24, 17,
    ],
    [
        3, 2, 1, 1, 1, 1, 1, 2, 3, 4, 4, 5, 6, 7, 8, 8, 10, 12, 16, 19, 18, 15, 12, 8,
    ],
    [
        12, 6, 3, 2, 1, 2, 4, 7, 12, 14, 14, 22, 26, 22, 20, 20, 26, 32, 42, 48, 46, 38, 32, 24,
    ],
    [
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 1,
    ],
];

impl Default for Shape {
    fn default() -> Self {
        Self { weights: BUILT_IN }
    }
}

impl Shape {
    /// Reads `aggregated-transactions.csv` of PaySim: counts of actions by hour.
    ///
    /// # Errors
    /// A file that cannot be read or has no counts.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let shape = Self::parse(&text);
        if shape.total() == 0 {
            bail!("{} has no counts by action and hour", file.display());
        }
        Ok(shape)
    }

    /// Adds up the rows `action,month,day,hour,count,...`; others count nothing.
    fn parse(text: &str) -> Self {
        let mut weights = [[0; HOURS]; 5];
        for line in text.lines().skip(1) {
            let mut fields = line.split(',');
            let action = fields.next().unwrap_or_default();
            let position = WalletAction::ALL
                .iter()
                .position(|one| one.name() == action);
            let hour = fields.nth(2).and_then(|hour| hour.parse::<usize>().ok());
            let count = fields.next().and_then(|count| count.parse::<u64>().ok());
            if let (Some(position), Some(hour), Some(count)) = (position, hour, count)
                && let Some(weight) = weights[position].get_mut(hour)
            {
                *weight = count.saturating_add(*weight);
            }
        }
        Self { weights }
    }

    fn total(&self) -> u128 {
        let weights = self.weights.iter().flatten();
        weights.map(|weight| u128::from(*weight)).sum()
    }

    /// How often each action happens in an hour, when about `total` happen in the day.
    #[must_use]
    pub fn counts(&self, hour: usize, total: usize) -> [usize; 5] {
        let of_all = self.total().max(1);
        self.weights.map(|hours| {
            let weight = hours.get(hour).copied().unwrap_or_default();
            // Rounded to the nearest.
            let share = (u128::from(weight) * total as u128 * 2 + of_all) / (of_all * 2);
            usize::try_from(share).unwrap_or(total)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hours_add_up_to_the_day() {
        let shape = Shape::default();
        let sum = |total| {
            let hours = (0..HOURS).map(|hour| shape.counts(hour, total));
            hours.flatten().sum::<usize>()
        };
        assert!(sum(20_000).abs_diff(20_000) <= 60, "{}", sum(20_000));
        assert_eq!(sum(0), 0);
    }

    #[test]
    fn a_file_gives_its_own_shape() {
        let text = "action,month,day,hour,count,sum\nCASH_IN,10,0,1,30,1.5\nCASH_IN,10,1,1,30,1\n\
                    DEBIT,10,0,23,60,2\nbroken\nDEBIT,1,1,24,5,5\n";
        let shape = Shape::parse(text);
        assert_eq!(shape.counts(1, 120), [60, 0, 0, 0, 0]);
        assert_eq!(shape.counts(23, 120), [0, 0, 0, 0, 60]);
    }
}
