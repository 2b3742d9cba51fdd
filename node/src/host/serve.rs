//! Serving committed blocks to nodes that catch up.

use bytes::Bytes;
use talea_consensus::PeerId;
use talea_types::{BlockBody, Certificate, CommittedBlock};

use super::{Host, Surroundings};
use crate::replica::{Lane, NodeMessage};
use crate::storage::block_log::StoredBlock;

/// Bytes of blocks in one answer; at least one block is sent whatever its size.
const ANSWER_BYTES_MAX: usize = 2 << 20;

impl Host {
    /// Sends what the log has of the heights, as much as fits into one answer.
    pub(super) fn serve_blocks(
        &self,
        to: PeerId,
        from: u64,
        upto: u64,
        around: &mut impl Surroundings,
    ) {
        let first = self.block_log.reader().heights().start;
        if from < first {
            let answer = NodeMessage::Dropped { first }.encode();
            return around.send(to, Lane::Control, &answer);
        }
        let mut blocks: Vec<Bytes> = Vec::new();
        let mut bytes = 0;
        for height in from..=upto {
            let block = match self.block_log.block(height) {
                Ok(Some(stored)) => encode(&stored),
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(height, %error, "the block log cannot be read; run `talea-node doctor`");
                    break;
                }
            };
            let Some(block) = block else { break };
            bytes += block.len();
            if bytes > ANSWER_BYTES_MAX && !blocks.is_empty() {
                break;
            }
            blocks.push(block);
        }
        let answer = NodeMessage::Blocks { from, blocks }.encode();
        around.send(to, Lane::Bulk, &answer);
    }
}

/// A stored block as it goes over the wire.
fn encode(stored: &StoredBlock) -> Option<Bytes> {
    let body = BlockBody::decode(&Bytes::copy_from_slice(&stored.body)).ok()?;
    let certificate = Certificate::decode(&Bytes::copy_from_slice(&stored.certificate)).ok()?;
    Some(CommittedBlock { body, certificate }.encode())
}
