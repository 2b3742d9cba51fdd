//! The inputs on which verifiers differ, generated: points of small order, other encodings of
//! them, and components of small order in otherwise honest keys and nonces.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;

use super::{Case, PublicKey, Signature, refused_of, secret};
use crate::crypto::equation::challenge_digest;
use crate::crypto::{KeyError, SignatureError, VerifyingKey};

/// The field's prime, 2^255 - 19, little endian.
const PRIME: [u8; 32] = {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed;
    bytes[31] = 0x7f;
    bytes
};

/// Every encoding, of which ZIP 215 accepts all, that is not the one a point is encoded to: `y`
/// from the prime to `2^255 - 1` with either sign, and the two points with `x = 0` with sign 1.
fn non_canonical_encodings() -> Vec<[u8; 32]> {
    let mut encodings = Vec::new();
    for excess in 0..19 {
        for sign in [0, 0x80] {
            let mut bytes = PRIME;
            bytes[0] += excess;
            bytes[31] |= sign;
            encodings.push(bytes);
        }
    }
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = PRIME;
    minus_one[0] -= 1;
    for mut bytes in [one, minus_one] {
        bytes[31] |= 0x80;
        encodings.push(bytes);
    }
    encodings.retain(|bytes| CompressedEdwardsY(*bytes).decompress().is_some());
    encodings
}

/// The 8 points of small order and their 6 other encodings.
fn small_order_encodings() -> Vec<[u8; 32]> {
    let canonical = EIGHT_TORSION
        .iter()
        .map(|point| point.compress().to_bytes());
    let others = non_canonical_encodings().into_iter().filter(|bytes| {
        CompressedEdwardsY(*bytes)
            .decompress()
            .is_some_and(|point| point.is_small_order())
    });
    canonical.chain(others).collect()
}

fn signature_of(nonce: [u8; 32], response: Scalar) -> Signature {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&nonce);
    bytes[32..].copy_from_slice(response.as_bytes());
    Signature::from_bytes(bytes)
}

/// A signature by `secret_scalar` under a key and with a nonce that carry components of small
/// order; `k` is computed over the encodings as given.
fn sign_mixed(torsion_of_key: EdwardsPoint, torsion_of_nonce: EdwardsPoint) -> Case {
    let secret_scalar = Scalar::from(0x0123_4567_89ab_cdef_u64);
    let nonce_scalar = Scalar::from(0xfedc_ba98_7654_3210_u64);
    let key = (ED25519_BASEPOINT_POINT * secret_scalar + torsion_of_key)
        .compress()
        .to_bytes();
    let nonce = (ED25519_BASEPOINT_POINT * nonce_scalar + torsion_of_nonce)
        .compress()
        .to_bytes();
    let key = PublicKey::from_bytes(key);
    let message = b"mixed order".to_vec();
    let unsigned = signature_of(nonce, Scalar::ZERO);
    let digest = challenge_digest(&key, &message, &unsigned);
    let challenge = Scalar::from_bytes_mod_order_wide(&digest);
    let signature = signature_of(nonce, nonce_scalar + challenge * secret_scalar);
    Case {
        key,
        message,
        signature,
    }
}

/// The conformance vectors of ZIP 215: every small-order encoding as `A` and as `R`, `S = 0`.
#[test]
fn zip_215_accepts_all_196_small_order_vectors() {
    let encodings = small_order_encodings();
    assert_eq!(encodings.len(), 14);
    let mut cases = Vec::new();
    for key in &encodings {
        for nonce in &encodings {
            let case = Case {
                key: PublicKey::from_bytes(*key),
                message: b"Zcash".to_vec(),
                signature: signature_of(*nonce, Scalar::ZERO),
            };
            case.check(true, &format!("{case:?}"));
            cases.push(case);
        }
    }
    assert_eq!(cases.len(), 196);
    assert!(refused_of(&cases).is_empty());
}

/// The counterpart, so that the vectors above cannot pass by accepting everything.
#[test]
fn small_order_keys_and_nonces_with_another_response_are_refused() {
    for encoding in small_order_encodings() {
        let case = Case {
            key: PublicKey::from_bytes(encoding),
            message: b"Zcash".to_vec(),
            signature: signature_of(encoding, Scalar::ONE),
        };
        case.check(false, &format!("{case:?}"));
    }
}

