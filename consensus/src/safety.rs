//! The safety kernel: the only place that asks for signatures.
//!
//! It knows nothing of the protocol. It keeps one promise, whatever the code above it does: **a
//! validator never signs two different statements for one position, and never goes back** (C-1). A
//! position is (height, round, kind), ordered, with a proposal before a prevote before a precommit.
//! What was signed is recovered from the consensus log, so the promise holds across a crash; the
//! statement reaches the log before it reaches a peer (C-2).

use std::collections::BTreeMap;

use talea_types::{BlockHash, SecretKey, Signature};

use crate::{log::LogRecord, message::SignedProposal, rules};

/// What kind of statement is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatementKind {
    /// A proposal.
    Proposal,
    /// A prevote.
    Prevote,
    /// A precommit.
    Precommit,
}

/// Where in the life of the chain a statement belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Height of the block.
    pub height: u64,
    /// Round of the height.
    pub round: u32,
    /// Kind of the statement.
    pub kind: StatementKind,
}

/// What is said there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// The block; `None` is nil.
    pub block_hash: Option<BlockHash>,
    /// Of a proposal: the round of the lock that it stands on.
    pub lock_round: Option<u32>,
}

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The validator does not vote yet.
    #[error("height {height} is below {from}, from which this validator votes again")]
    NotYet {
        /// Height of the statement.
        height: u64,
        /// The first height to vote at.
        from: u64,
    },
    /// A later statement was signed already.
    #[error("{position:?} is before {last:?}, which is signed already")]
    Behind {
        /// Position of the statement.
        position: Position,
        /// The last signed position.
        last: Position,
    },
    /// Something else was signed at the same position.
    #[error("another statement is signed already at {position:?}")]
    Conflict {
        /// The position.
        position: Position,
    },
    /// The signer refused.
    #[error("the signer refused: {0}")]
    Signer(#[from] SignerRefusal),
}

/// Why a signer refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SignerRefusal {
    /// For the operator.
    pub reason: String,
}

/// Who holds the voting key.
///
/// A signer keeps a record of its own of how far it has signed, apart from the consensus log, and refuses what is not
/// past it; then no statement leaves. It must be deterministic (Ed25519 is): the same bytes give the same signature.
pub trait VoteSigner: Send {
    /// Signs `bytes`, which state something at `position`.
    ///
    /// # Errors
    /// When the signer does not want to.
    fn sign(&mut self, position: Position, bytes: &[u8]) -> Result<Signature, SignerRefusal>;
}

/// The voting key in memory, without a record: where the log cannot be set back.
impl VoteSigner for SecretKey {
    fn sign(&mut self, _position: Position, bytes: &[u8]) -> Result<Signature, SignerRefusal> {
        Ok(Self::sign(self, bytes))
    }
}

/// Two different statements of this validator were found for one position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this validator's key signed two different statements at {position:?}")]
pub struct DoubleStatement {
    /// The position.
    pub position: Position,
}

/// What was signed, and who signs.
pub struct SafetyKernel {
    signer: Box<dyn VoteSigner>,
    /// Nothing below this height is signed, says whoever set the validator up (C-6).
    from: u64,
    /// Nothing below this height is signed, says the log (C-3). Only rises.
    floor: u64,
    /// Statements at the heights from the last signed one on.
    signed: BTreeMap<Position, (Statement, Signature)>,
}

impl SafetyKernel {
    /// A kernel that signs from height `from` on.
    pub fn new(signer: Box<dyn VoteSigner>, from: u64) -> Self {
        Self {
            signer,
            from,
            floor: 0,
            signed: BTreeMap::new(),
        }
    }

