//! Amounts of money: whole minor units, checked arithmetic, never a float.

use std::fmt;

/// An amount in minor units of its asset (for CZK: haléř), at most 2^63 - 1.
#[derive(
    Clone,
    Copy,
    Default,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Amount(u64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount: it fits a signed 64-bit column of any database.
    pub const MAX: Self = Self(i64::MAX as u64);

    /// An amount of minor units.
    ///
    /// # Errors
    /// `None` above [`Amount::MAX`].
    #[must_use]
    pub const fn new(minor_units: u64) -> Option<Self> {
        if minor_units <= Self::MAX.0 {
            Some(Self(minor_units))
        } else {
            None
        }
    }

    /// Minor units.
    #[must_use]
    pub const fn minor_units(self) -> u64 {
        self.0
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` above [`Amount::MAX`].
    #[must_use]
    pub fn try_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::new)
    }

    /// The difference, or `None` below zero.
    #[must_use]
    pub fn try_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// With its decimal point, for people: `Amount(123456)` with two places is `1234.56`.
    #[must_use]
    pub fn to_decimal(self, places: u32) -> String {
        let places = places.min(18) as usize;
        let digits = format!("{:0>width$}", self.0, width = places.saturating_add(1));
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(places));
        if places == 0 {
            whole.to_owned()
        } else {
            format!("{whole}.{fraction}")
        }
    }

    /// Reads a decimal text such as `1234.5`: at most `places` digits after the point, no sign, no
    /// grouping. Never goes through a float.
    #[must_use]
    pub fn from_decimal(text: &str, places: u32) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let places = places as usize;
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || fraction.len() > places || !is_digits(whole) || !is_digits(fraction)
        {
            return None;
        }
        if text.ends_with('.') {
            return None;
        }
        format!("{whole}{fraction:0<places$}")
            .parse()
            .ok()
            .and_then(Self::new)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_text_and_back() {
        for (text, places, minor) in [
            ("0", 0, 0),
            ("12", 2, 1200),
            ("12.3", 2, 1230),
            ("0.07", 2, 7),
            ("5", 0, 5),
        ] {
            let amount = Amount::from_decimal(text, places).unwrap();
            assert_eq!(amount.minor_units(), minor, "{text}");
            assert_eq!(
                Amount::from_decimal(&amount.to_decimal(places), places),
                Some(amount)
            );
        }
        assert_eq!(Amount::new(7).unwrap().to_decimal(2), "0.07");
        for refused in [
            "",
            ".5",
            "1.",
            "1.234",
            "-1",
            "+1",
            "1e3",
            "1,000",
            "9223372036854775808",
            "1 ",
        ] {
            assert_eq!(Amount::from_decimal(refused, 2), None, "{refused}");
        }
    }

    #[test]
    fn sums_stop_at_the_bounds() {
        assert_eq!(Amount::MAX.try_add(Amount(1)), None);
        assert_eq!(Amount::ZERO.try_sub(Amount(1)), None);
        assert_eq!(Amount::new(u64::MAX), None);
    }
}
