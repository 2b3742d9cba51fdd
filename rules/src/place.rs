//! Countries and their subdivisions.

use std::{fmt, str::FromStr};

use talea_types::{DecodeError, residence::Residence};

/// A country (ISO 3166-1 alpha-2) or a subdivision of one (ISO 3166-2): `GB`, `GB-ENG`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Place {
    text: String,
}

impl Place {
    /// The country.
    #[must_use]
    pub fn country(&self) -> &str {
        self.text.get(..2).unwrap_or_default()
    }

    /// The part after the country, if a subdivision is named.
    #[must_use]
    pub fn subdivision(&self) -> Option<&str> {
        self.text.get(3..)
    }

    /// Where a debtor lives, as registered.
    ///
    /// # Errors
    /// [`DecodeError::Text`] for codes that a registered residence cannot have.
    pub fn of_residence(residence: &Residence) -> Result<Self, DecodeError> {
        if residence.subdivision.is_empty() {
            residence.country.parse()
        } else {
            residence.subdivision.parse()
        }
    }

    /// Whether somewhere in `other` may be here: the countries are equal, and the subdivisions too
    /// unless one is unknown. Who does not say where in a country somebody lives is bound by the rules
    /// of every part of it.
    #[must_use]
    pub fn may_contain(&self, other: &Self) -> bool {
        let same_part = match (self.subdivision(), other.subdivision()) {
            (Some(own), Some(others)) => own == others,
            _ => true,
        };
        self.country() == other.country() && same_part
    }
}

impl FromStr for Place {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, DecodeError> {
        let (country, part) = text.split_once('-').unwrap_or((text, "A"));
        let is_country = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        let is_part = (1..=3).contains(&part.len())
            && part
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if is_country && is_part {
            Ok(Self {
                text: text.to_owned(),
            })
        } else {
            Err(DecodeError::Text {
                field: "place",
                reason: "two capital letters (ISO 3166-1), or these, '-' and 1 to 3 of A-Z and 0-9 (ISO 3166-2)",
            })
        }
    }
}

impl TryFrom<String> for Place {
    type Error = DecodeError;

    fn try_from(text: String) -> Result<Self, DecodeError> {
        text.parse()
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.text
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Place {
        text.parse().unwrap()
    }

    #[test]
    fn an_unknown_part_may_be_any_part() {
        assert!(place("GB-ENG").may_contain(&place("GB-ENG")));
        assert!(place("GB-ENG").may_contain(&place("GB")));
        assert!(place("GB").may_contain(&place("GB-SCT")));
        assert!(!place("GB-ENG").may_contain(&place("GB-SCT")));
        assert!(!place("GB").may_contain(&place("US")));
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "", "G", "gb", "GBR", "GB-", "GB-eng", "GB-ENGL", "é", "GB_ENG",
        ] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
