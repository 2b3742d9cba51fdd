//! What verifying a signature costs: one alone and in batches, beside `ed25519-dalek`'s strict
//! check of one, its nearest peer.
//!
//! ```text
//! cargo run --release -p talea-types --example signature_cost
//! ```
//!
//! Each figure is the best of several rounds on one thread: the machine's own cost, without its
//! neighbours'. Ratios hold where absolute figures move.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "it measures time"
)]

use std::hint::black_box;
use std::time::Instant;

use ed25519_dalek::Signature as PeerSignature;
use talea_types::crypto::{BatchVerifier, SecretKey, Signature, VerifyingKey};

const SIGNATURES: usize = 4096;
const MESSAGE_BYTES: usize = 230;
const FEW_KEYS: usize = 16;
const ROUNDS: usize = 15;

struct Signed {
    key: VerifyingKey,
    peer_key: ed25519_dalek::VerifyingKey,
    message: Vec<u8>,
    signature: Signature,
}

fn main() {
    let distinct = sign_with(SIGNATURES);
    let few = sign_with(FEW_KEYS);
    println!(
        "microseconds a signature, messages of {MESSAGE_BYTES} bytes, keys decompressed before\n"
    );

    let strict = microseconds(distinct.len(), || {
        for signed in &distinct {
            let signature = PeerSignature::from_bytes(signed.signature.as_bytes());
            let verdict = signed.peer_key.verify_strict(&signed.message, &signature);
            assert!(black_box(verdict).is_ok());
        }
    });
    report("ed25519-dalek verify_strict", strict, strict);
    let alone = microseconds(distinct.len(), || {
        for signed in &distinct {
            let verdict = signed.key.verify(&signed.message, &signed.signature);
            assert!(black_box(verdict).is_ok());
        }
    });
    report("alone", alone, strict);
    for size in [8, 64, 256, 512, 1024, 4096] {
        for (name, all) in [("distinct keys", &distinct), ("16 keys", &few)] {
            let cost = microseconds(all.len(), || {
                for part in all.chunks(size) {
                    assert!(black_box(batch_of(part).verify()).is_ok());
                }
            });
            report(&format!("batch of {size}, {name}"), cost, strict);
        }
    }
    for (name, bad) in [("one bad", 1), ("all bad", 512)] {
        let cost = microseconds(distinct.len(), || {
            for part in distinct.chunks(512) {
                let mut batch = BatchVerifier::with_capacity(part.len());
                for (index, signed) in part.iter().enumerate() {
                    let message = if index < bad {
                        &b"another"[..]
                    } else {
                        &signed.message
                    };
                    batch.push(&signed.key, message, &signed.signature);
                }
                assert!(black_box(batch.verify()).is_err_and(|failing| failing.len() == bad));
            }
        });
        report(
            &format!("batch of 512, distinct keys, {name}"),
            cost,
            strict,
        );
    }
}

fn sign_with(keys: usize) -> Vec<Signed> {
    let secrets: Vec<SecretKey> = (0..keys)
        .map(|number| {
            let mut seed = [0u8; 32];
            seed[..8].copy_from_slice(&number.to_le_bytes());
            SecretKey::from_seed(seed)
        })
        .collect();
    let signed = secrets
        .iter()
        .cycle()
        .take(SIGNATURES)
        .enumerate()
        .map(|(number, secret)| {
            let mut message = vec![0u8; MESSAGE_BYTES];
            message[..8].copy_from_slice(&number.to_le_bytes());
            Signed {
                key: VerifyingKey::try_from(secret.public_key()).expect("a generated key"),
                peer_key: secret.as_signing_key().verifying_key(),
                signature: secret.sign(&message),
                message,
            }
        });
    signed.collect()
}

fn batch_of(part: &[Signed]) -> BatchVerifier {
    let mut batch = BatchVerifier::with_capacity(part.len());
    for signed in part {
        batch.push(&signed.key, &signed.message, &signed.signature);
    }
    batch
}

fn microseconds(signatures: usize, mut work: impl FnMut()) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64() * 1e6 / signatures as f64
    });
    rounds.fold(f64::INFINITY, f64::min)
}

fn report(name: &str, cost: f64, strict: f64) {
    println!(
        "{name:<40} {cost:>8.2}   {:>5.2} x verify_strict",
        cost / strict
    );
}
