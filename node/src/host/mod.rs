//! The host of a replica: carries out what it says, in the order that makes it safe.
//!
//! ```text
//!  inputs ─> replica.step() ─> outputs ─> consensus log, block log (synced) ─> then: surroundings
//!                 ^                                   │
//!                 └────────── what is durable ────────┘
//! ```
//!
//! Kept true: a message leaves, and a decision is acted on, only after every record that it depends on
//! is on the disk; one sync serves all that is waiting. What the signer remembers by itself is written after the log and
//! before the message, so that no crash leaves it ahead of the log. A write that fails ends the process: what is on
//! the disk is then unknown, and a validator that goes on could contradict itself.
//!
//! There is no thread, socket or clock here. The logs write through [`Disk`](crate::storage::disk::Disk),
//! everything else is the [`Surroundings`]: the [`driver`](crate::driver) on a machine, virtual time and a
//! seeded network in the simulator. Both run this code.

mod serve;
mod surroundings;

use std::collections::VecDeque;

use talea_consensus::PeerId;
use talea_types::planted::{self, Bug};

use crate::replica::{HaltReason, Input, Output, Replica};
use crate::signed_record::{SignedRecord, SignedRecordError};
use crate::storage::block_log::{BlockLog, BlockLogError};
use crate::storage::consensus_log::ConsensusLog;
use crate::storage::framed_log::LogError;
use crate::voting_record::{VotingRecord, VotingRecordError};

pub use surroundings::{Log, Surroundings};

/// Why a host cannot go on: the process must end.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The replica refuses to go on.
    #[error(transparent)]
    Halted(#[from] HaltReason),
    /// The block log failed.
    #[error("the block log failed; the node stops so as not to say what it cannot keep: {0}")]
    BlockLog(#[from] BlockLogError),
    /// The voting record could not be written.
    #[error(transparent)]
    VotingRecord(#[from] VotingRecordError),
    /// How far the voting key has signed could not be written.
    #[error(transparent)]
    SignedRecord(#[from] SignedRecordError),
    /// The consensus log failed.
    #[error("the consensus log failed; the node stops so as not to say what it cannot keep: {0}")]
    ConsensusLog(#[from] LogError),
}

/// See the module.
pub struct Host {
    replica: Replica,
    block_log: BlockLog,
    consensus_log: ConsensusLog,
    voting_record: VotingRecord,
    /// Where nobody votes there is none.
    signed_record: Option<SignedRecord>,
    log_dirty: bool,
    /// Bodies and decisions appended and not yet synced.
    appended: Vec<Input>,
    /// Messages that wait for the next sync, in order.
    held: Vec<Output>,
}

impl Host {
    /// A host whose replica has not started.
    #[must_use]
    pub const fn new(
        replica: Replica,
        block_log: BlockLog,
        consensus_log: ConsensusLog,
        voting_record: VotingRecord,
        signed_record: Option<SignedRecord>,
    ) -> Self {
        Self {
            replica,
            block_log,
            consensus_log,
            voting_record,
            signed_record,
            log_dirty: false,
            appended: Vec::new(),
            held: Vec::new(),
        }
    }

    /// The replica.
    #[must_use]
    pub const fn replica(&self) -> &Replica {
        &self.replica
    }

    /// The block log, for work between two calls of [`Host::handle`]: everything appended is synced then.
    pub const fn block_log(&mut self) -> &mut BlockLog {
        &mut self.block_log
    }

    /// Feeds the inputs, then syncs once and lets out what waited for it, until nothing is left to do.
    ///
    /// # Errors
    /// [`HostError`]: the process must end.
    pub fn handle(
        &mut self,
        inputs: &mut VecDeque<Input>,
        around: &mut impl Surroundings,
    ) -> Result<(), HostError> {
        loop {
            while let Some(input) = inputs.pop_front() {
                let outputs = self.replica.step(around.now(), input);
                for output in outputs {
                    self.carry_out(output, inputs, around)?;
                }
            }
            self.sync(inputs, around)?;
            if inputs.is_empty() {
                return Ok(());
            }
        }
    }

    fn carry_out(
        &mut self,
        output: Output,
        inputs: &mut VecDeque<Input>,
        around: &mut impl Surroundings,
    ) -> Result<(), HostError> {
        match output {
            Output::AppendLog(record) => {
                if let talea_consensus::LogRecord::Started { height } = &record {
                    self.consensus_log.start_height(*height)?;
                }
                self.consensus_log
                    .append(record.height(), &record.encode())?;
                if let Some(signed) = &mut self.signed_record {
                    signed.note(&record);
                }
                self.log_dirty = true;
            }
            Output::RecordVoteFrom { height } => self.voting_record.record_started(height)?,
            Output::AppendBody {
                height,
                hash,
                bytes,
            } => {
                self.block_log.append_body(height, hash.hash().0, &bytes)?;
                self.appended.push(Input::BodyDurable { hash });
            }
            Output::AppendCommit {
                height,
                hash,
                certificate,
            } => {
                // The decision rests on votes in the consensus log.
                self.sync_consensus_log(around)?;
                self.block_log
                    .append_commit(height, hash.hash().0, &certificate.encode())?;
                self.appended.push(Input::CommitDurable { height });
            }
            Output::Send { .. } | Output::Broadcast { .. } if self.log_dirty => {
                self.held.push(output);
            }
            Output::Send { to, lane, message } => around.send(to, lane, &message.encode()),
            Output::Broadcast {
                audience,
                lane,
                message,
            } => around.broadcast(audience, lane, &message.encode()),
            Output::VerifyBatch(batch) => around.verify_batch(&batch),
            Output::Admitted { ticket, answers } => around.on_admitted(ticket, answers),
            Output::ServeBlocks { to, from, upto } => self.serve_blocks(to, from, upto, around),
            Output::ServeSnapshot { to, request } => around.serve_snapshot(to, request),
            Output::Publish { record, delta } => around.publish(record, delta),
            Output::ValidatorsNamed(named) => {
                let gone: Vec<PeerId> = around.on_validators(&named);
                inputs.extend(gone.into_iter().map(Input::Disconnected));
            }
            Output::WakeAt(at) => around.wake_at(at),
            Output::Fault {
                peer,
                severity,
                reason,
            } => around.on_fault(&peer, severity, &reason),
            Output::Evidence(evidence) => around.on_evidence(&evidence),
            Output::Halt(reason) => return Err(reason.into()),
        }
        Ok(())
    }

    fn sync_consensus_log(&mut self, around: &mut impl Surroundings) -> Result<(), HostError> {
        if self.log_dirty {
            let begun = around.elapsed();
            if !planted::is(Bug::LogNotSynced) {
                self.consensus_log.sync()?;
            }
            if let Some(signed) = &mut self.signed_record {
                signed.keep()?;
            }
            around.on_synced(Log::Consensus, around.elapsed().saturating_sub(begun));
            self.log_dirty = false;
        }
        Ok(())
    }

    fn sync(
        &mut self,
        inputs: &mut VecDeque<Input>,
        around: &mut impl Surroundings,
    ) -> Result<(), HostError> {
        if !self.held.is_empty() {
            self.sync_consensus_log(around)?;
            for output in std::mem::take(&mut self.held) {
                self.carry_out(output, inputs, around)?;
            }
        }
        if !self.appended.is_empty() {
            let begun = around.elapsed();
            if !planted::is(Bug::CommitNotSynced) {
                self.block_log.sync()?;
            }
            around.on_synced(Log::Blocks, around.elapsed().saturating_sub(begun));
            inputs.extend(self.appended.drain(..));
        }
        Ok(())
    }
}
