//! Values as people write them on the command line and in files.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use talea_types::{
    Amount, Asset, Hash, ParticipantId, Timestamp,
    operation::{DataPurpose, Purpose},
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
}
