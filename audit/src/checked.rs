//! What can be verified of a block without the state before it: bytes, digests, signatures. Several blocks
//! can be checked at once.

use std::fmt::Display;

use bytes::Bytes;
use talea_client::WholeBlock;
use talea_types::{
    ChainId, CommittedBlock, SignedTransaction, TransactionResult, VerifiedTransaction,
    crypto::KeyCache, transaction::verify_all,
};

use crate::Difference;

/// A block whose bytes are canonical, whose batches are those that its header names, and whose every
/// transaction is signed by whom it names.
#[derive(Debug)]
pub struct CheckedBlock {
    /// The block.
    pub block: CommittedBlock,
    /// Its canonical bytes.
    pub bytes: Bytes,
    /// Its transactions, in the order of execution.
    pub transactions: Vec<VerifiedTransaction>,
    /// Results that a node told beside it, to be held against what is so; `None` when nobody told any, as
    /// when an index is made again.
    pub told: Option<Vec<TransactionResult>>,
}

impl CheckedBlock {
    /// Checks what a node sent when block `due` was asked for.
    ///
    /// # Errors
    /// [`Difference`]: the first thing that is wrong.
    pub fn of_node(
        chain: &ChainId,
        keys: &mut KeyCache,
        due: u64,
        sent: WholeBlock,
    ) -> Result<Self, Difference> {
        let counted = Counts::of(&sent.results);
        let checked = Self::of_bytes(chain, keys, due, sent.block, Some(sent.results))?;
        let (header, certificate) = (
            &checked.block.body.content.header,
            &checked.block.certificate,
        );
        let info = sent.info;
        let differs = |what, told: &dyn Display, executed: &dyn Display| {
            Err(Difference::told(due, what, told, executed))
        };
        if info.header != *header {
            return differs("its header is", &info.header.hash(), &header.hash());
        }
        if info.certificate != *certificate {
            let (told, executed) = (info.certificate.hash(), certificate.hash());
            return differs("its certificate is", &told, &executed);
        }
        let told = Counts {
            applied: info.applied,
            rejected: info.rejected,
            void: info.void,
        };
        if told != counted {
            let (told, counted) = (format!("{told:?}"), format!("{counted:?}"));
            return differs("its outcomes are", &told, &counted);
        }
        Ok(checked)
    }

    /// Checks the bytes of block `due`.
    ///
    /// # Errors
    /// [`Difference`]: the first thing that is wrong.
    pub fn of_bytes(
        chain: &ChainId,
        keys: &mut KeyCache,
        due: u64,
        bytes: Bytes,
        told: Option<Vec<TransactionResult>>,
    ) -> Result<Self, Difference> {
        let block = CommittedBlock::decode(&bytes)
            .map_err(|reason| Difference::Unreadable { due, reason })?;
        let header = &block.body.content.header;
        let height = header.height;
        if height != due {
            let found = height;
            return Err(Difference::Height { due, found });
        }
        if header.chain != *chain {
            return Err(Difference::Network {
                height,
                expected: *chain,
                found: header.chain,
            });
        }
        let encoded = block
            .body
            .batches
            .iter()
            .flat_map(|batch| batch.transactions());
        let decoded: Vec<SignedTransaction> = encoded
            .enumerate()
            .map(|(position, bytes)| {
                SignedTransaction::decode(chain, bytes.clone()).map_err(|error| {
                    Difference::Transaction {
                        height,
                        position,
                        reason: error.to_string(),
                    }
                })
            })
            .collect::<Result<_, _>>()?;
        let verified = verify_all(keys, decoded).into_iter().enumerate();
        let transactions = verified
            .map(|(position, verdict)| {
                verdict.map_err(|_| Difference::Transaction {
                    height,
                    position,
                    reason: "a signature does not verify".to_owned(),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            block,
            bytes,
            transactions,
            told,
        })
    }

    /// Its height.
    #[must_use]
    pub const fn height(&self) -> u64 {
        self.block.body.content.header.height
    }
}

/// How many transactions of a block ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Applied.
    pub applied: u32,
    /// Refused, with an outcome; the nonce is used.
    pub rejected: u32,
    /// Without any effect.
    pub void: u32,
}

impl Counts {
    /// Counts results.
    #[must_use]
    pub fn of(results: &[TransactionResult]) -> Self {
        let mut counts = Self::default();
        for result in results {
            let outcome = result.outcome;
            match () {
                () if outcome.is_applied() => counts.applied += 1,
                () if outcome.is_void() => counts.void += 1,
                () => counts.rejected += 1,
            }
        }
        counts
    }
}
