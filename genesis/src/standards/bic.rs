//! Business identifier codes (ISO 9362): four characters of the party, two of the country, two of the
//! location, and perhaps three of the branch.

use super::country;

/// Whether the text has the form of a code, with a country that exists.
#[must_use]
pub fn is_valid(bic: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    matches!(bic.len(), 8 | 11)
        && bic.bytes().all(allowed)
        && bic.get(4..6).is_some_and(country::is_valid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for bic in ["DEUTDEFF", "DEUTDEFF500", "GIBACZPX", "CNBACZPP"] {
            assert!(is_valid(bic), "{bic}");
        }
        for refused in [
            "",
            "DEUTDEF",
            "DEUTDEFF5",
            "deutdeff",
            "DEUTQQFF",
            "DEUT1EFF",
            "DEUTDéFF",
        ] {
            assert!(!is_valid(refused), "{refused}");
        }
    }
}
