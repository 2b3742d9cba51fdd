//! The newest blocks with who signed them: read once, kept in memory, bounded.

use std::collections::VecDeque;

use bytes::Bytes;
use prost::Message as _;
use talea_types::{Certificate, ValidatorId, wire};

use super::{answer::Problem, words::BlockShown};
use crate::{Index, limits::RECENT_BLOCKS};

/// The newest blocks, newest last.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(VecDeque<RecentBlock>);

/// A block and who signed it.
#[derive(Clone, Debug)]
pub(super) struct RecentBlock {
    pub(super) block: BlockShown,
    pub(super) signers: Vec<ValidatorId>,
}

impl Recent {
    /// Reads the blocks after the newest that is known.
    pub(super) fn refresh(&mut self, index: &Index) -> Result<(), Problem> {
        const ASK: &str = "SELECT height, hash, time_ms, proposer, round, applied, rejected, void, events, committed \
                           FROM block WHERE height > $1 ORDER BY height DESC LIMIT $2";
        let known = self.0.back().map_or(0, |one| one.block.height);
        let limit = i64::try_from(RECENT_BLOCKS).unwrap_or(i64::MAX);
        let rows = index.ask(ASK, &[known.into(), crate::Value::Integer(limit)])?;
        for row in rows.iter().rev() {
            let signers = certificate(row.bytes(9)?)?.signatures;
            self.0.push_back(RecentBlock {
                block: BlockShown::of(row)?,
                signers: signers.into_iter().map(|(id, _)| id).collect(),
            });
        }
        while self.0.len() > RECENT_BLOCKS {
            self.0.pop_front();
        }
        Ok(())
    }

    /// Newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &RecentBlock> {
        self.0.iter().rev()
    }
}

/// The certificate of a block, without reading its transactions.
pub(super) fn certificate(committed: &[u8]) -> Result<Certificate, Problem> {
    let damaged = |_| Problem::internal("a block in the index cannot be read");
    let block = wire::CommittedBlock::decode(Bytes::copy_from_slice(committed)).map_err(damaged)?;
    let certificate = block.certificate.unwrap_or_default();
    Certificate::from_wire(&certificate)
        .map_err(|_| Problem::internal("a certificate in the index cannot be read"))
}
