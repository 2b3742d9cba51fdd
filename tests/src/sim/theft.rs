//! Transactions in the names of others: what the signatures of clients are there to prevent.

use bytes::Bytes;
use prost::Message as _;
use talea_types::{
    Batch, ChainId, SecretKey, SignedTransaction, TransactionBody, transaction::signed_message,
};

use super::random::Random;

/// Somebody who heard what others ask for, and would ask for more of it.
#[derive(Default)]
pub struct Thief {
    /// The last transaction of somebody else.
    heard: Option<TransactionBody>,
}

impl Thief {
    /// Remembers a transaction of a batch.
    pub fn hear(&mut self, chain: &ChainId, batch: Bytes) {
        let Ok(batch) = Batch::decode(batch) else {
            return;
        };
        let last = batch.transactions().last();
        let last = last.and_then(|bytes| SignedTransaction::decode(chain, bytes.clone()).ok());
        if let Some(transaction) = last {
            self.heard = Some(transaction.body().clone());
        }
    }

    /// The same once more, with a nonce that its author has not used: with the author's keys and signatures that
    /// are not theirs, or well signed with a key that is not the author's.
    pub fn steal(&self, chain: &ChainId, key: &SecretKey, random: &mut Random) -> Option<Bytes> {
        let mut body = self.heard.clone()?;
        body.nonce = body.nonce.checked_add(1 + random.below(4))?;
        if random.chance(500) {
            body.signers = vec![key.public_key()];
        }
        let bytes = body.to_wire().encode_to_vec();
        let signature = key.sign(&signed_message(chain, &bytes));
        let signatures = vec![signature; body.signers.len()];
        let stolen = SignedTransaction::assemble(chain, bytes.into(), &signatures).ok()?;
        Some(stolen.encoded().clone())
    }
}
