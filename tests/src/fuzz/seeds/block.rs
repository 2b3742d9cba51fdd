//! A block of a small network, its certificate and its receipts.

use std::sync::LazyLock;

use talea_client::Trust;
use talea_genesis::localnet::{Localnet, LocalnetOptions};
use talea_types::block::results_root;
use talea_types::merkle::list;
use talea_types::receipt::{FinalityProof, Receipt, SetChange};
use talea_types::{
    Batch, BlockBody, BlockContent, BlockHash, BlockHeader, Certificate, ChainId, CommittedBlock,
    Hash, Outcome, Timestamp, TransactionId, TransactionResult, ValidatorSet, Vote, VoteKind,
};

const HEIGHT: u64 = 2;

pub(super) struct Network {
    pub(super) localnet: Localnet,
    trust: Trust,
}

pub(super) fn network() -> &'static Network {
    static NETWORK: LazyLock<Network> = LazyLock::new(|| {
        let localnet = Localnet::new(&LocalnetOptions {
            network: "fuzz".to_owned(),
            validators: 4,
            seed: [1; 32],
            time: Timestamp::from_millis(1_800_000_000_000),
        });
        let localnet = localnet.unwrap_or_else(|error| unreachable!("four validators: {error}"));
        let trust = Trust::from_record(&localnet.record);
        Network { localnet, trust }
    });
    &NETWORK
}

pub fn trust() -> &'static Trust {
    &network().trust
}

pub fn chain() -> ChainId {
    network().localnet.record.chain_id()
}

pub fn validators() -> &'static ValidatorSet {
    network().localnet.record.validator_set()
}

pub(super) fn certificate_for(height: u64, block: BlockHash) -> Certificate {
    let mut signatures: Vec<_> = network()
        .localnet
        .validators
        .iter()
        .take(3)
        .map(|validator| {
            let vote = Vote {
                kind: VoteKind::Precommit,
                height,
                round: 0,
                block: Some(block),
                validator: validator.id,
            };
            (
                validator.id,
                validator.voting_key.sign(&vote.signed_message(&chain())),
            )
        })
        .collect();
    signatures.sort_by_key(|(id, _)| *id);
    Certificate {
        height,
        round: 0,
        block,
        signatures,
    }
}

fn batch() -> Batch {
    let bytes = super::batches().swap_remove(1);
    Batch::decode(bytes.into()).unwrap_or_else(|error| unreachable!("a seed decodes: {error}"))
}

fn results() -> Vec<TransactionResult> {
    let id = |number| TransactionId::new(Hash([number; 32]));
    let result = |number, outcome| TransactionResult {
        transaction: id(number),
        outcome,
        rules: Vec::new(),
    };
    vec![result(1, Outcome::Applied), result(2, Outcome::Applied)]
}

/// A block with one batch on top of another.
pub(super) fn content() -> BlockContent {
    let parent = BlockHash::new(Hash([4; 32]));
    let parent_certificate = certificate_for(HEIGHT - 1, parent);
    let batch_digests = vec![batch().digest()];
    let results = results();
    let header = BlockHeader {
        chain: chain(),
        height: HEIGHT,
        parent,
        time: Timestamp::from_millis(1_800_000_000_500),
        proposer: network().localnet.validators[0].id,
        parent_round: 0,
        parent_certificate: Some(parent_certificate.hash()),
        batches_root: BlockContent::batches_root(&batch_digests),
        results_root: results_root(&results),
        result_count: 2,
        state_root: Hash([5; 32]),
        validators_hash: validators().hash(),
        next_validators_hash: validators().hash(),
        rule_packs_hash: Hash([6; 32]),
        business_date: 20_779,
    };
    BlockContent {
        header,
        parent_certificate: Some(parent_certificate),
        batch_digests,
    }
}

pub(super) fn block_hash() -> BlockHash {
    content().header.hash()
}

fn body() -> BlockBody {
    BlockBody {
        content: content(),
        batches: vec![batch()],
    }
}

pub(super) fn committed_block() -> CommittedBlock {
    CommittedBlock {
        body: body(),
        certificate: certificate_for(HEIGHT, block_hash()),
    }
}

/// With one change of the set before the block.
pub(super) fn receipt() -> Receipt {
    let results = results();
    let leaves: Vec<Hash> = results.iter().map(TransactionResult::hash).collect();
    let header = content().header;
    let change = SetChange {
        header: header.clone(),
        certificate: certificate_for(HEIGHT, block_hash()),
        next: validators().clone(),
    };
    let inclusion = list::prove(&leaves, 0);
    Receipt {
        result: results[0].clone(),
        inclusion: inclusion.unwrap_or_else(|| unreachable!("there are two results")),
        finality: FinalityProof {
            set_changes: vec![change],
            certificate: certificate_for(HEIGHT, block_hash()),
            header,
        },
    }
}

pub fn contents() -> Vec<Vec<u8>> {
    vec![content().encode().to_vec()]
}

pub fn bodies() -> Vec<Vec<u8>> {
    vec![body().encode().to_vec()]
}

pub fn committed() -> Vec<Vec<u8>> {
    vec![committed_block().encode().to_vec()]
}

pub fn certificates() -> Vec<Vec<u8>> {
    vec![certificate_for(HEIGHT, block_hash()).encode().to_vec()]
}

pub fn receipts() -> Vec<Vec<u8>> {
    vec![receipt().encode().to_vec()]
}