    /// Signs a statement, or gives the signature made for the same statement before (C-1).
    pub fn sign(
        &mut self,
        position: Position,
        statement: Statement,
        bytes: impl FnOnce() -> Vec<u8>,
    ) -> Result<Signature, Refusal> {
        let from = self.from.max(self.floor);
        if position.height < from {
            rules::acts(if position.height < self.floor {
                "C-3"
            } else {
                "C-6"
            });
            return Err(Refusal::NotYet {
                height: position.height,
                from,
            });
        }
        if let Some((signed, signature)) = self.signed.get(&position) {
            rules::acts("C-1");
            if *signed == statement {
                return Ok(*signature);
            }
            return Err(Refusal::Conflict { position });
        }
        if let Some((last, _)) = self.signed.last_key_value()
            && position < *last
        {
            rules::acts("C-1");
            return Err(Refusal::Behind {
                position,
                last: *last,
            });
        }
        let signature = self.signer.sign(position, &bytes())?;
        self.signed.insert(position, (statement, signature));
        Ok(signature)
    }

    /// Takes note of a statement that carries this validator's own verified signature: from the log, or
    /// from a peer that remembers what this validator forgot with its disk.
    pub fn learn(
        &mut self,
        position: Position,
        statement: Statement,
        signature: Signature,
    ) -> Result<(), DoubleStatement> {
        match self.signed.get(&position) {
            Some((signed, _)) if *signed != statement => Err(DoubleStatement { position }),
            Some(_) => Ok(()),
            None => {
                self.signed.insert(position, (statement, signature));
                Ok(())
            }
        }
    }

    /// Sets the height from which the validator votes. What the log says still holds.
    pub fn vote_from(&mut self, height: u64) {
        self.from = height;
    }

    /// The height from which the validator votes.
    pub const fn votes_from(&self) -> u64 {
        self.from
    }

    /// Raises the height below which nothing is signed.
    pub fn raise(&mut self, floor: u64) {
        self.floor = self.floor.max(floor);
    }

    /// Forgets statements below `height`, where nothing will be signed any more.
    pub fn start_height(&mut self, height: u64) {
        self.raise(height);
        self.signed.retain(|position, _| position.height >= height);
    }

    /// Whether a statement was signed at this position.
    pub fn has_signed(&self, position: Position) -> bool {
        self.signed.contains_key(&position)
    }
}

impl Position {
    /// The position of a vote.
    pub fn of_vote(vote: &talea_types::vote::Vote) -> Self {
        let kind = match vote.kind {
            talea_types::VoteKind::Prevote => StatementKind::Prevote,
            talea_types::VoteKind::Precommit => StatementKind::Precommit,
        };
        Self {
            height: vote.height,
            round: vote.round,
            kind,
        }
    }
}

