//! Rule packs as the ledger carries them: an id, a version and the canonical bytes of a document.

use std::{fmt, str::FromStr};

use crate::{
    decode::DecodeError,
    hash::{Hash, tagged},
    limits::RULE_PACK_ID_BYTES_MAX,
};

/// The id of a rule pack: 1 to 32 lower-case letters, digits and hyphens, a letter first (`us-reg-f`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RulePackId {
    bytes: [u8; RULE_PACK_ID_BYTES_MAX],
    length: u8,
}

impl RulePackId {
    /// Reads an id.
    ///
    /// # Errors
    /// [`DecodeError::Text`] when it is not of the form above.
    pub fn new(id: &str) -> Result<Self, DecodeError> {
        let refuse = DecodeError::Text {
            field: "rule pack",
            reason: "1 to 32 lower-case letters, digits and hyphens, a letter first",
        };
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if id.len() > RULE_PACK_ID_BYTES_MAX
            || !id.bytes().all(allowed)
            || !id.starts_with(|c: char| c.is_ascii_lowercase())
        {
            return Err(refuse);
        }
        let mut bytes = [0; RULE_PACK_ID_BYTES_MAX];
        for (slot, byte) in bytes.iter_mut().zip(id.bytes()) {
            *slot = byte;
        }
        let length = u8::try_from(id.len()).map_err(|_| refuse)?;
        Ok(Self { bytes, length })
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let id = self.bytes.get(..usize::from(self.length));
        std::str::from_utf8(id.unwrap_or_default()).unwrap_or_default()
    }
}

impl fmt::Display for RulePackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RulePackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RulePackId {
    type Err = DecodeError;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        Self::new(id)
    }
}

/// The hash of the canonical bytes of a pack's document.
#[must_use]
pub fn document_hash(document: &[u8]) -> Hash {
    tagged("talea/rule-pack/v1", &[document])
}

/// What headers commit to: the packs in force, each with its version and the hash of its document,
/// strictly ascending by id.
#[must_use]
pub fn rule_packs_hash(in_force: impl Iterator<Item = (RulePackId, u32, Hash)>) -> Hash {
    let mut bytes = Vec::new();
    for (id, version, hash) in in_force {
        bytes.push(id.length);
        bytes.extend_from_slice(id.as_str().as_bytes());
        bytes.extend_from_slice(&version.to_be_bytes());
        bytes.extend_from_slice(hash.as_bytes());
    }
    tagged("talea/rule-packs/v1", &[&bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        for id in ["a", "us-reg-f", "cn-gbt-45251-2025", &"a".repeat(32)] {
            assert_eq!(RulePackId::new(id).unwrap().as_str(), id);
        }
        for refused in ["", "1a", "-a", "US", "a b", "ä", &"a".repeat(33)] {
            assert!(RulePackId::new(refused).is_err(), "{refused}");
        }
        let [short, long] = ["ab", "abc"].map(|id| RulePackId::new(id).unwrap());
        assert!(short < long);
    }

    #[test]
    fn the_hash_names_every_pack_and_version() {
        let pack =
            |id: &str, version, byte| (RulePackId::new(id).unwrap(), version, Hash([byte; 32]));
        let hash = |packs: &[(RulePackId, u32, Hash)]| rule_packs_hash(packs.iter().copied());
        let one = hash(&[pack("a", 1, 1)]);
        assert_ne!(one, hash(&[]));
        assert_ne!(one, hash(&[pack("a", 2, 1)]));
        assert_ne!(one, hash(&[pack("b", 1, 1)]));
        assert_ne!(one, hash(&[pack("a", 1, 2)]));
        assert_ne!(one, hash(&[pack("a", 1, 1), pack("b", 1, 1)]));
    }
}
