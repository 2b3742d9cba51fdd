//! Where a debtor lives: which law binds, and what time it is there.

use crate::{
    decode::{DecodeError, ascending},
    encode::FieldWriter,
    limits, wire,
};

/// Residence, local time and language of a debtor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residence {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// ISO 3166-2 (`US-CA`), or empty. It begins with the country.
    pub subdivision: String,
    /// IANA names, one or two, strictly ascending. A contact must be legal in all of them.
    pub time_zones: Vec<String>,
    /// BCP 47 tag of the language in which to write and speak (`cs`, `pt-BR`).
    pub language: String,
}

impl Residence {
    pub(crate) fn to_wire(&self) -> wire::Residence {
        wire::Residence {
            country: self.country.clone(),
            subdivision: self.subdivision.clone(),
            time_zones: self.time_zones.clone(),
            language: self.language.clone(),
        }
    }

    pub(crate) fn write(&self, field: u32, w: &mut FieldWriter<'_>) {
        w.message(field, |w| {
            w.bytes(1, &self.country);
            w.bytes(2, &self.subdivision);
            for zone in &self.time_zones {
                w.element(3, zone);
            }
            w.bytes(4, &self.language);
        });
    }

    pub(crate) fn from_wire(residence: Option<&wire::Residence>) -> Result<Self, DecodeError> {
        let residence = residence.ok_or(DecodeError::Missing { field: "residence" })?;
        let max = limits::TIME_ZONES_PER_DEBTOR_MAX;
        let time_zones = ascending("residence.time_zones", &residence.time_zones, max, |zone| {
            time_zone(zone)
        })?;
        if time_zones.is_empty() {
            return Err(DecodeError::Missing {
                field: "residence.time_zones",
            });
        }
        let country = country("residence.country", &residence.country)?;
        Ok(Self {
            subdivision: subdivision(&country, &residence.subdivision)?,
            country,
            time_zones,
            language: language(&residence.language)?,
        })
    }
}

/// Reads an ISO 3166-1 alpha-2 code, by its form.
pub(crate) fn country(field: &'static str, code: &str) -> Result<String, DecodeError> {
    let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code.then(|| code.to_owned()).ok_or(DecodeError::Text {
        field,
        reason: "two capital letters (ISO 3166-1 alpha-2)",
    })
}

fn subdivision(country: &str, code: &str) -> Result<String, DecodeError> {
    let part = code
        .strip_prefix(country)
        .and_then(|rest| rest.strip_prefix('-'));
    let is_part = part.is_some_and(|part| {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        (1..=3).contains(&part.len()) && part.bytes().all(allowed)
    });
    if code.is_empty() || is_part {
        return Ok(code.to_owned());
    }
    Err(DecodeError::Text {
        field: "residence.subdivision",
        reason: "the country, a hyphen and one to three capital letters or digits (ISO 3166-2)",
    })
}

fn time_zone(name: &str) -> Result<String, DecodeError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
    let is_name = (1..=limits::TIME_ZONE_BYTES_MAX).contains(&name.len())
        && name.bytes().all(allowed)
        && name.starts_with(|first: char| first.is_ascii_uppercase());
    is_name.then(|| name.to_owned()).ok_or(DecodeError::Text {
        field: "residence.time_zones",
        reason: "an IANA name such as Europe/Prague",
    })
}

pub(crate) fn language(tag: &str) -> Result<String, DecodeError> {
    let part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let is_tag = (2..=limits::LANGUAGE_BYTES_MAX).contains(&tag.len())
        && tag.starts_with(|first: char| first.is_ascii_lowercase())
        && tag.split('-').all(part);
    is_tag.then(|| tag.to_owned()).ok_or(DecodeError::Text {
        field: "residence.language",
        reason: "a BCP 47 tag such as cs or pt-BR",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(country: &str, subdivision: &str, zones: &[&str], language: &str) -> bool {
        let residence = wire::Residence {
            country: country.to_owned(),
            subdivision: subdivision.to_owned(),
            time_zones: zones.iter().map(|zone| (*zone).to_owned()).collect(),
            language: language.to_owned(),
        };
        Residence::from_wire(Some(&residence)).is_ok()
    }

    #[test]
    fn forms() {
        let prague: &[&str] = &["Europe/Prague"];
        assert!(read("CZ", "", prague, "cs"));
        assert!(read(
            "US",
            "US-CA",
            &["America/Los_Angeles", "America/New_York"],
            "en-US"
        ));
        assert!(read("TT", "TT-SGE", &["Etc/GMT+4"], "en"));
        for (country, subdivision, zones, language) in [
            ("cz", "", prague, "cs"),
            ("CZE", "", prague, "cs"),
            ("US", "CA-BC", prague, "en"),
            ("US", "US-", prague, "en"),
            ("US", "US-CALI", prague, "en"),
            ("CZ", "", &[], "cs"),
            ("CZ", "", &["Europe/Prague", "Europe/Prague"], "cs"),
            ("CZ", "", &["Asia/Tokyo", "Asia/Dili", "Asia/Aden"], "cs"),
            ("CZ", "", &["europe prague"], "cs"),
            ("CZ", "", prague, ""),
            ("CZ", "", prague, "cs-"),
            ("CZ", "", prague, "CS"),
        ] {
            assert!(
                !read(country, subdivision, zones, language),
                "{country} {subdivision} {zones:?} {language}"
            );
        }
    }
}
