//! Countries and their subdivisions.

use std::{fmt, str::FromStr};

use talea_types::{DecodeError, residence::Residence};

/// A country (ISO 3166-1 alpha-2) or a subdivision of one (ISO 3166-2): `GB`, `GB-ENG`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Place {
    country: [u8; 2],
    /// Padded with zeros; all zeros when no part is named.
    part: [u8; 3],
}

impl Place {
    /// The country.
    #[must_use]
    pub fn country(&self) -> &str {
        str::from_utf8(&self.country).unwrap_or_default()
    }

    /// The part after the country, if a subdivision is named.
    #[must_use]
    pub fn subdivision(&self) -> Option<&str> {
        let used = self.part.split(|byte| *byte == 0).next()?;
        let text = str::from_utf8(used).ok()?;
        (!text.is_empty()).then_some(text)
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
        let same_part = self.part == other.part || self.part == [0; 3] || other.part == [0; 3];
        self.country == other.country && same_part
    }
}

impl FromStr for Place {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, DecodeError> {
        let refuse = DecodeError::Text {
            field: "place",
            reason: "two capital letters (ISO 3166-1), or these, '-' and 1 to 3 of A-Z and 0-9 (ISO 3166-2)",
        };
        let (country, named) = match text.split_once('-') {
            Some((country, part)) => (country, Some(part.as_bytes())),
            None => (text, None),
        };
        let country: [u8; 2] = country.as_bytes().try_into().map_err(|_| refuse.clone())?;
        let mut part = [0; 3];
        if let Some(named) = named {
            let slot = part.get_mut(..named.len()).filter(|slot| !slot.is_empty());
            slot.ok_or(refuse.clone())?.copy_from_slice(named);
        }
        let is_country = country.iter().all(u8::is_ascii_uppercase);
        let is_part = named
            .unwrap_or_default()
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if is_country && is_part {
            Ok(Self { country, part })
        } else {
            Err(refuse)
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
        place.to_string()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.country())?;
        match self.subdivision() {
            Some(part) => write!(f, "-{part}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
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
        for text in ["GB", "GB-ENG", "CN-11", "US-1"] {
            assert_eq!(place(text).to_string(), text);
        }
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
