//! Values as people write them on the command line and in files.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use talea_types::{
    Amount, Asset, Hash, ParticipantId, Residence, Subject, Timestamp,
    credit::date_of,
    operation::{DataPurpose, LocalHours, Purpose},
};

/// Reads `30s`, `10m`, `2h`, `7d`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let refuse = || format!("'{text}' is not a duration; write 30s, 10m, 2h or 7d");
    let unit = text.chars().last().ok_or_else(refuse)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(refuse()),
    };
    let number = text.strip_suffix(unit).unwrap_or_default();
    let number: u64 = number.parse().map_err(|_| refuse())?;
    number
        .checked_mul(seconds)
        .map(Duration::from_secs)
        .ok_or_else(refuse)
}

/// Reads `2026-11-22T12:00:00Z`.
pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    let refuse = || format!("'{text}' is not a time; write it as 2026-11-22T12:00:00Z");
    let time: jiff::Timestamp = text.parse().map_err(|_| refuse())?;
    u64::try_from(time.as_millisecond())
        .map(Timestamp::from_millis)
        .map_err(|_| refuse())
}

/// Reads an organisation's id or its Legal Entity Identifier.
pub(crate) fn organisation(text: &str) -> Result<ParticipantId, String> {
    if text.len() == 20
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    {
        return Ok(ParticipantId::from_lei(text));
    }
    text.parse().map_err(|error| {
        format!("{error}; or give its Legal Entity Identifier, 20 capital letters and digits")
    })
}

/// Reads an account, or an organisation's id or Legal Entity Identifier: who can sign.
pub(crate) fn author(text: &str) -> Result<Subject, String> {
    if let Ok(account) = text.parse() {
        return Ok(Subject::Account(account));
    }
    let refuse = |_| {
        format!(
            "'{text}' is neither an account (acct1...) nor an organisation (org1..., or its LEI)"
        )
    };
    organisation(text).map(Subject::Participant).map_err(refuse)
}

/// Reads a day: `2026-11-22`.
pub(crate) fn day(text: &str) -> Result<u32, String> {
    let refuse = || format!("'{text}' is not a day from 1970 on; write it as 2026-11-22");
    let date: jiff::civil::Date = text.parse().map_err(|_| refuse())?;
    let part = |number: i8| u32::try_from(number).map_err(|_| refuse());
    let year = u32::try_from(date.year()).map_err(|_| refuse())?;
    if year < 1_970 {
        return Err(refuse());
    }
    Ok(date_of(year, part(date.month())?, part(date.day())?))
}

/// Reads `12.5%` as parts per million.
pub(crate) fn percent(text: &str) -> Result<u32, String> {
    let refuse =
        || format!("'{text}' is not a rate or a share; write 12.5%, with at most 4 decimals");
    let number = text.strip_suffix('%').ok_or_else(refuse)?;
    let parts = Amount::from_decimal(number.trim_end(), 4).ok_or_else(refuse)?;
    u32::try_from(parts.minor_units()).map_err(|_| refuse())
}

/// Reads hours by the clock on the wall: `21:00-08:00`.
pub(crate) fn hours(text: &str) -> Result<LocalHours, String> {
    let refuse = || format!("'{text}' is not a range of hours; write 21:00-08:00");
    let minute = |clock: &str| {
        let (hour, minute) = clock.split_once(':')?;
        let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
        let minutes = hour.checked_mul(60)?.checked_add(minute)?;
        (minute < 60 && minutes <= 1_440).then_some(minutes)
    };
    let (from, until) = text.split_once('-').ok_or_else(refuse)?;
    Ok(LocalHours {
        from: minute(from).ok_or_else(refuse)?,
        until: minute(until).ok_or_else(refuse)?,
    })
}

/// Puts a residence together: `US-NY` or `CZ`, one or two time zones, a language.
pub(crate) fn residence(place: &str, time_zones: Vec<String>, language: String) -> Residence {
    let mut time_zones = time_zones;
    time_zones.sort_unstable();
    time_zones.dedup();
    let country = place.split('-').next().unwrap_or_default();
    Residence {
        country: country.to_owned(),
        subdivision: if place == country {
            String::new()
        } else {
            place.to_owned()
        },
        time_zones,
        language,
    }
}

