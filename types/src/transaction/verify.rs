//! From a decoded transaction to a verified one: the only place that makes a [`VerifiedTransaction`].

use std::ops::Deref;

use super::SignedTransaction;
use crate::{
    crypto::{BatchVerifier, KeyCache},
    planted::{self, Bug},
};

/// A transaction whose every signature was verified. The type is the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedTransaction(SignedTransaction);

impl VerifiedTransaction {
    /// The transaction.
    #[must_use]
    pub fn into_inner(self) -> SignedTransaction {
        self.0
    }
}

impl Deref for VerifiedTransaction {
    type Target = SignedTransaction;

    fn deref(&self) -> &SignedTransaction {
        &self.0
    }
}

/// Verifies every signature of every transaction in one batch. A transaction with one bad signature
/// is refused as a whole; it does not affect the verdict on others.
///
/// The result has one entry for each transaction, in order: the verified transaction, or the one that
/// was refused.
#[must_use]
#[allow(
    clippy::result_large_err,
    reason = "the one that was refused goes back to whom it came from"
)]
pub fn verify_all(
    keys: &mut KeyCache,
    transactions: Vec<SignedTransaction>,
) -> Vec<Result<VerifiedTransaction, SignedTransaction>> {
    let mut batch = BatchVerifier::with_capacity(transactions.len());
    // For each signature in the batch, the position of its transaction.
    let mut owners = Vec::with_capacity(transactions.len());
    let mut refused = vec![false; transactions.len()];
    for ((position, transaction), refused) in transactions.iter().enumerate().zip(&mut refused) {
        for (signer, signature) in transaction
            .body()
            .signers
            .iter()
            .zip(transaction.signatures())
        {
            match keys.verifying_key(*signer) {
                Ok(key) => {
                    batch.push(key, transaction.signed_message(), signature);
                    owners.push(position);
                }
                Err(_) => *refused = true,
            }
        }
    }
    if let Err(bad) = batch.verify() {
        for owner in bad.iter().filter_map(|signature| owners.get(*signature)) {
            if let Some(refused) = refused.get_mut(*owner) {
                *refused = true;
            }
        }
    }
    transactions
        .into_iter()
        .zip(refused)
        .map(|(transaction, refused)| {
            if refused && !planted::is(Bug::TransactionUnchecked) {
                Err(transaction)
            } else {
                Ok(VerifiedTransaction(transaction))
            }
        })
        .collect()
}
