//! Lies, one by one: each is caught at its block and called by its name. Those of a node alone, and those
//! that a quorum signs.

use crate::support::{Made, Network, Node};
use bytes::Bytes;
use prost::Message as _;
use talea_audit::{Chain, FollowError, Index, Tip, follow};
use talea_client::WholeBlock;
use talea_types::{
    Batch, BlockHash, Hash, Outcome, SecretKey, Signature, SignedTransaction, ValidatorId, limits,
    wire,
};

/// The height at which every lie is told.
const LIE: usize = 5;

/// What came of following: the name of what differs and the height up to which all is well.
async fn caught(network: &Network, node: &Node) -> (String, u64) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    let mut index = Index::open_or_create(&path, &network.chain()).unwrap();
    let chain = index.resume(network.record()).unwrap();
    let followed = follow(node, chain, index, None, |_| {}).await;
    let height = followed.index.height().unwrap();
    assert_eq!(followed.chain.tip().height, height);
    let name = match followed.end {
        Ok(()) => "NOTHING",
        Err(FollowError::Difference(difference)) => difference.name(),
        Err(other) => panic!("{other}"),
    };
    (name.to_owned(), height)
}

/// Follows a node that tells a lie in block [`LIE`] of a good history.
async fn node_lies(name: &str, lie: impl FnOnce(&mut WholeBlock, &[Made])) {
    let mut network = Network::new();
    let made = network.history(6);
    let mut node = Node::of(&made);
    lie(&mut node.blocks[LIE - 1], &made);
    let found = caught(&network, &node).await;
    assert_eq!(found, (name.to_owned(), LIE as u64 - 1));
}

/// Follows a good history whose last block a quorum signed although it is not so.
async fn quorum_lies(
    name: &str,
    transactions: impl FnOnce(&mut Network) -> Vec<SignedTransaction>,
    lie: impl FnOnce(&mut talea_types::BlockContent),
) {
    let mut network = Network::new();
    let mut made = network.history(LIE as u64 - 3);
    let wanted = transactions(&mut network);
    made.push(network.block_altered(&wanted, lie));
    let found = caught(&network, &Node::of(&made)).await;
    assert_eq!(found, (name.to_owned(), LIE as u64 - 1));
}

/// Bytes of a block in which a part of the wire message is another.
fn rewritten(block: &Bytes, change: impl FnOnce(&mut wire::CommittedBlock)) -> Bytes {
    let mut wire = wire::CommittedBlock::decode(block.clone()).unwrap();
    change(&mut wire);
    wire.encode_to_vec().into()
}

fn payments(network: &mut Network) -> Vec<SignedTransaction> {
    network.pay(1_000, 7)
}

#[tokio::test]
async fn an_honest_history_is_followed_to_its_end() {
    let mut network = Network::new();
    let made = network.history(6);
    let found = caught(&network, &Node::of(&made)).await;
    assert_eq!(found, ("NOTHING".to_owned(), made.len() as u64));
}

#[tokio::test]
async fn bytes_that_are_no_block() {
    node_lies("UNREADABLE", |sent, _| {
        sent.block = Bytes::from_static(b"nothing");
    })
    .await;
    node_lies("UNREADABLE", |sent, _| {
        sent.block.truncate(sent.block.len() - 1);
    })
    .await;
    node_lies("UNREADABLE", |sent, _| {
        sent.block = [&sent.block[..], &[0]].concat().into();
    })
    .await;
    node_lies("UNREADABLE", |sent, _| {
        sent.block = vec![0; limits::COMMITTED_BLOCK_BYTES_MAX + 1].into();
    })
    .await;
}

#[tokio::test]
async fn a_block_of_another_height() {
    // Skipped, then rewound.
    node_lies("OTHER_HEIGHT", |sent, made| *sent = made[LIE].sent()).await;
    node_lies("OTHER_HEIGHT", |sent, made| *sent = made[LIE - 2].sent()).await;
}

#[tokio::test]
async fn a_height_that_was_rewound() {
    let mut network = Network::new();
    let made = network.history(6);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    let mut index = Index::open_or_create(&path, &network.chain()).unwrap();
    let chain = index.resume(network.record()).unwrap();
    let followed = follow(&Node::of(&made), chain, index, None, |_| {}).await;
    followed.end.unwrap();
    let (chain, index) = (followed.chain, followed.index);
    let rewound = Node {
        height: Some(3),
        ..Node::of(&made)
    };
    let followed = follow(&rewound, chain, index, None, |_| {}).await;
    assert!(
        matches!(
            followed.end,
            Err(FollowError::Rewound {
                told: 3,
                verified: 8
            })
        ),
        "a node at 3 was followed from 8"
    );
}

