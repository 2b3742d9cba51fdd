//! The header: what consensus decides on. Its hash is the value that validators vote for.

use bytes::Bytes;
use prost::Message;

use crate::{
    decode::{DecodeError, array, optional_array, optional_bytes},
    hash::{Hash, tagged},
    ids::{BlockHash, ChainId, ValidatorId},
    limits,
    time::Timestamp,
    wire,
};

/// Commits to everything: order, outcomes, state, the next validators, the rules in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockHeader {
    /// The network.
    pub chain: ChainId,
    /// From 1.
    pub height: u64,
    /// Hash of the header before; for height 1, the chain id.
    pub parent: BlockHash,
    /// Ledger time, greater than the parent's.
    pub time: Timestamp,
    /// Who built the block.
    pub proposer: ValidatorId,
    /// Round of the parent's certificate that the block carries; 0 at height 1.
    pub parent_round: u32,
    /// Hash of that certificate; absent at height 1.
    pub parent_certificate: Option<Hash>,
    /// Root of the list of batch digests.
    pub batches_root: Hash,
    /// Root of the list of results.
    pub results_root: Hash,
    /// Length of the list of results.
    pub result_count: u32,
    /// Root of the state after this block.
    pub state_root: Hash,
    /// The set that decides this height.
    pub validators_hash: Hash,
    /// The set that decides the next.
    pub next_validators_hash: Hash,
    /// Rule packs in force after this block.
    pub rule_packs_hash: Hash,
    /// Business date, days since 1970-01-01.
    pub business_date: u32,
}

impl BlockHeader {
    /// Its hash.
    #[must_use]
    pub fn hash(&self) -> BlockHash {
        BlockHash::new(tagged(
            "talea/header/v1",
            &[&self.to_wire().encode_to_vec()],
        ))
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::BlockHeader {
        let hash = |hash: &Hash| Bytes::copy_from_slice(hash.as_bytes());
        wire::BlockHeader {
            protocol_version: limits::PROTOCOL_VERSION,
            chain_id: self.chain.to_wire(),
            height: self.height,
            parent: self.parent.to_wire(),
            time_ms: self.time.millis(),
            proposer: self.proposer.to_wire(),
            parent_round: self.parent_round,
            parent_certificate_hash: optional_bytes(
                self.parent_certificate.as_ref().map(Hash::as_bytes),
            ),
            batches_root: hash(&self.batches_root),
            results_root: hash(&self.results_root),
            result_count: self.result_count,
            state_root: hash(&self.state_root),
            validators_hash: hash(&self.validators_hash),
            next_validators_hash: hash(&self.next_validators_hash),
            rule_packs_hash: hash(&self.rule_packs_hash),
            business_date: self.business_date,
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn from_wire(header: &wire::BlockHeader) -> Result<Self, DecodeError> {
        if header.protocol_version != limits::PROTOCOL_VERSION {
            return Err(DecodeError::Range {
                field: "header.protocol_version",
                reason: "this software speaks 1",
            });
        }
        Ok(Self {
            chain: ChainId::from_wire("header.chain_id", &header.chain_id)?,
            height: header.height,
            parent: BlockHash::from_wire("header.parent", &header.parent)?,
            time: Timestamp::from_millis(header.time_ms),
            proposer: ValidatorId::from_wire("header.proposer", &header.proposer)?,
            parent_round: header.parent_round,
            parent_certificate: optional_array(
                "header.parent_certificate_hash",
                &header.parent_certificate_hash,
            )?
            .map(Hash),
            batches_root: array("header.batches_root", &header.batches_root).map(Hash)?,
            results_root: array("header.results_root", &header.results_root).map(Hash)?,
            result_count: header.result_count,
            state_root: array("header.state_root", &header.state_root).map(Hash)?,
            validators_hash: array("header.validators_hash", &header.validators_hash).map(Hash)?,
            next_validators_hash: array(
                "header.next_validators_hash",
                &header.next_validators_hash,
            )
            .map(Hash)?,
            rule_packs_hash: array("header.rule_packs_hash", &header.rule_packs_hash).map(Hash)?,
            business_date: header.business_date,
        })
    }
}
