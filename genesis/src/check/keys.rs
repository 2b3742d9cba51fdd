//! Rules for keys: well formed, safe to register, and used for one purpose only.

use std::collections::BTreeMap;

use talea_types::{PublicKey, Signature};

use super::text::Shown;
use crate::problem::Problems;

/// Where each key of a document stands, so that none serves twice.
pub(crate) struct KeyRegister(BTreeMap<PublicKey, String>);

impl KeyRegister {
    pub(crate) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Reads a key that is to be registered, and notes its use.
    pub(crate) fn register(
        &mut self,
        field: &str,
        text: &str,
        problems: &mut Problems,
    ) -> Option<PublicKey> {
        let key = public_key(field, text, problems)?;
        if let Err(error) = key.check_registrable() {
            problems.add(
                field,
                error.to_string(),
                "make a new key with 'talea-genesis keys new'",
            );
            return None;
        }
        if let Some(first) = self.0.get(&key) {
            problems.add(
                field,
                format!("the same key stands at {first}"),
                "make a key of its own for each purpose with 'talea-genesis keys new'",
            );
            return None;
        }
        self.0.insert(key, field.to_owned());
        Some(key)
    }
}

/// Reads a public key.
pub(crate) fn public_key(field: &str, text: &str, problems: &mut Problems) -> Option<PublicKey> {
    let key = text.parse();
    if let Err(error) = &key {
        problems.add(
            field,
            format!("{} is not a public key: {error}", Shown(text)),
            "copy it from the first line of the key file",
        );
    }
    key.ok()
}

/// Reads a signature.
pub(crate) fn signature(field: &str, text: &str, problems: &mut Problems) -> Option<Signature> {
    let signature = text.parse();
    if let Err(error) = &signature {
        problems.add(
            field,
            format!("{} is not a signature: {error}", Shown(text)),
            "remove it and sign again",
        );
    }
    signature.ok()
}
