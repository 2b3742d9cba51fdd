//! An observer: follows, serves reads, does not vote, takes no transactions.

use talea_client::{Client, ClientError, Options};
use talea_node::localnet::LocalnetOptions;
use talea_proto::{LedgerClient, api, errors::reason};
use talea_types::{Asset, Subject};

use crate::figures::figure;
use crate::network::{Cluster, PATIENCE, VALIDATORS, until};

const OBSERVER: usize = VALIDATORS;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observer_follows_serves_reads_and_catches_up_after_a_kill() {
    let options = LocalnetOptions {
        observers: 1,
        ..LocalnetOptions::default()
    };
    let mut cluster = Cluster::start_with(options, |_| {}).await;
    let mut balances = cluster.funded();
    let trust = cluster.trust();
    let observer = cluster.client(OBSERVER);
    let info = observer.network().await.unwrap();
    assert_eq!(info.role, api::NodeRole::Observer);

    // Reads, each proved: an account, a receipt, the stream of an account's events.
    let payments = cluster.payments(40, &mut balances);
    let (payment, payer) = (payments[0].clone(), payments[0].body().author);
    let mut events = observer.watch_events(payer, 0);
    crate::network::send(&cluster.endpoints(), payments).await;
    until("the observer has the payment", async || {
        observer.receipt(&payment.id(), &trust).await.is_ok()
    })
    .await;
    let Subject::Account(account) = payer else {
        panic!("payments are of accounts")
    };
    let balance = observer.account(&account).await.unwrap();
    let balance = balance.balance(Asset::new("CZK").unwrap()).unwrap();
    assert!(balance.available.minor_units() > 0);
    let history = observer.history(&payer, &trust, |_, _| {}).await.unwrap();
    for expected in &history.events {
        assert_eq!(events.next().await.unwrap(), *expected);
    }

    // A submission gets a typed refusal, and the SDK goes on to a validator with the same bytes.
    let endpoint = cluster.network.nodes()[OBSERVER].endpoint();
    let next = cluster.payments(1, &mut balances).remove(0);
    let mut direct = LedgerClient::connect(endpoint.clone()).await.unwrap();
    let request = api::SubmitRequest {
        transaction: next.encoded().clone(),
        ..Default::default()
    };
    let error = talea_client::ApiError::from_status(&direct.submit(request).await.unwrap_err());
    assert_eq!(error.reason, reason::NOT_SERVING, "{error}");
    let alone = observer
        .submit(&next, std::time::Duration::from_secs(2))
        .await;
    assert!(
        matches!(&alone, Err(ClientError::Refused(error)) if error.reason == reason::NOT_SERVING),
        "{alone:?}"
    );
    let both = Client::new(&Options::new([endpoint, cluster.endpoints()[0].clone()])).unwrap();
    assert!(both.submit(&next, PATIENCE).await.unwrap().is_committed());

    // Killed under load, it comes back to the same state.
    let payments = cluster.payments(1_000, &mut balances);
    let endpoints = cluster.endpoints();
    let load = tokio::spawn(async move { crate::network::send(&endpoints, payments).await });
    cluster.network.node(OBSERVER).kill();
    load.await.unwrap();
    cluster.network.node(OBSERVER).start().unwrap();
    cluster.check(&balances).await;
    let receipt = observer.receipt(&next.id(), &trust).await.unwrap();
    assert_eq!(receipt.receipt.result.transaction, next.id());

    let node = &cluster.network.nodes()[OBSERVER];
    let votes = ["direction=\"Out\"", "priority=\"vote\""];
    assert_eq!(
        figure(node, "talea_network_bytes_total", &votes).await,
        0,
        "it never votes"
    );
    cluster.network.stop();
}
