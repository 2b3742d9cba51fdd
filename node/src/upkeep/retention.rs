//! How many blocks are kept.

use crate::config::StorageConfig;
use crate::storage::block_log::BlockReader;

const DAY_MS: u64 = 86_400_000;

/// Which blocks must be kept; those that neither figure asks for may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Newest blocks.
    pub blocks: u64,
    /// Blocks of these last days of ledger time.
    pub days: u64,
}

impl Retention {
    /// What the settings say; `None` to keep all.
    #[must_use]
    pub const fn of(config: &StorageConfig) -> Option<Self> {
        let (blocks, days) = (config.retention_blocks, config.retention_days);
        if blocks == 0 && days == 0 {
            None
        } else {
            Some(Self { blocks, days })
        }
    }

    /// The highest height that need not be kept, if there is one.
    ///
    /// # Errors
    /// What is wrong with a block that had to be looked at.
    pub fn may_go(&self, blocks: &BlockReader) -> Result<Option<u64>, String> {
        let heights = blocks.heights();
        let Some(tip) = heights
            .end
            .checked_sub(1)
            .filter(|tip| heights.contains(tip))
        else {
            return Ok(None);
        };
        let mut upto = tip.saturating_sub(self.blocks.max(1));
        if self.days > 0 {
            let newest = time_of(blocks, tip)?;
            let since = newest.saturating_sub(self.days.saturating_mul(DAY_MS));
            // Ledger time rises with every block.
            let (mut low, mut high) = (heights.start, tip);
            while low < high {
                let middle = low + (high - low) / 2;
                if time_of(blocks, middle)? < since {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            upto = upto.min(low.saturating_sub(1));
        }
        Ok(Some(upto).filter(|upto| heights.contains(upto)))
    }
}

fn time_of(blocks: &BlockReader, height: u64) -> Result<u64, String> {
    let header = crate::recovery::committed_header(blocks, None, height)?;
    Ok(header.time.millis())
}
