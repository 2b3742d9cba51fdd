//! What happened to each transaction, as the header commits to it.

use crate::{
    decode::DecodeError,
    encode::FieldWriter,
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
        self.hash_with(&mut Vec::with_capacity(64))
    }

    /// The same, encoding into a buffer that is emptied first.
    fn hash_with(&self, buffer: &mut Vec<u8>) -> Hash {
        buffer.clear();
        let mut w = FieldWriter::new(buffer);
        w.bytes(1, self.transaction.as_bytes());
        w.number(2, self.outcome.number());
        for rule in &self.rules {
            w.element(3, rule);
        }
        tagged("talea/result/v1", &[buffer])
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
    let mut buffer = Vec::with_capacity(64);
    let leaves: Vec<Hash> = results
        .iter()
        .map(|result| result.hash_with(&mut buffer))
        .collect();
    list::root(&leaves)
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    #[test]
    fn the_leaf_is_the_hash_of_the_wire_message() {
        for (outcome, rules) in [
            (Outcome::Applied, vec![]),
            (Outcome::NotRefundable, vec!["leg:3"]),
        ] {
            let result = TransactionResult {
                transaction: TransactionId::new(Hash([7; 32])),
                outcome,
                rules: rules.into_iter().map(str::to_owned).collect(),
            };
            let bytes = result.to_wire().encode_to_vec();
            assert_eq!(result.hash(), tagged("talea/result/v1", &[&bytes]));
        }
    }
}
