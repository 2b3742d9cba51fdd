//! Countries: ISO 3166-1 alpha-2.

use iso_currency::Country;

/// Whether the text is the code of a country.
#[must_use]
pub fn is_valid(code: &str) -> bool {
    code.len() == 2 && code.parse::<Country>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        assert!(
            ["CZ", "DE", "CN", "US", "GB", "IN", "HK"]
                .into_iter()
                .all(is_valid)
        );
        assert!(!["", "cz", "QQ", "CZE", "C", "1Z"].into_iter().any(is_valid));
    }
}
