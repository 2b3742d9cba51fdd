//! Currencies: ISO 4217.

use iso_currency::Currency;

/// Digits after the decimal point of the currency with this code.
///
/// # Errors
/// `None` when it is no currency in use, or a code that has no minor unit (metals, test codes).
#[must_use]
pub fn decimals(code: &str) -> Option<u32> {
    let currency = Currency::from_code(code)?;
    if currency.is_superseded().is_some() {
        return None;
    }
    currency.exponent().map(u32::from)
}

/// Whether ISO 4217 uses the code for anything.
#[must_use]
pub fn is_reserved(code: &str) -> bool {
    Currency::from_code(code).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_of_the_standard() {
        for (code, digits) in [("CZK", 2), ("JPY", 0), ("KWD", 3), ("CNY", 2), ("INR", 2)] {
            assert_eq!(decimals(code), Some(digits), "{code}");
        }
        for none in ["XAU", "XXX", "PTS", "czk", ""] {
            assert_eq!(decimals(none), None, "{none}");
        }
        assert!(is_reserved("XAU") && !is_reserved("PTS"));
    }
}
