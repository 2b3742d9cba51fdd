//! Reads the blocks of one validator as they are committed, and verifies them: header and certificate against
//! the genesis document, transactions and results against the header.

use anyhow::{Context, ensure};
use talea_client::{Client, Trust};
use talea_types::{BlockHash, BlockHeader, SignedTransaction, TransactionResult};
use tokio::sync::mpsc;

/// Blocks that wait to be checked; the reader waits when there are more.
const BLOCKS_WAITING_MAX: usize = 16;

/// A block that was verified.
pub struct Block {
    pub header: BlockHeader,
    /// In the order in which they were executed.
    pub transactions: Vec<(SignedTransaction, TransactionResult)>,
}

/// Reads from a height on, as somebody who may read everything.
pub fn follow(
    client: Client,
    trust: Trust,
    from_height: u64,
) -> mpsc::Receiver<anyhow::Result<Block>> {
    let (sender, receiver) = mpsc::channel(BLOCKS_WAITING_MAX);
    tokio::spawn(async move {
        let mut watch = client.watch_blocks(from_height, Some(&trust));
        let mut parent = None;
        loop {
            let read = async {
                let header = watch.next().await?.header;
                let block = read(&client, header, &mut parent).await?;
                anyhow::Ok(block)
            };
            let block = read.await.context("reading blocks");
            let is_last = block.is_err();
            if sender.send(block).await.is_err() || is_last {
                return;
            }
        }
    });
    receiver
}

async fn read(
    client: &Client,
    header: BlockHeader,
    parent: &mut Option<BlockHash>,
) -> anyhow::Result<Block> {
    let height = header.height;
    ensure!(
        parent.is_none_or(|parent| parent == header.parent),
        "block {height} does not follow the one before it"
    );
    *parent = Some(header.hash());
    let transactions = match header.result_count {
        0 => Vec::new(),
        _ => client.transactions_of(&header).await?,
    };
    Ok(Block {
        header,
        transactions,
    })
}
