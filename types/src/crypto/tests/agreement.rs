//! The batch says what the single check says, whatever is mixed and wherever it stands.

use proptest::prelude::*;

use super::{BatchVerifier, Case, Signature, refused_of, secret};
use crate::crypto::{KeyCache, KeyError, PublicKey, VerifyingKey};

/// How a signature is spoilt.
#[derive(Clone, Copy, Debug)]
enum Spoil {
    Nothing,
    SignatureBit(usize),
    Message,
    Signer(u8),
    Zero,
}

fn spoil() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        6 => Just(Spoil::Nothing),
        1 => (0..512usize).prop_map(Spoil::SignatureBit),
        1 => Just(Spoil::Message),
        1 => (0..4u8).prop_map(Spoil::Signer),
        1 => Just(Spoil::Zero),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    (0..6u8, prop::collection::vec(any::<u8>(), 0..300), spoil()).prop_map(
        |(number, message, spoil)| {
            let mut case = Case::good(number, &message);
            match spoil {
                Spoil::Nothing => {}
                Spoil::SignatureBit(bit) => {
                    let mut bytes = *case.signature.as_bytes();
                    bytes[bit / 8] ^= 1 << (bit % 8);
                    case.signature = Signature::from_bytes(bytes);
                }
                Spoil::Message => case.message.push(0),
                Spoil::Signer(other) => case.key = secret(other).public_key(),
                Spoil::Zero => case.signature = Signature::from_bytes([0; 64]),
            }
            case
        },
    )
}

fn refused_alone(cases: &[Case]) -> Vec<usize> {
    let refused = cases
        .iter()
        .enumerate()
        .filter(|(_, case)| !case.verifies_alone());
    refused.map(|(index, _)| index).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn batch_agrees_with_single(cases in prop::collection::vec(case(), 0..90)) {
        prop_assert_eq!(refused_of(&cases), refused_alone(&cases));
    }

    #[test]
    fn order_of_pushing_changes_nothing(cases in prop::collection::vec(case(), 1..40), turn in 0..40usize) {
        let expected = refused_alone(&cases);
        let turn = turn % cases.len();
        let mut turned = cases.clone();
        turned.rotate_left(turn);
        let mut refused: Vec<usize> =
            refused_of(&turned).iter().map(|index| (index + turn) % cases.len()).collect();
        refused.sort_unstable();
        prop_assert_eq!(refused, expected);
    }
}

/// Across the chunks' borders, with the bad ones at the borders.
#[test]
fn a_batch_of_several_chunks_names_exactly_the_bad() {
    let mut cases: Vec<Case> = (0..2100u16)
        .map(|number| Case::good(number.to_le_bytes()[0] % 40, &number.to_le_bytes()))
        .collect();
    assert!(refused_of(&cases).is_empty());
    let bad = [0, 1, 511, 512, 1023, 1024, 1500, 2047, 2048, 2099];
    for index in bad {
        cases[index].message.push(7);
    }
    assert_eq!(refused_of(&cases), bad);
}

/// Two errors that cancel in a plain sum: the reason for the coefficients.
#[test]
fn errors_that_cancel_are_found() {
    let secret = secret(9);
    let key = VerifyingKey::try_from(secret.public_key()).unwrap();
    let [raised, lowered] = [(b"first", 1i8), (b"other", -1)].map(|(message, change)| {
        let mut bytes = *secret.sign(message).as_bytes();
        bytes[40] = bytes[40].wrapping_add_signed(change);
        Signature::from_bytes(bytes)
    });
    let mut batch = BatchVerifier::new();
    batch.push(&key, b"first", &raised);
    batch.push(&key, b"other", &lowered);
    assert_eq!(batch.verify(), Err(vec![0, 1]));
}

#[test]
fn an_empty_batch_is_valid() {
    let batch = BatchVerifier::new();
    assert!(batch.is_empty());
    assert_eq!(batch.verify(), Ok(()));
}

#[test]
fn repeated_signatures_are_judged_each() {
    let good = Case::good(5, b"twice");
    let bad = Case {
        message: b"thrice".to_vec(),
        ..good.clone()
    };
    assert_eq!(refused_of(&[bad.clone(), good.clone(), bad, good]), [0, 2]);
}

#[test]
fn cache_gives_the_key_that_was_asked_for() {
    let mut cache = KeyCache::new();
    for number in (0..50).chain(0..50) {
        let key = secret(number).public_key();
        assert_eq!(
            *cache.verifying_key(key).unwrap(),
            VerifyingKey::try_from(key).unwrap()
        );
    }
}

#[test]
fn keys_that_share_a_slot_replace_each_other_but_refused_ones_do_not() {
    let mut cache = KeyCache::new();
    let kept = secret(1).public_key();
    cache.verifying_key(kept).unwrap();
    let sharing = |point: bool| {
        let candidates = (0..=u8::MAX).map(|byte| {
            let mut bytes = *kept.as_bytes();
            bytes[20] = byte;
            PublicKey::from_bytes(bytes)
        });
        let mut others =
            candidates.filter(|key| *key != kept && VerifyingKey::try_from(*key).is_ok() == point);
        others.next().unwrap()
    };
    let refused = sharing(false);
    assert_eq!(
        cache.verifying_key(refused),
        Err(KeyError::NotOnCurve { key: refused })
    );
    assert_eq!(format!("{cache:?}"), "KeyCache(1 of 65536 slots used)");
    let other = sharing(true);
    assert_eq!(cache.verifying_key(other).unwrap().public_key(), other);
    assert_eq!(cache.verifying_key(kept).unwrap().public_key(), kept);
    assert_eq!(format!("{cache:?}"), "KeyCache(1 of 65536 slots used)");
}
