//! The packs that come with Talea. A network chooses which of them, or of its own, are in force.

use crate::pack::{Pack, PackError};

/// Names of the files and their texts, ascending by name.
pub const TEXTS: [(&str, &str); 7] = [
    ("cn-gbt-45251", include_str!("../packs/cn-gbt-45251.toml")),
    (
        "eu-credit-servicing",
        include_str!("../packs/eu-credit-servicing.toml"),
    ),
    (
        "hk-code-of-banking",
        include_str!("../packs/hk-code-of-banking.toml"),
    ),
    ("in-rbi", include_str!("../packs/in-rbi.toml")),
    ("lender-sample", include_str!("../packs/lender-sample.toml")),
    ("uk-conc7", include_str!("../packs/uk-conc7.toml")),
    ("us-reg-f", include_str!("../packs/us-reg-f.toml")),
];

/// The text of a pack.
#[must_use]
pub fn text(id: &str) -> Option<&'static str> {
    let found = TEXTS.iter().find(|(name, _)| *name == id);
    found.map(|(_, text)| *text)
}

/// All of them, ascending by id.
///
/// # Errors
/// [`PackError`]; a test shows that there is none.
pub fn all() -> Result<Vec<Pack>, PackError> {
    TEXTS
        .iter()
        .map(|(_, text)| Pack::from_toml(text))
        .collect()
}