#[tokio::test]
async fn a_block_that_is_told_of_and_never_given() {
    let mut network = Network::new();
    let made = network.history(6);
    let mut node = Node::of(&made);
    node.blocks.truncate(LIE - 1);
    node.height = Some(LIE as u64);
    let found = caught(&network, &node).await;
    assert_eq!(found, ("WITHHELD".to_owned(), LIE as u64 - 1));
}

#[tokio::test]
async fn a_block_of_another_network() {
    let mut other = Network::of_seed(9);
    let others = other.history(6);
    node_lies("OTHER_NETWORK", |sent, _| *sent = others[LIE - 1].sent()).await;
}

#[tokio::test]
async fn a_history_that_was_written_anew() {
    // The same validators sign another past; from the first block on, it would be believed.
    let mut network = Network::new();
    let made = network.history(6);
    let mut again = Network::new();
    let opened = again.open(6);
    let mut other = vec![again.block(&opened)];
    for _ in 1..made.len() {
        let issued = again.issue();
        other.push(again.block(&issued));
    }
    let mut node = Node::of(&made);
    node.blocks[LIE - 1] = other[LIE - 1].sent();
    let found = caught(&network, &node).await;
    assert_eq!(found, ("OTHER_PARENT".to_owned(), LIE as u64 - 1));
}