/// Reads a decimal amount of an asset of this network.
pub(crate) fn amount(
    text: &str,
    asset: Asset,
    decimals: &BTreeMap<Asset, u32>,
) -> anyhow::Result<Amount> {
    let places = decimals.get(&asset).with_context(|| {
        let known: Vec<String> = decimals.keys().map(Asset::to_string).collect();
        format!(
            "this network does not carry {asset}; it carries {}",
            known.join(", ")
        )
    })?;
    Amount::from_decimal(text, *places)
        .with_context(|| format!("'{text}' is not an amount of {asset}; at most {places} decimals"))
}

/// Reads a purpose: `purchase`, `person-to-person`.
pub(crate) fn purpose(text: &str) -> Result<Purpose, String> {
    Ok(match text {
        "person-to-person" => Purpose::PersonToPerson,
        "purchase" => Purpose::Purchase,
        "bill" => Purpose::Bill,
        "salary" => Purpose::Salary,
        "loan-payment" => Purpose::LoanPayment,
        "tax" => Purpose::Tax,
        "other" => Purpose::Other,
        _ => {
            return Err(format!(
                "'{text}' is not a purpose; one of person-to-person, purchase, bill, salary, \
                 loan-payment, tax, other"
            ));
        }
    })
}

/// Reads for what data is read: `supervision`, `credit-decision`.
pub(crate) fn data_purpose(text: &str) -> Result<DataPurpose, String> {
    let word = |purpose: DataPurpose| purpose.name().replace(' ', "-");
    let found = DataPurpose::ALL
        .into_iter()
        .find(|purpose| word(*purpose) == text);
    found.ok_or_else(|| {
        let words = DataPurpose::ALL.map(word).join(", ");
        format!("'{text}' is not a purpose; one of {words}")
    })
}

/// Reads a commitment: 64 hexadecimal digits.
pub(crate) fn commitment(text: &str) -> Result<Hash, String> {
    text.parse()
        .map_err(|_| format!("'{text}' is not a commitment: 64 hexadecimal digits"))
}

/// Checks that a name is one of a short list.
pub(crate) fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> anyhow::Result<T> {
    let found = words.iter().find(|(word, _)| *word == text);
    let Some((_, value)) = found else {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        bail!(anyhow!("'{text}' is not one of {}", words.join(", ")));
    };
    Ok(*value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(604_800)));
        for refused in [
            "",
            "s",
            "5",
            "-1s",
            "1.5h",
            "1w",
            "99999999999999999999d",
            "5é",
        ] {
            assert!(duration(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn organisations_by_identifier_or_id() {
        let lei = "TALEASANDBOX00000187";
        let id = ParticipantId::from_lei(lei);
        assert_eq!(organisation(lei), Ok(id));
        assert_eq!(organisation(&id.to_string()), Ok(id));
        assert!(organisation("bank").is_err());
    }

    #[test]
    fn amounts_need_an_asset_of_the_network() {
        let czk = Asset::new("CZK").unwrap();
        let decimals = BTreeMap::from([(czk, 2)]);
        let read = amount("12.50", czk, &decimals).unwrap();
        assert_eq!(read.minor_units(), 1_250);
        assert!(amount("12.505", czk, &decimals).is_err());
        assert!(amount("1", Asset::new("EUR").unwrap(), &decimals).is_err());
    }

    #[test]
    fn days_shares_and_hours() {
        assert_eq!(day("1970-01-01"), Ok(0));
        assert_eq!(day("2026-11-22"), Ok(20_779));
        for refused in ["1969-12-31", "2026-02-30", "22.11.2026", ""] {
            assert!(day(refused).is_err(), "{refused}");
        }
        assert_eq!(percent("12.5%"), Ok(125_000));
        assert_eq!(percent("0.0001 %"), Ok(1));
        assert_eq!(percent("1000%"), Ok(10_000_000));
        for refused in ["12.5", "0.00001%", "-1%", "99999999999%", "%"] {
            assert!(percent(refused).is_err(), "{refused}");
        }
        let night = LocalHours {
            from: 1_260,
            until: 480,
        };
        assert_eq!(hours("21:00-08:00"), Ok(night));
        for refused in ["21-8", "24:01-08:00", "21:60-08:00", "21:00"] {
            assert!(hours(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_residence_knows_its_country() {
        let zones = vec!["America/New_York".to_owned()];
        let state = residence("US-NY", zones.clone(), "en".to_owned());
        assert_eq!(
            (state.country.as_str(), state.subdivision.as_str()),
            ("US", "US-NY")
        );
        let country = residence("US", zones, "en".to_owned());
        assert_eq!(
            (country.country.as_str(), country.subdivision.as_str()),
            ("US", "")
        );
    }
}
