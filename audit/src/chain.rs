//! The chain as an auditor knows it: the state after the last verified block, and the only way to the next
//! one. Pure: no clock, no network, no disk.
//!
//! Kept true: every block was decided by the validators that the state before it names, follows the block
//! before it, and executes to exactly what its header says.

use std::{fmt::Display, sync::Arc};

use bytes::Bytes;
use parking_lot::{RwLock, RwLockReadGuard};
use prost::Message;
use talea_genesis::GenesisRecord;
use talea_ledger::{
    BlockContext, Delta, EventRecord, Execution, GenesisError, Ledger, RestoreError,
};
use talea_types::{
    BlockHash, BlockHeader, ChainId, CommittedBlock, DecodeError, TransactionResult, ValidatorSet,
    VerifiedTransaction, crypto::KeyCache, wire,
};

use crate::{CheckedBlock, Conduct, Difference, MonthEnd};

/// The state after the newest verified block, read by whoever answers questions while a [`Chain`] goes on.
pub type SharedLedger = Arc<RwLock<Ledger>>;

/// The newest verified block and the state after it.
pub struct Chain {
    id: ChainId,
    ledger: SharedLedger,
    tip: Tip,
    keys: KeyCache,
}

/// The newest verified block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// Its height; 0 at genesis.
    pub height: u64,
    /// Its hash; the chain id at genesis.
    pub hash: BlockHash,
    /// The validators that decided it; at genesis, those of the first block.
    pub validators: ValidatorSet,
}

/// A block that was verified and executed.
pub struct Audited {
    /// The block.
    pub block: CommittedBlock,
    /// Its canonical bytes.
    pub bytes: Bytes,
    /// Its transactions.
    pub transactions: Vec<VerifiedTransaction>,
    /// What became of each.
    pub results: Vec<TransactionResult>,
    /// Everything that happened.
    pub events: Vec<EventRecord>,
    /// Every object that changed.
    pub delta: Delta,
    /// How debtors were treated.
    pub conduct: Conduct,
    /// Where loans stood at the ends of months that passed with it.
    pub month_ends: Vec<MonthEnd>,
    /// The tip that it is.
    pub tip: Tip,
}

