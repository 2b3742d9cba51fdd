//! Many signatures at once, for less than half the price of one at a time.
//!
//! Each signature `i` that is valid makes `E_i = S_i B - k_i A_i - R_i` vanish after multiplication
//! by eight. Instead of each `E_i`, one sum `z_1 E_1 + ... + z_n E_n` is computed, in one multiscalar
//! multiplication in which the terms of `B`, and of each key that signed more than once, are merged.
//!
//! # Why the verdict is that of the single check
//!
//! If every `[8]E_i` is the identity, so is `[8]` of every such sum: a valid signature never fails.
//! If one is not, `[8]` of the sum is the identity for at most one value of its `z_i` modulo the
//! prime group order, whatever the others are. The `z_i` are 128 bits of a hash of everything that
//! was pushed, so they are fixed only after every `E_i` is, and a forger gains nothing but new
//! attempts, each of which succeeds with probability `2^-128`: `q` hash evaluations succeed with at
//! most `q 2^-128`, the work of a generic attack on the curve itself. Hashing instead of drawing
//! random numbers keeps this crate without a source of randomness, and a replay the same bit for bit.
//! Parts of a batch are judged with the same `z_i`: the same bound holds for each part examined.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "scalars and points are groups: their operators are total and cannot overflow"
)]

use blake3::Hasher;
use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity as _, VartimeMultiscalarMul};

use super::equation::{challenge_digest, holds_alone, nonce_point, response_scalar};
use super::{PublicKey, Signature, VerifyingKey, known};

/// Names what the coefficients are for in the hash they come from.
const TRANSCRIPT_CONTEXT: &str = "talea 2026 batch signature coefficients";

/// Signatures in one equation. The cost of a signature falls by a tenth from 256 to 1,024 of them
/// and then no further (`examples/signature_cost.rs`), while a bad one costs its whole chunk again.
const CHUNK_SIGNATURES: usize = 1024;

/// Below this, halving a failed part further costs more than checking each signature of it.
const ALONE_SIGNATURES: usize = 16;

/// Collects signatures and verifies them together.
pub struct BatchVerifier {
    entries: Vec<Entry>,
    transcript: Hasher,
}

/// A pushed signature.
struct Entry {
    index: usize,
    key: PublicKey,
    negated_key: EdwardsPoint,
    challenge: Scalar,
    signature: Signature,
}

/// A pushed signature whose parts are well formed: what remains is the equation.
struct Term {
    index: usize,
    key: PublicKey,
    negated_key: EdwardsPoint,
    challenge: Scalar,
    response: Scalar,
    nonce: EdwardsPoint,
    coefficient: Scalar,
}

impl Default for BatchVerifier {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl std::fmt::Debug for BatchVerifier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "BatchVerifier({} signatures)",
            self.entries.len()
        )
    }
}

impl BatchVerifier {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty batch with room for `signatures`.
    pub fn with_capacity(signatures: usize) -> Self {
        Self {
            entries: Vec::with_capacity(signatures),
            transcript: Hasher::new_derive_key(TRANSCRIPT_CONTEXT),
        }
    }

    /// Signatures pushed so far.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was pushed.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds one signature. The message is hashed here and not kept. Takes about 350 bytes of memory
    /// a signature until [`verify`](Self::verify): the caller bounds how many it pushes.
    pub fn push(&mut self, key: &VerifyingKey, message: &[u8], signature: &Signature) {
        let public_key = key.public_key();
        let digest = challenge_digest(&public_key, message, signature);
        // The digest stands for the message: another message with the same one is a collision.
        self.transcript.update(public_key.as_bytes());
        self.transcript.update(signature.as_bytes());
        self.transcript.update(&digest);
        self.entries.push(Entry {
            index: self.entries.len(),
            key: public_key,
            negated_key: *key.negated_point(),
            challenge: Scalar::from_bytes_mod_order_wide(&digest),
            signature: *signature,
        });
    }

