//! How late a loan is, in the words of lenders and of regulators.

use super::DelinquencyPolicy;

/// Days past due, in the field's buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// Not late.
    Current,
    /// 1 to 30 days.
    Days1To30,
    /// 31 to 60 days.
    Days31To60,
    /// 61 to 90 days.
    Days61To90,
    /// 91 to 120 days.
    Days91To120,
    /// 121 to 150 days.
    Days121To150,
    /// 151 to 180 days.
    Days151To180,
    /// More than 180 days.
    Over180,
}

impl Bucket {
    /// The bucket of so many days past due.
    #[must_use]
    pub const fn of(days_past_due: u32) -> Self {
        match days_past_due {
            0 => Self::Current,
            1..=30 => Self::Days1To30,
            31..=60 => Self::Days31To60,
            61..=90 => Self::Days61To90,
            91..=120 => Self::Days91To120,
            121..=150 => Self::Days121To150,
            151..=180 => Self::Days151To180,
            _ => Self::Over180,
        }
    }

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Days1To30 => "1-30",
            Self::Days31To60 => "31-60",
            Self::Days61To90 => "61-90",
            Self::Days91To120 => "91-120",
            Self::Days121To150 => "121-150",
            Self::Days151To180 => "151-180",
            Self::Over180 => "180+",
        }
    }
}

/// The five categories of loans (China, measures on the risk classification of financial assets of
/// commercial banks, 2023). The ledger knows the floor that days past due set; a lender may hold worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Nothing is late.
    Pass,
    /// Late at all.
    SpecialMention,
    /// Late for more than a quarter, as the policy says.
    Substandard,
    /// Late for longer.
    Doubtful,
    /// Late for longest.
    Loss,
}

impl DelinquencyPolicy {
    /// The best category that so many days past due allow; `None` where the policy has no categories.
    #[must_use]
    pub fn category_floor(&self, days_past_due: u32) -> Option<Category> {
        let [mention, substandard, doubtful, loss] = self.category_days?;
        Some(match days_past_due {
            days if days >= loss => Category::Loss,
            days if days >= doubtful => Category::Doubtful,
            days if days >= substandard => Category::Substandard,
            days if days >= mention => Category::SpecialMention,
            _ => Category::Pass,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_at_their_boundaries() {
        let names = [0, 1, 30, 31, 60, 61, 90, 91, 120, 121, 150, 151, 180, 181]
            .map(|days| Bucket::of(days).name());
        assert_eq!(
            names,
            [
                "current", "1-30", "1-30", "31-60", "31-60", "61-90", "61-90", "91-120", "91-120",
                "121-150", "121-150", "151-180", "151-180", "180+"
            ]
        );
    }

    #[test]
    fn categories_at_their_boundaries() {
        let mut policy = DelinquencyPolicy {
            grace_days: 0,
            charge_off_days: 180,
            category_days: Some([1, 91, 271, 361]),
        };
        let floors = [0, 1, 90, 91, 270, 271, 360, 361].map(|days| policy.category_floor(days));
        assert_eq!(
            floors.map(Option::unwrap),
            [
                Category::Pass,
                Category::SpecialMention,
                Category::SpecialMention,
                Category::Substandard,
                Category::Substandard,
                Category::Doubtful,
                Category::Doubtful,
                Category::Loss
            ]
        );
        policy.category_days = None;
        assert_eq!(policy.category_floor(500), None);
    }
}
