//! Making an index again from the blocks that it keeps, as if it had followed a node from the beginning.

use talea_genesis::GenesisRecord;
use talea_types::crypto::KeyCache;

use crate::{
    CheckedBlock, Difference, Index, IndexError, IndexPlace, Progress,
    limits::{GROUP_BLOCKS, WAITING_KIB_MAX},
};

/// Why an index could not be made again.
#[derive(Debug, thiserror::Error)]
pub enum ReindexError {
    /// A kept block does not verify: the old index was altered or has rotted.
    #[error("a block that the index keeps does not verify: {0}")]
    Difference(#[from] Difference),
    /// A block is not there.
    #[error("the index does not keep block {height}")]
    Missing {
        /// Its height.
        height: u64,
    },
    /// An index cannot be used.
    #[error("{0}")]
    Index(#[from] IndexError),
}

/// Verifies and executes every block of an index again, and writes a new one at `place`.
///
/// # Errors
/// [`ReindexError`].
pub fn reindex(
    old: &Index,
    record: &GenesisRecord,
    place: impl Into<IndexPlace>,
    mut on_progress: impl FnMut(Progress),
) -> Result<Index, ReindexError> {
    let target = old.height()?;
    let mut new = Index::open_or_create(place, &record.chain_id())?;
    let mut chain = new.resume(record)?;
    let mut keys = KeyCache::new();
    let mut group = Vec::with_capacity(GROUP_BLOCKS);
    let mut bytes = 0;
    let mut progress = Progress {
        target,
        ..Progress::default()
    };
    for height in chain.tip().height + 1..=target {
        let row = old.block(height)?.ok_or(ReindexError::Missing { height })?;
        let checked = CheckedBlock::of_bytes(chain.id(), &mut keys, height, row.committed, None)?;
        bytes += checked.bytes.len();
        group.push(chain.follow(checked)?);
        let is_full = group.len() == GROUP_BLOCKS || bytes / 1024 >= WAITING_KIB_MAX as usize;
        if is_full || height == target {
            bytes = 0;
            new.append(&group)?;
            for block in group.drain(..) {
                progress.transactions += block.transactions.len() as u64;
            }
            progress.height = height;
            on_progress(progress);
        }
    }
    Ok(new)
}
