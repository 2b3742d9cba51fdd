//! Transactions that are nearly good, offered in number.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use talea_proto::LedgerClient;
use talea_proto::api::{self, TransactionState};
use tonic::transport::Endpoint;

use crate::attacks::{PAUSE, Target};

/// Transactions in one message.
const BATCH: usize = 200;

/// Offers so many a second through one stream. What the node has no room for waits at the stream's window and is
/// not counted as offered.
pub async fn invalid_transactions(target: Target, transactions: Arc<Vec<Bytes>>, per_second: u64) {
    while target.goes_on() {
        let endpoint = Endpoint::from_shared(format!("http://{}", target.address));
        let Ok(endpoint) = endpoint.map(|one| one.local_address(Some(target.from.into()))) else {
            return;
        };
        let Ok(channel) = endpoint.connect().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let stream = tokio_stream::wrappers::ReceiverStream::new(receiver);
        let (own, all) = (target.clone(), Arc::clone(&transactions));
        let feeder = tokio::spawn(async move {
            let between = Duration::from_secs(BATCH as u64).div_f64(per_second.max(1) as f64);
            // What was late is made up for.
            let mut pace = tokio::time::interval(between);
            let mut at = 0;
            while own.goes_on() {
                pace.tick().await;
                let batch = (0..BATCH).map(|place| all[(at + place) % all.len()].clone());
                let transactions = batch.collect();
                at += BATCH;
                let sent = sender.send(api::SubmitBatch { transactions }).await;
                if sent.is_err() {
                    return;
                }
                own.counts
                    .offered
                    .fetch_add(BATCH as u64, Ordering::Relaxed);
                own.add(BATCH as u64);
            }
        });
        if let Ok(answer) = LedgerClient::new(channel).submit_stream(stream).await {
            let mut updates = answer.into_inner();
            while target.goes_on()
                && let Ok(Some(update)) = updates.message().await
            {
                count(&target, &update);
            }
        }
        feeder.abort();
        tokio::time::sleep(PAUSE).await;
    }
}

fn count(target: &Target, update: &api::SubmitUpdates) {
    let refused = |status: &&api::TransactionStatus| status.state() == TransactionState::Refused;
    let refused = update.statuses.iter().filter(refused).count() as u64;
    let all = update.statuses.len() as u64;
    target.counts.refused.fetch_add(refused, Ordering::Relaxed);
    target
        .counts
        .taken
        .fetch_add(all - refused, Ordering::Relaxed);
}
