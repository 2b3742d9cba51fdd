//! Which keys may name a signer.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::traits::IsIdentity;

use super::edge_cases::off_curve_encoding;
use super::{PublicKey, secret};
use crate::crypto::KeyError;

#[test]
fn generated_keys_are_registrable() {
    for number in 0..20 {
        secret(number).public_key().check_registrable().unwrap();
    }
}

#[test]
fn what_is_no_point_is_refused() {
    let key = PublicKey::from_bytes(off_curve_encoding());
    assert_eq!(key.check_registrable(), Err(KeyError::NotOnCurve { key }));
}

#[test]
fn points_of_small_order_are_refused() {
    for point in EIGHT_TORSION {
        let key = PublicKey::from_bytes(point.compress().to_bytes());
        assert_eq!(key.check_registrable(), Err(KeyError::SmallOrder { key }));
    }
}

#[test]
fn points_with_a_component_of_small_order_are_refused() {
    let honest = CompressedEdwardsY(*secret(0).public_key().as_bytes())
        .decompress()
        .unwrap();
    for torsion in EIGHT_TORSION
        .into_iter()
        .filter(|point| !point.is_identity())
    {
        let key = PublicKey::from_bytes((honest + torsion).compress().to_bytes());
        assert_eq!(key.check_registrable(), Err(KeyError::Torsion { key }));
    }
}

#[test]
fn other_encodings_are_refused() {
    // The identity with its sign bit set, and `y = p + 3`, a point of large order.
    let mut identity = [0; 32];
    identity[0] = 1;
    identity[31] = 0x80;
    let mut unreduced = [0xff; 32];
    unreduced[0] = 0xf0;
    unreduced[31] = 0x7f;
    for bytes in [identity, unreduced] {
        let key = PublicKey::from_bytes(bytes);
        assert!(CompressedEdwardsY(bytes).decompress().is_some(), "{key}");
        assert_eq!(key.check_registrable(), Err(KeyError::NonCanonical { key }));
    }
}
