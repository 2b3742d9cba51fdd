//! The same bytes again and again, while and right after they become final.

use talea_client::{Finality, Settlement};

use crate::network::{Cluster, PATIENCE};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_bytes_at_every_node_get_one_outcome() {
    let mut cluster = Cluster::start().await;
    let mut balances = cluster.funded();
    let payments = cluster.payments(60, &mut balances);
    for payment in payments {
        let settled = cluster.client(0).submit(&payment, PATIENCE).await.unwrap();
        let Finality::Committed { height, index } = settled.finality else {
            panic!("{settled:?}")
        };
        // Some nodes have the block, some have it in the state and not in the index, some not at all.
        let retries = (0..8).map(|number| {
            let (client, payment) = (cluster.client(number % 4), payment.clone());
            tokio::spawn(async move { client.submit(&payment, PATIENCE).await })
        });
        for retry in retries.collect::<Vec<_>>() {
            let again = retry.await.unwrap().unwrap();
            let (id, finality) = (payment.id(), Finality::Committed { height, index });
            assert_eq!(again, Settlement { id, finality });
        }
    }
    cluster.check(&balances).await;
    cluster.network.stop();
}