#[test]
fn components_of_small_order_never_decide() {
    let (mut total, mut cofactorless_refuses) = (0, 0);
    for torsion_of_key in EIGHT_TORSION {
        for torsion_of_nonce in EIGHT_TORSION {
            let case = sign_mixed(torsion_of_key, torsion_of_nonce);
            case.check(true, &format!("{case:?}"));
            let peer = ed25519_dalek::VerifyingKey::from_bytes(case.key.as_bytes()).unwrap();
            let signature = ed25519_dalek::Signature::from_bytes(case.signature.as_bytes());
            total += 1;
            if peer.verify_strict(&case.message, &signature).is_err() {
                cofactorless_refuses += 1;
            }
        }
    }
    // The cases are the ones that matter: another rule splits on most of them.
    assert_eq!(total, 64);
    assert!(cofactorless_refuses >= 48, "{cofactorless_refuses}");
}

#[test]
fn each_way_to_be_refused_has_its_name() {
    let good = Case::good(1, b"message");
    let key = VerifyingKey::try_from(good.key).unwrap();
    let parts = good.signature.as_bytes();

    let mut raised = *parts;
    raised[63] |= 0xf0;
    let raised = Signature::from_bytes(raised);
    assert_eq!(
        key.verify(b"message", &raised),
        Err(SignatureError::ScalarNotCanonical)
    );

    let off_curve = off_curve_encoding();
    let mut displaced = *parts;
    displaced[..32].copy_from_slice(&off_curve);
    let displaced = Signature::from_bytes(displaced);
    assert_eq!(
        key.verify(b"message", &displaced),
        Err(SignatureError::NonceNotOnCurve)
    );

    assert_eq!(
        key.verify(b"massage", &good.signature),
        Err(SignatureError::Mismatch)
    );
    for signature in [raised, displaced] {
        Case {
            signature,
            ..good.clone()
        }
        .check(false, "malformed");
    }

    let key = PublicKey::from_bytes(off_curve);
    assert_eq!(
        VerifyingKey::try_from(key),
        Err(KeyError::NotOnCurve { key })
    );
}

/// `S + L` is the same scalar in another form: accepting it would make signatures malleable.
#[test]
fn unreduced_response_is_refused() {
    let order =
        hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let good = Case::good(2, b"message");
    let mut bytes = *good.signature.as_bytes();
    let mut carry = 0u16;
    for (byte, addend) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(addend) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    Case {
        signature: Signature::from_bytes(bytes),
        ..good
    }
    .check(false, "S + L");
}

/// Every single-bit change of signature, message or key.
#[test]
fn any_flipped_bit_is_refused() {
    let good = Case::good(3, b"ten euros!");
    assert!(good.verifies_alone());
    let mut altered = Vec::new();
    for bit in 0..512 {
        let mut bytes = *good.signature.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        altered.push(Case {
            signature: Signature::from_bytes(bytes),
            ..good.clone()
        });
    }
    for bit in 0..good.message.len() * 8 {
        let mut case = good.clone();
        case.message[bit / 8] ^= 1 << (bit % 8);
        altered.push(case);
    }
    let mut keys_off_curve = 0;
    for bit in 0..256 {
        let mut bytes = *good.key.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let key = PublicKey::from_bytes(bytes);
        if VerifyingKey::try_from(key).is_ok() {
            altered.push(Case {
                key,
                ..good.clone()
            });
        } else {
            keys_off_curve += 1;
        }
    }
    assert!((64..192).contains(&keys_off_curve));
    assert!(altered.iter().all(|case| !case.verifies_alone()));
    let everything: Vec<usize> = (0..altered.len()).collect();
    assert_eq!(refused_of(&altered), everything);
}

#[test]
fn a_longer_or_shorter_message_is_another() {
    let good = Case::good(4, b"message");
    for message in [&b"messag"[..], b"message\0", b""] {
        Case {
            message: message.to_vec(),
            ..good.clone()
        }
        .check(false, "other length");
    }
}

/// An encoding that is no point.
pub(super) fn off_curve_encoding() -> [u8; 32] {
    let candidates = (0..=u8::MAX).map(|byte| {
        let mut bytes = *secret(0).public_key().as_bytes();
        bytes[0] = byte;
        bytes
    });
    let mut off_curve =
        candidates.filter(|bytes| CompressedEdwardsY(*bytes).decompress().is_none());
    off_curve.next().unwrap()
}
