//! Hours of a day by the clock on the wall.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use talea_types::DecodeError;

/// A minute of a day, counted from local midnight: 0 to 1,440, the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MinuteOfDay(u16);

impl MinuteOfDay {
    /// A minute of a day.
    ///
    /// # Errors
    /// [`DecodeError::Range`] beyond 1,440.
    pub fn new(minute: u32) -> Result<Self, DecodeError> {
        u16::try_from(minute)
            .ok()
            .filter(|minute| *minute <= 1_440)
            .map(Self)
            .ok_or(DecodeError::Range {
                field: "minute of the day",
                reason: "0 to 1440",
            })
    }

    /// Counted from midnight.
    #[must_use]
    pub const fn minute(self) -> u16 {
        self.0
    }

    /// Milliseconds from midnight.
    #[must_use]
    pub fn millis(self) -> i64 {
        i64::from(self.0).saturating_mul(60_000)
    }
}

impl FromStr for MinuteOfDay {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, DecodeError> {
        let refuse = DecodeError::Text {
            field: "time of day",
            reason: "00:00 to 24:00",
        };
        let (hour, minute) = text.split_once(':').ok_or(refuse.clone())?;
        let number = |digits: &str| {
            let two = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
            two.then(|| digits.parse::<u32>().ok()).flatten()
        };
        match (number(hour), number(minute)) {
            (Some(hour), Some(minute)) if minute < 60 => {
                Self::new(hour.saturating_mul(60).saturating_add(minute)).map_err(|_| refuse)
            }
            _ => Err(refuse),
        }
    }
}

impl TryFrom<String> for MinuteOfDay {
    type Error = DecodeError;

    fn try_from(text: String) -> Result<Self, DecodeError> {
        text.parse()
    }
}

impl From<MinuteOfDay> for String {
    fn from(minute: MinuteOfDay) -> Self {
        minute.to_string()
    }
}

impl fmt::Display for MinuteOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// From one time of day until another, which does not belong to it; over midnight if the end is not
/// after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// First minute.
    pub from: MinuteOfDay,
    /// The minute after the last.
    pub until: MinuteOfDay,
}

impl Hours {
    /// Whether a time of day, milliseconds from midnight, belongs to it.
    #[must_use]
    pub fn contains(&self, time_of_day: i64) -> bool {
        let (from, until) = (self.from.millis(), self.until.millis());
        if from < until {
            from <= time_of_day && time_of_day < until
        } else {
            from <= time_of_day || time_of_day < until
        }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_have_one_form() {
        for text in ["00:00", "08:00", "21:59", "24:00"] {
            assert_eq!(text.parse::<MinuteOfDay>().unwrap().to_string(), text);
        }
        for text in ["", "8:00", "08:60", "24:01", "08:0", "+8:00", "08:00:00"] {
            assert!(text.parse::<MinuteOfDay>().is_err(), "{text}");
        }
    }

    #[test]
    fn hours_over_midnight() {
        let night = Hours {
            from: "21:00".parse().unwrap(),
            until: "08:00".parse().unwrap(),
        };
        let at = |text: &str| text.parse::<MinuteOfDay>().unwrap().millis();
        assert!(night.contains(at("21:00")) && night.contains(at("08:00") - 1));
        assert!(!night.contains(at("21:00") - 1) && !night.contains(at("08:00")));
    }
}