#[tokio::test]
async fn a_certificate_that_is_none() {
    let forge = |sent: &mut WholeBlock, change: &dyn Fn(&mut wire::Certificate)| {
        sent.block = rewritten(&sent.block, |block| {
            change(block.certificate.as_mut().unwrap());
        });
        // The node is consistent in its lie.
        let block = talea_types::CommittedBlock::decode(&sent.block);
        if let Ok(block) = block {
            sent.info.certificate = block.certificate;
        }
    };
    // Too few; a stranger; a signature of something else; another round; another block.
    node_lies("NOT_FINAL", |sent, _| {
        forge(sent, &|certificate| {
            certificate.signatures.pop();
        });
    })
    .await;
    node_lies("NOT_FINAL", |sent, _| {
        let stranger = SecretKey::from_seed([77; 32]);
        let id = ValidatorId::from_voting_key(&stranger.public_key());
        let signature = stranger.sign(b"anything");
        forge(sent, &|certificate| {
            let last = certificate.signatures.last_mut().unwrap();
            last.validator = id.to_wire();
            last.signature = Bytes::copy_from_slice(signature.as_bytes());
            certificate
                .signatures
                .sort_by(|a, b| a.validator.cmp(&b.validator));
        });
    })
    .await;
    node_lies("NOT_FINAL", |sent, _| {
        forge(sent, &|certificate| {
            let first = certificate.signatures.first_mut().unwrap();
            first.signature = Bytes::copy_from_slice(Signature::from_bytes([1; 64]).as_bytes());
        });
    })
    .await;
    node_lies("NOT_FINAL", |sent, _| forge(sent, &|one| one.round = 3)).await;
    node_lies("UNREADABLE", |sent, _| {
        forge(sent, &|one| one.block_hash = vec![8; 32].into());
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_was_hidden_or_altered() {
    // The digests of the header are those of other batches.
    node_lies("UNREADABLE", |sent, _| {
        sent.block = rewritten(&sent.block, |block| {
            block.body.as_mut().unwrap().batches.clear();
        });
    })
    .await;
    node_lies("UNREADABLE", |sent, made| {
        let other = &made[LIE].block.body.batches[0];
        sent.block = rewritten(&sent.block, |block| {
            block.body.as_mut().unwrap().batches[0] = other.encoded().clone();
        });
    })
    .await;
    node_lies("UNREADABLE", |sent, made| {
        let batch = &made[LIE - 1].block.body.batches[0];
        let fewer = batch.transactions().iter().skip(1).cloned().collect();
        let fewer = Batch::seal(batch.author(), batch.sequence(), fewer).unwrap();
        sent.block = rewritten(&sent.block, |block| {
            block.body.as_mut().unwrap().batches[0] = fewer.encoded().clone();
        });
    })
    .await;
}

#[tokio::test]
async fn outcomes_that_are_told_otherwise() {
    node_lies("TOLD_OUTCOME", |sent, _| {
        // The last of a block asks for more than there is; both counts are told to fit.
        let last = sent.results.last_mut().unwrap();
        assert_eq!(last.outcome, Outcome::InsufficientFunds);
        last.outcome = Outcome::Applied;
        sent.info.applied += 1;
        sent.info.rejected -= 1;
    })
    .await;
    node_lies("TOLD_OTHERWISE", |sent, _| {
        sent.results.pop();
        sent.info.rejected -= 1;
    })
    .await;
    node_lies("TOLD_OTHERWISE", |sent, _| {
        sent.results.last_mut().unwrap().rules = vec!["made-up/rule@1".to_owned()];
    })
    .await;
    node_lies("TOLD_OTHERWISE", |sent, _| sent.results.swap(0, 1)).await;
    node_lies("TOLD_OTHERWISE", |sent, _| sent.info.applied += 1).await;
}

#[tokio::test]
async fn a_header_or_certificate_beside_the_block_that_is_another() {
    node_lies("TOLD_OTHERWISE", |sent, made| {
        sent.info.header = made[LIE].block.body.content.header.clone();
    })
    .await;
    node_lies("TOLD_OTHERWISE", |sent, made| {
        sent.info.certificate = made[LIE].block.certificate.clone();
    })
    .await;
}

#[tokio::test]
async fn a_quorum_that_signs_what_is_not_so() {
    let other = Hash([3; 32]);
    quorum_lies("OTHER_EXECUTION", payments, |one| {
        one.header.state_root = other;
    })
    .await;
    quorum_lies("OTHER_EXECUTION", payments, |one| {
        one.header.results_root = other;
    })
    .await;
    quorum_lies("OTHER_EXECUTION", payments, |one| {
        one.header.result_count -= 1;
    })
    .await;
    quorum_lies("OTHER_EXECUTION", payments, |one| {
        one.header.next_validators_hash = other;
    })
    .await;
    quorum_lies("OTHER_EXECUTION", payments, |one| {
        one.header.rule_packs_hash = other;
    })
    .await;
    quorum_lies("OTHER_EXECUTION", payments, |one| {
        one.header.business_date += 1;
    })
    .await;
}

#[tokio::test]
async fn a_quorum_that_breaks_the_rules_of_the_chain() {
    quorum_lies("OTHER_PARENT", payments, |one| {
        one.header.parent = BlockHash::new(Hash([4; 32]));
    })
    .await;
    quorum_lies("OTHER_VALIDATORS", payments, |one| {
        one.header.validators_hash = Hash([4; 32]);
    })
    .await;
    quorum_lies("NO_PROPOSER", payments, |one| {
        one.header.proposer = ValidatorId::from_bytes([4; 16]);
    })
    .await;
    quorum_lies("OTHER_TIME", payments, |one| {
        one.header.time = talea_types::Timestamp::from_millis(1);
    })
    .await;
    quorum_lies("PARENT_NOT_FINAL", payments, |one| {
        let parent = one.parent_certificate.as_mut().unwrap();
        parent.signatures.pop();
        one.header.parent_certificate = Some(parent.hash());
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_nobody_signed() {
    let forged = |network: &mut Network| {
        let mut all = network.pay(1_000, 7);
        let first = wire::SignedTransaction::decode(all[0].encoded().clone()).unwrap();
        let signature = Signature::from_bytes([9; 64]);
        all[0] = SignedTransaction::assemble(&network.chain(), first.body, &[signature]).unwrap();
        all
    };
    quorum_lies("NOT_SIGNED", forged, |_| {}).await;
}

#[test]
fn a_state_of_another_height_than_its_tip_is_no_chain() {
    let network = Network::new();
    let chain = Chain::genesis(network.record()).unwrap();
    let objects: Vec<(Vec<u8>, Bytes)> = chain
        .ledger()
        .objects()
        .map(|(key, value)| (key.to_bytes(), value.into()))
        .collect();
    let tip = Tip {
        height: 3,
        ..chain.tip().clone()
    };
    assert!(Chain::restore(network.chain(), tip, objects).is_err());
}