/// A kept state that cannot be gone on from.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// The genesis document makes no state.
    #[error("the genesis document makes no ledger: {0}")]
    Genesis(#[from] GenesisError),
    /// The objects are no state.
    #[error("the kept state cannot be read: {0}")]
    Restore(#[from] RestoreError),
    /// The kept tip cannot be read.
    #[error("the kept tip cannot be read: {0}")]
    Tip(#[from] DecodeError),
    /// The state is of another height than the tip.
    #[error("the kept state is of height {state}, the newest block kept is {tip}")]
    Height {
        /// Of the state.
        state: u64,
        /// Of the tip.
        tip: u64,
    },
}

impl Chain {
    /// The chain before its first block.
    ///
    /// # Errors
    /// [`ResumeError::Genesis`].
    pub fn genesis(record: &GenesisRecord) -> Result<Self, ResumeError> {
        let id = record.chain_id();
        let ledger = Ledger::genesis(&record.to_ledger())?;
        let tip = Tip {
            height: 0,
            hash: BlockHash::new(id.hash()),
            validators: ledger.validators().clone(),
        };
        Ok(Self {
            id,
            ledger: Arc::new(RwLock::new(ledger)),
            tip,
            keys: KeyCache::new(),
        })
    }

    /// The chain as it was kept: the objects of the state, and the tip.
    ///
    /// # Errors
    /// [`ResumeError`].
    pub fn restore(
        id: ChainId,
        tip: Tip,
        objects: impl IntoIterator<Item = (Vec<u8>, Bytes)>,
    ) -> Result<Self, ResumeError> {
        let ledger = Ledger::restore(objects)?;
        let (state, kept) = (ledger.height(), tip.height);
        if state != kept {
            return Err(ResumeError::Height { state, tip: kept });
        }
        Ok(Self {
            id,
            ledger: Arc::new(RwLock::new(ledger)),
            tip,
            keys: KeyCache::new(),
        })
    }

    /// This chain, with its state where that of another is read from.
    pub(crate) fn in_place_of(mut self, shared: &SharedLedger) -> Self {
        std::mem::swap(&mut *shared.write(), &mut *self.ledger.write());
        self.ledger = Arc::clone(shared);
        self
    }

    /// The network.
    #[must_use]
    pub const fn id(&self) -> &ChainId {
        &self.id
    }

    /// The newest verified block.
    #[must_use]
    pub const fn tip(&self) -> &Tip {
        &self.tip
    }

    /// The state after it. Nothing is followed while it is held.
    pub fn ledger(&self) -> RwLockReadGuard<'_, Ledger> {
        self.ledger.read()
    }

    /// The state after the newest block, now and later.
    #[must_use]
    pub fn shared_ledger(&self) -> SharedLedger {
        Arc::clone(&self.ledger)
    }

    /// Verifies the next block and executes it. After an error nothing has changed.
    ///
    /// # Errors
    /// [`Difference`]: the first thing that is not so.
    pub fn follow(&mut self, checked: CheckedBlock) -> Result<Audited, Difference> {
        let header = &checked.block.body.content.header;
        self.verify_place(header)?;
        self.verify_finality(&checked.block)?;
        let height = header.height;
        let context = BlockContext {
            height,
            time: header.time,
        };
        let executed = self.ledger.read().execute(&context, &checked.transactions);
        let mut execution = executed.map_err(|error| Difference::Context {
            height,
            reason: error.to_string(),
        })?;
        verify_execution(header, &execution)?;
        if let Some(told) = &checked.told {
            verify_told(height, told, &execution.results)?;
        }
        let results = std::mem::take(&mut execution.results);
        let events = std::mem::take(&mut execution.events);
        let delta = std::mem::take(&mut execution.delta);
        let month_ends = MonthEnd::passed(&self.ledger.read(), header.business_date);
        let mut ledger = self.ledger.write();
        let tip = Tip {
            height,
            hash: header.hash(),
            validators: ledger.validators().clone(),
        };
        ledger.commit(execution);
        drop(ledger);
        self.tip = tip.clone();
        let conduct = Conduct::of_block(
            &checked.transactions,
            &results,
            &events,
            &self.ledger.read(),
        );
        Ok(Audited {
            block: checked.block,
            bytes: checked.bytes,
            transactions: checked.transactions,
            results,
            events,
            delta,
            conduct,
            month_ends,
            tip,
        })
    }

    /// The header stands where it is due.
    fn verify_place(&self, header: &BlockHeader) -> Result<(), Difference> {
        let (height, due) = (header.height, self.tip.height + 1);
        if height != due {
            let found = height;
            return Err(Difference::Height { due, found });
        }
        if header.parent != self.tip.hash {
            return Err(Difference::Parent {
                height,
                expected: self.tip.hash,
                found: header.parent,
            });
        }
        let ledger = self.ledger.read();
        let deciding = ledger.validators();
        if header.validators_hash != deciding.hash() {
            return Err(Difference::Validators {
                height,
                expected: deciding.hash(),
                found: header.validators_hash,
            });
        }
        if deciding.get(&header.proposer).is_none() {
            return Err(Difference::Proposer {
                height,
                proposer: header.proposer,
            });
        }
        Ok(())
    }

    /// A quorum decided it, and the certificate of its parent that it carries is one.
    fn verify_finality(&mut self, block: &CommittedBlock) -> Result<(), Difference> {
        let height = block.body.content.header.height;
        let certified =
            block
                .certificate
                .verify(&self.id, self.ledger.read().validators(), &mut self.keys);
        certified.map_err(|reason| Difference::Certificate { height, reason })?;
        let refuse = |reason: String| Err(Difference::ParentCertificate { height, reason });
        let Some(parent) = &block.body.content.parent_certificate else {
            // The first block has no parent; of all others a header without one is nobody's.
            return match height {
                1 => Ok(()),
                _ => refuse("it is missing".to_owned()),
            };
        };
        if parent.block != self.tip.hash || parent.height != self.tip.height {
            return refuse("it is of another block".to_owned());
        }
        let verdict = parent.verify(&self.id, &self.tip.validators, &mut self.keys);
        verdict.or_else(|error| refuse(error.to_string()))
    }
}

/// The header says what executing the block gives.
fn verify_execution(header: &BlockHeader, execution: &Execution) -> Result<(), Difference> {
    let compare = |field: &'static str, claimed: &dyn Display, executed: &dyn Display| {
        let (claimed, executed) = (claimed.to_string(), executed.to_string());
        if claimed == executed {
            return Ok(());
        }
        Err(Difference::Execution {
            height: header.height,
            field,
            claimed,
            executed,
        })
    };
    compare(
        "result_count",
        &header.result_count,
        &execution.results.len(),
    )?;
    compare(
        "results_root",
        &header.results_root,
        &execution.results_root,
    )?;
    compare("state_root", &header.state_root, &execution.state_root)?;
    compare(
        "next_validators_hash",
        &header.next_validators_hash,
        &execution.next_validators_hash,
    )?;
    compare(
        "rule_packs_hash",
        &header.rule_packs_hash,
        &execution.rule_packs_hash,
    )?;
    compare(
        "business_date",
        &header.business_date,
        &execution.business_date,
    )
}

/// What the node told of each transaction is what happened to it.
fn verify_told(
    height: u64,
    told: &[TransactionResult],
    executed: &[TransactionResult],
) -> Result<(), Difference> {
    let differs = |what, told: &dyn Display, executed: &dyn Display| {
        Err(Difference::told(height, what, told, executed))
    };
    if told.len() != executed.len() {
        return differs("its number of results is", &told.len(), &executed.len());
    }
    for (told, executed) in told.iter().zip(executed) {
        if told.transaction != executed.transaction {
            let (told, executed) = (&told.transaction, &executed.transaction);
            return differs("a result is of transaction", told, executed);
        }
        if told.outcome != executed.outcome {
            return Err(Difference::ToldOutcome {
                height,
                transaction: told.transaction,
                told: told.outcome,
                executed: executed.outcome,
            });
        }
        if told.rules != executed.rules {
            let (told, executed) = (told.rules.join(", "), executed.rules.join(", "));
            return differs("the rules that spoke are", &told, &executed);
        }
    }
    Ok(())
}

impl Tip {
    /// Its bytes, for an index.
    #[must_use]
    pub fn validators_bytes(&self) -> Vec<u8> {
        self.validators.to_wire().encode_to_vec()
    }

    /// Reads what an index kept.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn from_kept(height: u64, hash: BlockHash, validators: &[u8]) -> Result<Self, DecodeError> {
        let set = wire::ValidatorSet::decode(validators).map_err(|_| DecodeError::Range {
            field: "tip.validators",
            reason: "not a validator set",
        })?;
        Ok(Self {
            height,
            hash,
            validators: ValidatorSet::from_wire(&set)?,
        })
    }
}
