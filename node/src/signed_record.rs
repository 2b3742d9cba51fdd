//! How far a voting key has signed, in a small file beside the key: the signer's own memory.
//!
//! The consensus log says what was signed, and it lies in the data directory. If an older state is written over that
//! directory, nothing in it tells; this file, which is not part of it, still knows, and the signer refuses what is not past
//! it. It is written when the first statement of a round is in the consensus log and before that statement leaves. So
//! no crash leaves it ahead of the log, and a log that lacks what it names was set back (ADR 74).
//!
//! The file belongs to the key: it moves with the key, and is never put back from a backup.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use talea_consensus::{LogRecord, Position, SignerRefusal, StatementKind, VoteSigner};
use talea_types::planted::{self, Bug};
use talea_types::{ChainId, PublicKey, SecretKey, Signature, ValidatorId};

use crate::storage::disk::Disk;
use crate::storage::durable_file::{DurableFile, DurableFileError};

/// What is added to the name of the file of a voting key.
const SUFFIX: &str = ".signed";

/// Why a record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SignedRecordError {
    /// The file failed.
    #[error(
        "how far the voting key has signed is not known: {0}; if the file is damaged, remove it together with \
         `voting-record` in the data directory: the validator then hears from the others before it votes"
    )]
    File(#[from] DurableFileError),
    /// The file is not a record.
    #[error(
        "the record of how far the voting key has signed is not readable; remove it together with `voting-record` in the \
         data directory: the validator then hears from the others before it votes"
    )]
    Unreadable,
}

/// A voting key, and the file in which it is kept how far it has signed.
#[derive(Clone, Debug)]
pub struct VotingKey {
    /// Signs.
    pub key: SecretKey,
    file: DurableFile,
}

impl VotingKey {
    /// A key whose file is at `path`; the record is beside it.
    #[must_use]
    pub fn kept(disk: &Arc<dyn Disk>, path: &Path, key: SecretKey) -> Self {
        Self {
            key,
            file: file_beside(disk, path),
        }
    }

    /// Its record on a network.
    ///
    /// # Errors
    /// [`SignedRecordError`].
    pub fn record(&self, chain: ChainId) -> Result<SignedRecord, SignedRecordError> {
        let key = self.key.public_key();
        let last = match read(&self.file, chain, &key)? {
            // These are to be found without the second memory.
            _ if planted::is(Bug::LogIgnored) || planted::is(Bug::LogNotSynced) => None,
            SignedState::Upto(last) => Some(last),
            SignedState::Absent | SignedState::OfAnother => None,
        };
        Ok(SignedRecord {
            file: self.file.clone(),
            name: name(chain, &key),
            own: ValidatorId::from_voting_key(&key),
            durable: last,
            noted: last,
        })
    }
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedState {
    /// There is none: the key has not signed, or its record did not come with it.
    Absent,
    /// It is of another key or another network.
    OfAnother,
    /// In the round of this position the key has signed; later than that round it has not.
    Upto(Position),
}

impl SignedState {
    /// What the record beside the file of a voting key says.
    ///
    /// # Errors
    /// [`SignedRecordError`].
    pub fn beside(
        disk: &Arc<dyn Disk>,
        path: &Path,
        chain: ChainId,
        key: &PublicKey,
    ) -> Result<Self, SignedRecordError> {
        read(&file_beside(disk, path), chain, key)
    }
}

/// The record while a node runs.
#[derive(Debug)]
pub struct SignedRecord {
    file: DurableFile,
    /// The network and the key.
    name: String,
    own: ValidatorId,
    durable: Option<Position>,
    /// The last statement of the key that is in the consensus log.
    noted: Option<Position>,
}

impl SignedRecord {
    /// What the record says that the consensus log does not know, though it should: then an older state was put back.
    ///
    /// `tip` is the last committed height, `height` the log's, `log` its records above `tip`.
    #[must_use]
    pub fn missing_in(&self, tip: u64, height: u64, log: &[LogRecord]) -> Option<Position> {
        missing(self.durable?, &self.own, tip, height, log)
    }

    /// Takes note of what is appended to the consensus log.
    pub fn note(&mut self, record: &LogRecord) {
        if let Some((validator, position)) = record.stated_by()
            && validator == self.own
        {
            self.noted = self.noted.max(Some(position));
        }
    }

    /// Makes durable what was noted, once for each round: after the log was synced, before what it holds is said.
    ///
    /// # Errors
    /// Every error ends the process.
    pub fn keep(&mut self) -> Result<(), SignedRecordError> {
        let round = |position: Position| (position.height, position.round);
        let Some(noted) = self.noted else {
            return Ok(());
        };
        if self.durable.map(round) < Some(round(noted)) {
            let (height, round, kind) = (noted.height, noted.round, name_of(noted.kind));
            let content = format!("{} {height} {round} {kind}", self.name);
            self.file.replace(content.as_bytes())?;
            self.durable = Some(noted);
        }
        Ok(())
    }

