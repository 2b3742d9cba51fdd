//! Verdicts on signatures and keys that this thread has reached, for simulations of whole networks in one process.
//!
//! All nodes of a simulated network verify the same signatures, and most of its processor time goes there. The
//! verdict is a function of key, message and signature alone, so one computation serves all of them, and so it is with
//! the keys of a genesis, which every start of every node checks. A seed replays the same bit for bit. Without the
//! feature `known-signatures`, which nothing but long runs of the simulator enables, nothing is ever known and every
//! verdict is computed.

pub(super) use switch::{is_registrable, note, note_made, note_registrable, verdict};

#[cfg(not(feature = "known-signatures"))]
mod switch {
    use curve25519_dalek::scalar::Scalar;

    use crate::crypto::{PublicKey, Signature};

    pub(in crate::crypto) const fn verdict(
        _: &PublicKey,
        _: &Scalar,
        _: &Signature,
    ) -> Option<bool> {
        None
    }

    pub(in crate::crypto) const fn note(_: &PublicKey, _: &Scalar, _: &Signature, _: bool) {}

    pub(in crate::crypto) const fn note_made(_: &PublicKey, _: &[u8], _: &Signature) {}

    pub(in crate::crypto) const fn is_registrable(_: &PublicKey) -> bool {
        false
    }

    pub(in crate::crypto) const fn note_registrable(_: &PublicKey) {}
}

#[cfg(feature = "known-signatures")]
mod switch {
    use std::cell::RefCell;
    use std::collections::{BTreeMap, BTreeSet};

    use curve25519_dalek::scalar::Scalar;

    use crate::crypto::equation::challenge_digest;
    use crate::crypto::{PublicKey, Signature};
    use crate::limits::KNOWN_SIGNATURES_MAX;

    /// Key, challenge and signature. The challenge is a hash of the message, the key and a part of the
    /// signature: another message with the same one is a collision.
    type Known = ([u8; 32], [u8; 32], [u8; 64]);

    thread_local! {
        static KNOWN: RefCell<BTreeMap<Known, bool>> = const { RefCell::new(BTreeMap::new()) };
        static REGISTRABLE: RefCell<BTreeSet<PublicKey>> = const { RefCell::new(BTreeSet::new()) };
    }

    fn known(key: &PublicKey, challenge: &Scalar, signature: &Signature) -> Known {
        (*key.as_bytes(), challenge.to_bytes(), *signature.as_bytes())
    }

    /// Whether the rule accepts this signature, if that was found out before.
    pub(in crate::crypto) fn verdict(
        key: &PublicKey,
        challenge: &Scalar,
        signature: &Signature,
    ) -> Option<bool> {
        KNOWN.with_borrow(|all| all.get(&known(key, challenge, signature)).copied())
    }

    /// Notes whether the rule accepts it.
    pub(in crate::crypto) fn note(
        key: &PublicKey,
        challenge: &Scalar,
        signature: &Signature,
        is_valid: bool,
    ) {
        KNOWN.with_borrow_mut(|all| {
            if all.len() >= KNOWN_SIGNATURES_MAX {
                all.clear();
            }
            all.insert(known(key, challenge, signature), is_valid);
        });
    }

    /// Notes a signature that its key has just made: what is signed so is valid.
    pub(in crate::crypto) fn note_made(key: &PublicKey, message: &[u8], signature: &Signature) {
        let digest = challenge_digest(key, message, signature);
        note(
            key,
            &Scalar::from_bytes_mod_order_wide(&digest),
            signature,
            true,
        );
    }
    /// Whether this key was found to be one that may be registered.
    pub(in crate::crypto) fn is_registrable(key: &PublicKey) -> bool {
        REGISTRABLE.with_borrow(|all| all.contains(key))
    }

    /// Notes that it is one.
    pub(in crate::crypto) fn note_registrable(key: &PublicKey) {
        REGISTRABLE.with_borrow_mut(|all| {
            if all.len() >= KNOWN_SIGNATURES_MAX {
                all.clear();
            }
            all.insert(*key);
        });
    }
}
