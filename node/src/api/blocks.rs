//! Blocks as they are committed.

use std::sync::Arc;

use talea_proto::{ApiError, api};

use super::{
    events::{WatchEnd, end_watch},
    lookups::notice,
    outbox::{Outbox, OutboxStream, Unsent, outbox},
    refusals::stopping,
    service::Service,
    shares::ClientId,
};

impl Service {
    /// `WatchBlocks`.
    pub(super) fn watch_blocks(
        self: &Arc<Self>,
        request: &api::WatchBlocksRequest,
        client: ClientId,
    ) -> Result<OutboxStream<api::BlockNotice>, ApiError> {
        let share = self.watcher_share(client)?;
        let next = match request.from_height {
            0 => self.tip().height.saturating_add(1),
            height => height,
        };
        let (outbox, stream) = outbox(share);
        let service = Arc::clone(self);
        tokio::spawn(async move {
            let mut watch = BlockWatch { service, next };
            let ended = watch.run(&outbox).await;
            end_watch(outbox, ended, &format!("from_height {}", watch.next));
        });
        Ok(stream)
    }
}

struct BlockWatch {
    service: Arc<Service>,
    next: u64,
}

impl BlockWatch {
    async fn run(&mut self, outbox: &Outbox<api::BlockNotice>) -> Result<(), WatchEnd> {
        let mut tip = self.service.context.tip.clone();
        loop {
            let newest = tip.borrow_and_update().height;
            while self.next <= newest {
                let record = self.service.block(self.next).await?;
                outbox.send(notice(&record)).await?;
                self.next += 1;
            }
            tokio::select! {
                () = self.service.stop.cancelled() => return Err(stopping().into()),
                () = outbox.closed() => return Err(Unsent::Gone.into()),
                changed = tip.changed() => changed.map_err(|_| stopping())?,
            }
        }
    }
}
