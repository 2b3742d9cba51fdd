//! Where borrowers live: the law that binds, the local time, the language.

use talea_client::operations::collections;
use talea_types::residence::Residence;

/// The residence of a region of ISO 3166-2. A state of several time zones has that in which most of its
/// people live.
#[must_use]
pub fn residence(region: &str) -> Residence {
    let country = region.split('-').next().unwrap_or(region);
    let state = region.split_once('-').map_or("", |(_, state)| state);
    let (zone, language) = match country {
        "CN" => ("Asia/Shanghai", "zh"),
        "GB" => ("Europe/London", "en"),
        "CZ" => ("Europe/Prague", "cs"),
        _ => (american_zone(state), "en"),
    };
    let subdivision = if state.is_empty() { "" } else { region };
    Residence {
        subdivision: subdivision.to_owned(),
        ..collections::residence(country, zone, language)
    }
}

fn american_zone(state: &str) -> &'static str {
    match state {
        "AK" => "America/Anchorage",
        "HI" => "Pacific/Honolulu",
        "AZ" => "America/Phoenix",
        "CA" | "NV" | "OR" | "WA" => "America/Los_Angeles",
        "CO" | "ID" | "MT" | "NM" | "UT" | "WY" => "America/Denver",
        "AL" | "AR" | "IA" | "IL" | "KS" | "LA" | "MN" | "MO" | "MS" | "ND" | "NE" | "OK"
        | "SD" | "TN" | "TX" | "WI" => "America/Chicago",
        _ => "America/New_York",
    }
}
