//! The validator set changes while the network runs.

use std::time::Duration;

use talea_client::{Client, Finality};
use talea_genesis::localnet::LocalnetOrganisation;
use talea_node::localnet::LocalnetOptions;
use talea_proto::api;
use talea_types::operation::{Approve, Change, Propose, ValidatorSetChange};
use talea_types::{
    Operation, ProposalId, SignedTransaction, Subject, TransactionBody, TransactionId, ValidatorId,
};

use crate::figures::refused;
use crate::joiner::Joiner;
use crate::network::{Cluster, PATIENCE, until};

/// The one that leaves.
const LEAVING: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_validator_is_replaced_while_payments_go_on() {
    let options = LocalnetOptions {
        banks: 4,
        ..LocalnetOptions::default()
    };
    let mut cluster = Cluster::start_with(options, |_| {}).await;
    let mut balances = cluster.funded();
    let before = cluster.payments(20, &mut balances);
    let first = before[0].id();
    crate::network::send(&cluster.endpoints(), before).await;

    // Nobody knows the newcomer yet: it is turned away like any stranger.
    let bank = cluster.keys.banks().nth(3).unwrap().id;
    let mut joiner = Joiner::prepare(cluster.directory(), &cluster.network, bank);
    joiner.start();
    until("the newcomer is a stranger", async || {
        refused(&cluster.network.nodes()[0], "stranger").await > 0
    })
    .await;

    // Once the change is accepted it is let in and catches up, before it votes.
    let (effective, scheduled) = replace(&cluster, &joiner).await;
    until("the newcomer is let in", async || {
        joiner.height().await >= scheduled
    })
    .await;
    let newcomer = joiner.validator.id();
    let leaving = cluster.keys.validators[LEAVING].id;
    if cluster.network.node(0).height().await.unwrap() + 2 < effective {
        assert!(!status(&joiner.client()).await.not_voting.is_empty());
    }
    while cluster.network.node(0).height().await.unwrap() < effective + 1 {
        // Not to the one that leaves: it takes none at the end.
        let payments = cluster.payments(20, &mut balances);
        crate::network::send(&cluster.endpoints()[..LEAVING], payments).await;
    }

    // With one of the old gone, three of four decide only if the newcomer is one of them.
    cluster.network.node(0).kill();
    let survivors: Vec<String> = cluster.endpoints()[1..LEAVING].to_vec();
    let after = cluster.payments(20, &mut balances);
    let last = after[0].id();
    crate::network::send(&survivors, after).await;
    let client = cluster.client(1);
    let tip = client.network().await.unwrap().height;
    let voters = voters(&client, tip).await;
    assert!(
        voters.contains(&newcomer) && !voters.contains(&leaving),
        "{voters:?}"
    );
    assert!(status(&joiner.client()).await.not_voting.is_empty());

    // With the newcomer gone as well there is no quorum, although the old validator still runs.
    joiner.kill();
    until("the newcomer is missed", async || {
        !connected(&client, "validator-5").await
    })
    .await;
    let height = client.network().await.unwrap().height;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(client.network().await.unwrap().height <= height + 1);
    let old = status(&cluster.client(LEAVING)).await;
    assert!(
        !old.not_voting.is_empty(),
        "the old validator says that it does not vote"
    );

    // All come back, over the change of the set, and the old one only follows.
    joiner.start();
    cluster.network.node(0).start().unwrap();
    cluster.network.node(LEAVING).restart().unwrap();
    let payments = cluster.payments(20, &mut balances);
    crate::network::send(&survivors, payments).await;
    let tip = client.network().await.unwrap().height;
    until("the newcomer is back", async || {
        joiner.height().await >= tip
    })
    .await;
    let mut endpoints = cluster.endpoints();
    endpoints.push(joiner.endpoint());
    cluster.check_at(endpoints, &balances).await;

    // Whoever has the genesis document alone verifies what was before and what is after.
    let trust = cluster.trust();
    for client in [cluster.client(0), joiner.client()] {
        let early = client.receipt(&first, &trust).await.unwrap();
        assert!(early.receipt.finality.set_changes.is_empty());
        let late = client.receipt(&last, &trust).await.unwrap();
        assert_eq!(late.receipt.finality.set_changes.len(), 1);
    }
    cluster.network.stop();
}

/// The operator proposes, every bank that runs a validator approves. Gives the height from which the new
/// set decides and the height of the block in which it was accepted.
async fn replace(cluster: &Cluster, joiner: &Joiner) -> (u64, u64) {
    let client = cluster.client(0);
    let info = client.network().await.unwrap();
    let effective_height = info.height + 40;
    let propose = Operation::Propose(Propose {
        change: Change::ValidatorSetChange(ValidatorSetChange {
            upserts: vec![joiner.validator.clone()],
            removals: vec![cluster.keys.validators[LEAVING].id],
        }),
        effective_height,
        approve_by: info.ledger_time.plus_millis(600_000),
    });
    let (id, _) = settle(&client, cluster.keys.operator(), propose).await;
    let proposal = ProposalId::made_by(id);
    let mut accepted = 0;
    for bank in cluster.keys.banks().take(3) {
        let approve = Operation::Approve(Approve { proposal });
        (_, accepted) = settle(&client, bank, approve).await;
    }
    (effective_height, accepted)
}

/// Makes an operation of an organisation final. Gives its id and height.
async fn settle(
    client: &Client,
    organisation: &LocalnetOrganisation,
    operation: Operation,
) -> (TransactionId, u64) {
    let author = Subject::Participant(organisation.id);
    let nonces = client.nonces(&author).await.unwrap();
    let body = TransactionBody {
        signers: vec![organisation.key.public_key()],
        author,
        nonce: nonces.next,
        expires_at: nonces.ledger_time.plus_millis(600_000),
        operation,
    };
    let chain = client.network().await.unwrap().chain;
    let transaction = SignedTransaction::sign(&chain, &body, &[&organisation.key]).unwrap();
    let settled = client.submit(&transaction, PATIENCE).await.unwrap();
    let Finality::Committed { height, .. } = settled.finality else {
        panic!("{:?}", settled.finality)
    };
    (settled.id, height)
}

async fn status(client: &Client) -> api::GetStatusResponse {
    client.node_status().await.unwrap()
}

async fn connected(client: &Client, name: &str) -> bool {
    let peers = status(client).await.peers;
    peers.iter().any(|peer| peer.name == name && peer.connected)
}

async fn voters(client: &Client, height: u64) -> Vec<ValidatorId> {
    let block = client.block(height).await.unwrap();
    let signatures = block.certificate.signatures.iter();
    signatures.map(|(validator, _)| *validator).collect()
}