    /// The signer that refuses what is not past the record.
    #[must_use]
    pub fn signer(&self, key: SecretKey) -> RecordedSigner {
        RecordedSigner {
            key,
            last: self.durable,
        }
    }
}

/// What of a record the consensus log does not know, though it should. As [`SignedRecord::missing_in`].
#[must_use]
pub fn missing(
    last: Position,
    own: &ValidatorId,
    tip: u64,
    height: u64,
    log: &[LogRecord],
) -> Option<Position> {
    let is_known = |record: &LogRecord| {
        let stated = record.stated_by();
        stated.is_some_and(|(validator, position)| validator == *own && position >= last)
    };
    let past = last.height <= tip || last.height < height;
    (!past && !log.iter().any(is_known)).then_some(last)
}

/// Signs with a voting key what is past everything that it signed before.
pub struct RecordedSigner {
    key: SecretKey,
    last: Option<Position>,
}

impl VoteSigner for RecordedSigner {
    fn sign(&mut self, position: Position, bytes: &[u8]) -> Result<Signature, SignerRefusal> {
        if let Some(last) = self.last.filter(|last| position <= *last) {
            let reason =
                format!("{position:?} is not past {last:?}, up to which this key has signed");
            return Err(SignerRefusal { reason });
        }
        self.last = Some(position);
        Ok(self.key.sign(bytes))
    }
}

/// Where the record of the key in the file `path` is.
#[must_use]
pub fn path_beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(SUFFIX);
    path.with_file_name(name)
}

fn file_beside(disk: &Arc<dyn Disk>, path: &Path) -> DurableFile {
    DurableFile::new(disk, &path_beside(path))
}

fn name(chain: ChainId, key: &PublicKey) -> String {
    format!("{chain} {key}")
}

const fn name_of(kind: StatementKind) -> &'static str {
    match kind {
        StatementKind::Proposal => "proposal",
        StatementKind::Prevote => "prevote",
        StatementKind::Precommit => "precommit",
    }
}