    /// Verifies everything that was pushed. An empty batch is valid.
    ///
    /// If all are valid this costs one multiscalar multiplication a chunk. If not, the failing ones
    /// are found by halving: about one more such cost for a single bad signature, at worst (most of
    /// them bad) about three times the cost of checking each alone.
    ///
    /// # Errors
    /// The indexes, in the order of pushing and ascending, of the signatures that the rule refuses.
    pub fn verify(self) -> Result<(), Vec<usize>> {
        let mut failing = Vec::new();
        for chunk in self.weighted().chunks(CHUNK_SIGNATURES) {
            let mut terms = Vec::with_capacity(chunk.len());
            for (entry, coefficient) in chunk {
                match entry.known() {
                    Some(true) => {}
                    Some(false) => failing.push(entry.index),
                    None => match entry.decode(*coefficient) {
                        Some(term) => terms.push(term),
                        None => failing.push(entry.index),
                    },
                }
            }
            find_failing(&terms, &weighted_sum(&terms), &mut failing);
        }
        failing.sort_unstable();
        for entry in &self.entries {
            entry.note(failing.binary_search(&entry.index).is_err());
        }
        if failing.is_empty() {
            Ok(())
        } else {
            Err(failing)
        }
    }

    /// What was pushed with its coefficients, one signer's signatures together, to be merged.
    fn weighted(&self) -> Vec<(&Entry, Scalar)> {
        let mut coefficients = self.transcript.finalize_xof();
        let mut weighted: Vec<(&Entry, Scalar)> = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            let mut bytes = [0u8; 16];
            coefficients.fill(&mut bytes);
            weighted.push((entry, Scalar::from(u128::from_le_bytes(bytes))));
        }
        weighted.sort_unstable_by_key(|(entry, _)| (entry.key, entry.index));
        weighted
    }
}

impl Entry {
    fn known(&self) -> Option<bool> {
        known::verdict(&self.key, &self.challenge, &self.signature)
    }

    fn note(&self, is_valid: bool) {
        known::note(&self.key, &self.challenge, &self.signature, is_valid);
    }

    fn decode(&self, coefficient: Scalar) -> Option<Term> {
        Some(Term {
            index: self.index,
            key: self.key,
            negated_key: self.negated_key,
            challenge: self.challenge,
            response: response_scalar(&self.signature).ok()?,
            nonce: nonce_point(&self.signature).ok()?,
            coefficient,
        })
    }
}

/// The sum of `-z E` over the terms, which are ordered by key.
fn weighted_sum(terms: &[Term]) -> EdwardsPoint {
    if terms.is_empty() {
        // What is left would be the base point times zero, at the price of any other scalar.
        return EdwardsPoint::identity();
    }
    let signers = || terms.chunk_by(|left, right| left.key == right.key);
    let size = terms
        .len()
        .saturating_add(signers().count())
        .saturating_add(1);
    let mut scalars = Vec::with_capacity(size);
    let mut points = Vec::with_capacity(size);
    let mut base = Scalar::ZERO;
    for signed in signers() {
        let mut key_scalar = Scalar::ZERO;
        for term in signed {
            // `+z R` rather than `-z R`: the coefficient stays at half the length of a scalar, and
            // so does its share of the work.
            scalars.push(term.coefficient);
            points.push(term.nonce);
            key_scalar -= term.coefficient * term.challenge;
            base -= term.coefficient * term.response;
        }
        scalars.push(key_scalar);
        points.extend(signed.first().map(|term| term.negated_key));
    }
    scalars.push(base);
    points.push(ED25519_BASEPOINT_POINT);
    EdwardsPoint::vartime_multiscalar_mul(&scalars, &points)
}

/// Adds the indexes of the terms that fail. `sum` is the terms' weighted sum.
fn find_failing(terms: &[Term], sum: &EdwardsPoint, failing: &mut Vec<usize>) {
    if sum.is_small_order() {
        return;
    }
    if terms.len() <= ALONE_SIGNATURES {
        let refused = terms.iter().filter(|term| {
            !holds_alone(
                &term.negated_key,
                &term.challenge,
                &term.response,
                &term.nonce,
            )
        });
        failing.extend(refused.map(|term| term.index));
        return;
    }
    let (left, right) = terms.split_at(terms.len() / 2);
    let left_sum = weighted_sum(left);
    find_failing(left, &left_sum, failing);
    find_failing(right, &(sum - left_sum), failing);
}