/// The position, statement, signer and signature of a record that somebody signed.
pub fn signed_record(
    record: &LogRecord,
) -> Option<(talea_types::ValidatorId, Position, Statement, Signature)> {
    match record {
        LogRecord::Vote(signed) => {
            let vote = &signed.vote;
            let statement = Statement {
                block_hash: vote.block,
                lock_round: None,
            };
            Some((
                vote.validator,
                Position::of_vote(vote),
                statement,
                signed.signature,
            ))
        }
        LogRecord::Proposal(proposal) => {
            let SignedProposal {
                height,
                round,
                lock_round,
                block_hash,
                proposer,
                signature,
                ..
            } = proposal;
            let position = Position {
                height: *height,
                round: *round,
                kind: StatementKind::Proposal,
            };
            let statement = Statement {
                block_hash: Some(*block_hash),
                lock_round: *lock_round,
            };
            Some((*proposer, position, statement, *signature))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use talea_types::Hash;

    use super::*;

    struct Refusing;

    impl VoteSigner for Refusing {
        fn sign(&mut self, _: Position, _: &[u8]) -> Result<Signature, SignerRefusal> {
            Err(SignerRefusal {
                reason: "locked".into(),
            })
        }
    }

    fn at(height: u64, round: u32, kind: StatementKind) -> Position {
        Position {
            height,
            round,
            kind,
        }
    }

    fn block(byte: u8) -> Statement {
        Statement {
            block_hash: Some(BlockHash::new(Hash([byte; 32]))),
            lock_round: None,
        }
    }

    fn kernel(from: u64) -> SafetyKernel {
        SafetyKernel::new(Box::new(SecretKey::from_seed([7; 32])), from)
    }

    fn sign(
        kernel: &mut SafetyKernel,
        position: Position,
        statement: Statement,
    ) -> Result<Signature, Refusal> {
        kernel.sign(position, statement, || {
            format!("{position:?}{statement:?}").into_bytes()
        })
    }

    use StatementKind::{Precommit, Prevote, Proposal};

    #[test]
    fn goes_forward_only() {
        let mut kernel = kernel(1);
        for position in [
            at(1, 0, Proposal),
            at(1, 0, Prevote),
            at(1, 0, Precommit),
            at(1, 3, Prevote),
            at(4, 0, Prevote),
        ] {
            sign(&mut kernel, position, block(1)).expect("forward");
        }
        for position in [at(1, 0, Proposal), at(1, 0, Precommit), at(1, 3, Prevote)] {
            assert!(
                sign(&mut kernel, position, block(1)).is_ok(),
                "the same again"
            );
            assert_eq!(
                sign(&mut kernel, position, block(2)),
                Err(Refusal::Conflict { position })
            );
        }
        let position = at(3, 9, Precommit);
        let last = at(4, 0, Prevote);
        assert_eq!(
            sign(&mut kernel, position, block(1)),
            Err(Refusal::Behind { position, last })
        );
    }

    #[test]
    fn a_proposal_on_another_lock_is_another_statement() {
        let mut kernel = kernel(1);
        let position = at(1, 4, Proposal);
        sign(&mut kernel, position, block(1)).expect("first");
        let relocked = Statement {
            lock_round: Some(2),
            ..block(1)
        };
        assert_eq!(
            sign(&mut kernel, position, relocked),
            Err(Refusal::Conflict { position })
        );
    }

    #[test]
    fn says_nothing_before_its_height() {
        let mut kernel = kernel(10);
        assert_eq!(
            sign(&mut kernel, at(9, 0, Prevote), block(1)),
            Err(Refusal::NotYet {
                height: 9,
                from: 10
            })
        );
        assert!(sign(&mut kernel, at(10, 0, Prevote), block(1)).is_ok());
    }

    #[test]
    fn what_was_learned_binds() {
        let mut kernel = kernel(1);
        let signature = Signature::from_bytes([3; 64]);
        kernel
            .learn(at(2, 1, Prevote), block(1), signature)
            .expect("first");
        assert_eq!(
            sign(&mut kernel, at(2, 1, Prevote), block(1)),
            Ok(signature)
        );
        assert!(sign(&mut kernel, at(2, 1, Prevote), block(2)).is_err());
        assert!(sign(&mut kernel, at(2, 0, Precommit), block(1)).is_err());
        let position = at(2, 1, Prevote);
        assert_eq!(
            kernel.learn(position, block(2), signature),
            Err(DoubleStatement { position })
        );
    }

    #[test]
    fn a_refused_statement_is_not_taken_as_signed() {
        let mut kernel = SafetyKernel::new(Box::new(Refusing), 1);
        assert!(matches!(
            sign(&mut kernel, at(1, 0, Prevote), block(1)),
            Err(Refusal::Signer(_))
        ));
        assert!(!kernel.has_signed(at(1, 0, Prevote)));
    }

    #[test]
    fn forgets_only_what_can_no_longer_be_signed() {
        let mut kernel = kernel(1);
        sign(&mut kernel, at(5, 0, Prevote), block(1)).expect("first");
        kernel.start_height(6);
        assert_eq!(
            sign(&mut kernel, at(5, 0, Prevote), block(2)),
            Err(Refusal::NotYet { height: 5, from: 6 })
        );
    }

    #[test]
    fn the_height_to_vote_from_may_fall_but_not_below_the_log() {
        let mut kernel = kernel(u64::MAX);
        kernel.start_height(6);
        assert!(sign(&mut kernel, at(6, 0, Prevote), block(1)).is_err());
        kernel.vote_from(2);
        assert!(sign(&mut kernel, at(5, 0, Prevote), block(1)).is_err());
        assert!(sign(&mut kernel, at(6, 0, Prevote), block(1)).is_ok());
    }
}
