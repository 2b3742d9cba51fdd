//! Published vectors, edge cases and properties of the one rule, each computed both ways.

mod agreement;
mod edge_cases;
mod formats;
mod published;
mod registration;

use super::{BatchVerifier, PublicKey, SecretKey, Signature, VerifyingKey};

/// A signature to be judged.
#[derive(Clone, Debug)]
struct Case {
    key: PublicKey,
    message: Vec<u8>,
    signature: Signature,
}

impl Case {
    fn from_hex(key: &str, message: &str, signature: &str) -> Self {
        Self {
            key: key.parse().unwrap(),
            message: hex::decode(message).unwrap(),
            signature: signature.parse().unwrap(),
        }
    }

    /// Signed by the `number`th key, correctly.
    fn good(number: u8, message: &[u8]) -> Self {
        let secret = secret(number);
        Self {
            key: secret.public_key(),
            message: message.to_vec(),
            signature: secret.sign(message),
        }
    }

    /// The verdict alone. A key that is no point refuses everything.
    fn verifies_alone(&self) -> bool {
        VerifyingKey::try_from(self.key)
            .is_ok_and(|key| key.verify(&self.message, &self.signature).is_ok())
    }

    /// The verdict in a batch of one, and at the head, middle and tail of a batch of good ones,
    /// which must not be drawn into it.
    fn verifies_in_batches(&self) -> bool {
        let verdict = refused_of(std::slice::from_ref(self)).is_empty();
        for good in [3, 40] {
            for place in [0, good / 2, good] {
                let mut cases: Vec<Case> = (0..good)
                    .map(|number| Case::good(number % 7, &[number]))
                    .collect();
                cases.insert(usize::from(place), self.clone());
                let expected = if verdict {
                    vec![]
                } else {
                    vec![usize::from(place)]
                };
                assert_eq!(
                    refused_of(&cases),
                    expected,
                    "{self:?} hidden at {place} of {good}"
                );
            }
        }
        verdict
    }

    fn check(&self, expected: bool, name: &str) {
        assert_eq!(self.verifies_alone(), expected, "alone: {name}");
        assert_eq!(self.verifies_in_batches(), expected, "in a batch: {name}");
    }
}

/// The indexes that a batch of the cases refuses. Their keys must be points.
fn refused_of(cases: &[Case]) -> Vec<usize> {
    let mut batch = BatchVerifier::new();
    for case in cases {
        let key = VerifyingKey::try_from(case.key).unwrap();
        batch.push(&key, &case.message, &case.signature);
    }
    assert_eq!(batch.len(), cases.len());
    batch.verify().err().unwrap_or_default()
}

fn secret(number: u8) -> SecretKey {
    SecretKey::from_seed([number; 32])
}
