//! The words of a document for the roles of organisations and the kinds of assets.

use talea_types::state::{AssetKind, Role};

/// Every role and its word.
pub const ROLES: [(Role, &str); 10] = [
    (Role::Operator, "operator"),
    (Role::Bank, "bank"),
    (Role::Merchant, "merchant"),
    (Role::CollectionAgency, "collection_agency"),
    (Role::CreditBureau, "credit_bureau"),
    (Role::KycProvider, "kyc_provider"),
    (Role::Monitor, "monitor"),
    (Role::Adviser, "adviser"),
    (Role::Authority, "authority"),
    (Role::Regulator, "regulator"),
];

/// Every kind of asset and its word.
pub const ASSET_KINDS: [(AssetKind, &str); 3] = [
    (AssetKind::Currency, "currency"),
    (AssetKind::Points, "points"),
    (AssetKind::Coupon, "coupon"),
];

/// The word of a role.
#[must_use]
pub fn role(role: Role) -> &'static str {
    word_of(&ROLES, role)
}

/// The word of a kind of asset.
#[must_use]
pub fn asset_kind(kind: AssetKind) -> &'static str {
    word_of(&ASSET_KINDS, kind)
}

/// What a word of a table stands for.
pub(crate) fn meaning<T: Copy>(table: &[(T, &'static str)], word: &str) -> Option<T> {
    table
        .iter()
        .find(|(_, own)| *own == word)
        .map(|(value, _)| *value)
}

/// All words of a table.
pub(crate) fn listed<T>(table: &[(T, &'static str)]) -> String {
    let words: Vec<&str> = table.iter().map(|(_, word)| *word).collect();
    words.join(", ")
}

fn word_of<T: Copy + PartialEq>(table: &[(T, &'static str)], value: T) -> &'static str {
    table
        .iter()
        .find(|(own, _)| *own == value)
        .map_or_else(|| unreachable!("every value has a word"), |(_, word)| *word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_types() {
        for (value, word) in ROLES {
            assert_eq!(serde_json::to_value(value).unwrap(), word);
            assert_eq!(role(value), word);
            assert_eq!(meaning(&ROLES, word), Some(value));
        }
        for (value, word) in ASSET_KINDS {
            assert_eq!(serde_json::to_value(value).unwrap(), word);
            assert_eq!(asset_kind(value), word);
        }
        assert_eq!(meaning(&ROLES, "king"), None);
    }
}
