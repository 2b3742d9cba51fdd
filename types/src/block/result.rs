//! What happened to each transaction, as the header commits to it.

use prost::Message;

use crate::{
    decode::DecodeError,
    hash::{Hash, tagged},
    ids::TransactionId,
    merkle::list,
    outcome::Outcome,
    wire,
};

/// A transaction and its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionResult {
    /// The transaction.
    pub transaction: TransactionId,
    /// What happened.
    pub outcome: Outcome,
    /// Ids of the rules that spoke, in order; empty when none did.
    pub rules: Vec<String>,
}

impl TransactionResult {
    /// The leaf of the results tree.
    #[must_use]
    pub fn hash(&self) -> Hash {
        tagged("talea/result/v1", &[&self.to_wire().encode_to_vec()])
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::TransactionResult {
        wire::TransactionResult {
            transaction_id: self.transaction.to_wire(),
            outcome: self.outcome.number(),
            rules: self.rules.clone(),
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn from_wire(result: &wire::TransactionResult) -> Result<Self, DecodeError> {
        Ok(Self {
            transaction: TransactionId::from_wire("result.transaction_id", &result.transaction_id)?,
            outcome: Outcome::from_number(result.outcome).ok_or(DecodeError::Range {
                field: "result.outcome",
                reason: "no outcome has this number",
            })?,
            rules: result.rules.clone(),
        })
    }
}

/// The root of a block's results.
#[must_use]
pub fn results_root(results: &[TransactionResult]) -> Hash {
    let leaves: Vec<Hash> = results.iter().map(TransactionResult::hash).collect();
    list::root(&leaves)
}