fn read(
    file: &DurableFile,
    chain: ChainId,
    key: &PublicKey,
) -> Result<SignedState, SignedRecordError> {
    let Some(content) = file.read()? else {
        return Ok(SignedState::Absent);
    };
    let text = std::str::from_utf8(&content).map_err(|_| SignedRecordError::Unreadable)?;
    let words: Vec<&str> = text.split(' ').collect();
    let [of_chain, of_key, height, round, kind] = words[..] else {
        return Err(SignedRecordError::Unreadable);
    };
    let kinds = [
        StatementKind::Proposal,
        StatementKind::Prevote,
        StatementKind::Precommit,
    ];
    let kind = kinds.into_iter().find(|one| name_of(*one) == kind);
    let (Ok(height), Ok(round), Some(kind)) = (height.parse(), round.parse(), kind) else {
        return Err(SignedRecordError::Unreadable);
    };
    if format!("{of_chain} {of_key}") != name(chain, key) {
        return Ok(SignedState::OfAnother);
    }
    Ok(SignedState::Upto(Position {
        height,
        round,
        kind,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::disk::{Crash, Fault, MemDisk};
    use StatementKind::{Precommit, Prevote, Proposal};
    use talea_consensus::SignedVote;
    use talea_types::{Hash, VoteKind, vote::Vote};

    const KEY_FILE: &str = "/keys/voting.key";

    fn key(number: u8) -> SecretKey {
        SecretKey::from_seed([number; 32])
    }

    fn chain(number: u8) -> ChainId {
        ChainId::new(Hash([number; 32]))
    }

    fn at(height: u64, round: u32, kind: StatementKind) -> Position {
        Position {
            height,
            round,
            kind,
        }
    }

    fn voting_key(memory: &MemDisk, number: u8) -> VotingKey {
        let disk: Arc<dyn Disk> = Arc::new(memory.clone());
        VotingKey::kept(&disk, Path::new(KEY_FILE), key(number))
    }

    fn state(memory: &MemDisk, chain: ChainId, number: u8) -> SignedState {
        let disk: Arc<dyn Disk> = Arc::new(memory.clone());
        let public = key(number).public_key();
        SignedState::beside(&disk, Path::new(KEY_FILE), chain, &public).unwrap()
    }

    fn vote(number: u8, height: u64, round: u32, kind: VoteKind) -> LogRecord {
        let vote = Vote {
            kind,
            height,
            round,
            block: None,
            validator: ValidatorId::from_voting_key(&key(number).public_key()),
        };
        let signature = key(number).sign(&vote.signed_message(&chain(1)));
        LogRecord::Vote(SignedVote { vote, signature })
    }

    #[test]
    fn one_write_for_each_round_and_none_for_what_others_say() {
        let memory = MemDisk::new();
        let mut record = voting_key(&memory, 1).record(chain(1)).unwrap();
        record.note(&vote(2, 9, 0, VoteKind::Prevote));
        record.keep().unwrap();
        assert_eq!(state(&memory, chain(1), 1), SignedState::Absent);
        let first = at(3, 0, Prevote);
        for (height, round, kind, kept) in [
            (3, 0, VoteKind::Prevote, first),
            (3, 0, VoteKind::Precommit, first),
            (3, 1, VoteKind::Prevote, at(3, 1, Prevote)),
            (4, 0, VoteKind::Precommit, at(4, 0, Precommit)),
        ] {
            record.note(&vote(1, height, round, kind));
            record.keep().unwrap();
            assert_eq!(state(&memory, chain(1), 1), SignedState::Upto(kept));
        }
    }

    #[test]
    fn it_is_of_one_key_on_one_network() {
        let memory = MemDisk::new();
        let mut record = voting_key(&memory, 1).record(chain(1)).unwrap();
        record.note(&vote(1, 3, 0, VoteKind::Prevote));
        record.keep().unwrap();
        assert_eq!(state(&memory, chain(2), 1), SignedState::OfAnother);
        assert_eq!(state(&memory, chain(1), 2), SignedState::OfAnother);
        let other = voting_key(&memory, 2).record(chain(1)).unwrap();
        assert_eq!(other.missing_in(0, 0, &[]), None);
    }

    #[test]
    fn a_log_that_lacks_what_was_signed_was_set_back() {
        let memory = MemDisk::new();
        let mut record = voting_key(&memory, 1).record(chain(1)).unwrap();
        record.note(&vote(1, 7, 2, VoteKind::Prevote));
        record.keep().unwrap();
        let record = voting_key(&memory, 1).record(chain(1)).unwrap();
        let last = Some(at(7, 2, Prevote));
        let [earlier, later] = [1, 2].map(|round| vote(1, 7, round, VoteKind::Precommit));
        let of_another = vote(2, 7, 2, VoteKind::Prevote);
        // Older blocks; the same height, but before that round.
        assert_eq!(record.missing_in(4, 5, &[]), last);
        assert_eq!(record.missing_in(6, 7, &[earlier, of_another]), last);
        assert_eq!(record.missing_in(6, 7, &[later]), None);
        assert_eq!(record.missing_in(6, 8, &[]), None, "the log is past it");
        assert_eq!(record.missing_in(7, 7, &[]), None, "the blocks are past it");
    }

    #[test]
    fn signs_only_what_is_past_the_record() {
        let memory = MemDisk::new();
        let mut record = voting_key(&memory, 1).record(chain(1)).unwrap();
        record.note(&vote(1, 7, 2, VoteKind::Prevote));
        record.keep().unwrap();
        let record = voting_key(&memory, 1).record(chain(1)).unwrap();
        let mut signer = record.signer(key(1));
        for position in [at(6, 9, Precommit), at(7, 2, Proposal), at(7, 2, Prevote)] {
            assert!(signer.sign(position, b"a statement").is_err());
        }
        for position in [at(7, 2, Precommit), at(7, 3, Proposal), at(8, 0, Prevote)] {
            assert!(signer.sign(position, b"a statement").is_ok());
            assert!(signer.sign(position, b"another").is_err(), "and once");
        }
    }

    #[test]
    fn a_crash_leaves_what_was_kept_and_a_damaged_record_is_told() {
        for seed in 0..200 {
            let memory = MemDisk::new();
            let mut record = voting_key(&memory, 1).record(chain(1)).unwrap();
            record.note(&vote(1, 3, 0, VoteKind::Prevote));
            record.keep().unwrap();
            memory.set_fault(match seed % 3 {
                0 => Fault::SyncFailsAfter(seed % 2),
                1 => Fault::FullAfter(seed % 40),
                _ => Fault::None,
            });
            record.note(&vote(1, 4, 0, VoteKind::Prevote));
            let kept = record.keep();
            memory.crash(Crash::Torn(seed));
            let found = state(&memory, chain(1), 1);
            let [old, new] = [3, 4].map(|height| SignedState::Upto(at(height, 0, Prevote)));
            assert!(found == new || (kept.is_err() && found == old), "{found:?}");
        }
        let memory = MemDisk::new();
        let disk: Arc<dyn Disk> = Arc::new(memory.clone());
        for content in [
            "",
            "a b 1 0 vote",
            "a b x 0 prevote",
            "a b 1 0 prevote more",
        ] {
            let file = file_beside(&disk, Path::new(KEY_FILE));
            file.replace(content.as_bytes()).unwrap();
            let record = voting_key(&memory, 1).record(chain(1));
            assert!(
                matches!(record, Err(SignedRecordError::Unreadable)),
                "{content}"
            );
        }
    }
}
