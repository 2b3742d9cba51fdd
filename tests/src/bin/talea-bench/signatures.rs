//! The batch signature check alone: what everything else is compared with.

use anyhow::ensure;
use serde::Serialize;
use talea_tests::processor::own_time;
use talea_types::SecretKey;
use talea_types::crypto::{BatchVerifier, VerifyingKey};

const BATCH: usize = 512;
const ROUNDS: usize = 200;

/// What it costs.
#[derive(Debug, Serialize)]
pub struct Check {
    /// Signatures in one batch, each of another key.
    pub batch: usize,
    /// Processor time of one signature, nanoseconds.
    pub nanoseconds: u64,
}

/// Measures batches of distinct keys, decompressed beforehand, over messages as long as a payment.
pub fn measure() -> anyhow::Result<Check> {
    let message = |index: usize| vec![index as u8; 230];
    let keys: Vec<SecretKey> = (0..BATCH)
        .map(|index| {
            SecretKey::from_seed(talea_types::hash::tagged("bench", &[&index.to_be_bytes()]).0)
        })
        .collect();
    let signed: Vec<_> = keys
        .iter()
        .enumerate()
        .map(|(index, key)| {
            Ok((
                VerifyingKey::try_from(key.public_key())?,
                key.sign(&message(index)),
            ))
        })
        .collect::<anyhow::Result<_>>()?;
    let before = own_time()?;
    for _ in 0..ROUNDS {
        let mut batch = BatchVerifier::with_capacity(BATCH);
        for (index, (key, signature)) in signed.iter().enumerate() {
            batch.push(key, &message(index), signature);
        }
        ensure!(batch.verify().is_ok(), "a good batch was refused");
    }
    let spent = own_time()? - before;
    let nanoseconds = u64::try_from(spent.as_nanos())? / (BATCH * ROUNDS) as u64;
    Ok(Check {
        batch: BATCH,
        nanoseconds,
    })
}
