//! Proofs that a validator contradicted itself, kept for whoever has to judge it: one file each, in plain JSON,
//! with the two statements as they were signed. Any Ed25519 program can verify them with the validator's key.
//!
//! Kept true: a proof is durable before it is shown; files are bounded, and one liar cannot crowd out the
//! proofs against another.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use talea_consensus::Evidence;
use talea_types::{ChainId, ValidatorId};

use crate::limits::evidence::{FILE_BYTES_MAX, FILES_MAX, FILES_PER_VALIDATOR_MAX};
use crate::storage::disk::Disk;

/// Name of the directory in a data directory.
pub const EVIDENCE_DIRECTORY_NAME: &str = "evidence";

/// A statement with its signature, hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The bytes that were signed.
    pub signed: String,
    /// The signature (Ed25519).
    pub signature: String,
}

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptEvidence {
    /// Who signed both.
    pub validator: ValidatorId,
    /// Of the block that they are about.
    pub height: u64,
    /// Of the height.
    pub round: u32,
    /// What was done.
    pub description: String,
    /// The one seen first, and the one that contradicts it.
    pub statements: [Statement; 2],
}

impl KeptEvidence {
    /// Of a piece of evidence on a network.
    #[must_use]
    pub fn new(evidence: &Evidence, chain: &ChainId) -> Self {
        let description = match evidence {
            Evidence::Votes { .. } => "it signed two different votes of one kind in one round",
            Evidence::Proposals { .. } => "it signed two different proposals in one round",
        };
        let statements = evidence.statements(chain).map(|(signed, signature)| {
            let signature = hex::encode(signature.as_bytes());
            let signed = hex::encode(signed);
            Statement { signed, signature }
        });
        Self {
            validator: evidence.validator(),
            height: evidence.height(),
            round: evidence.round(),
            description: description.to_owned(),
            statements,
        }
    }

    /// Says where and by whom, and differs where the statements do.
    fn file_name(&self) -> String {
        let mut hash = blake3::Hasher::new();
        for statement in &self.statements {
            hash.update(statement.signed.as_bytes());
        }
        let digest = hash.finalize().to_hex();
        let Self {
            height,
            round,
            validator,
            ..
        } = self;
        let validator = hex::encode(validator.as_bytes());
        format!("{height}-{round}-{validator}-{}.json", &digest[..16])
    }
}

/// The files of a data directory, and what they say.
#[derive(Clone, Debug)]
pub struct EvidenceFiles {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    chain: ChainId,
    kept: Arc<Mutex<BTreeMap<String, KeptEvidence>>>,
}

impl EvidenceFiles {
    /// Reads those in a data directory, of a network. A file that cannot be read is told in the log and left out.
    #[must_use]
    pub fn open(disk: &Arc<dyn Disk>, data: &Path, chain: ChainId) -> Self {
        let directory = data.join(EVIDENCE_DIRECTORY_NAME);
        let mut kept = BTreeMap::new();
        for name in disk.list(&directory).unwrap_or_default() {
            if !name.ends_with(".json") || kept.len() >= FILES_MAX {
                continue;
            }
            match read(disk, &directory.join(&name)) {
                Ok(evidence) => drop(kept.insert(name, evidence)),
                Err(error) => tracing::warn!(name, %error, "a file of evidence is not readable"),
            }
        }
        Self {
            disk: Arc::clone(disk),
            directory,
            chain,
            kept: Arc::new(Mutex::new(kept)),
        }
    }

    /// Keeps a proof durably. Of many against one validator the newest are kept.
    ///
    /// # Errors
    /// What the disk says.
    pub fn keep(&self, evidence: &Evidence) -> io::Result<()> {
        let new = KeptEvidence::new(evidence, &self.chain);
        let name = new.file_name();
        let mut kept = self.kept.lock();
        if kept.contains_key(&name) {
            return Ok(());
        }
        let against = || {
            kept.iter()
                .filter(|(_, one)| one.validator == new.validator)
        };
        let surplus = (against().count() >= FILES_PER_VALIDATOR_MAX)
            .then(|| against().min_by_key(|(_, one)| (one.height, one.round)))
            .flatten()
            .map(|(name, _)| name.clone());
        if surplus.is_none() && kept.len() >= FILES_MAX {
            return Ok(());
        }
        self.write(&name, &serde_json::to_vec_pretty(&new)?)?;
        kept.insert(name, new);
        if let Some(name) = surplus {
            // Whoever judges it may have been given the file itself.
            match self.disk.remove(&self.directory.join(&name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => drop(kept.remove(&name)),
            }
        }
        Ok(())
    }

    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        self.disk.create_directories(&self.directory)?;
        let temporary = self.directory.join(format!("{name}.new"));
        match self.disk.remove(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = self.disk.create(&temporary)?;
        file.write_at(0, content)?;
        file.sync()?;
        self.disk.rename(&temporary, &self.directory.join(name))?;
        self.disk.sync_directory(&self.directory)
    }

    /// All that are kept, newest height first.
    #[must_use]
    pub fn all(&self) -> Vec<KeptEvidence> {
        let mut kept: Vec<KeptEvidence> = self.kept.lock().values().cloned().collect();
        kept.sort_by_key(|one| Reverse((one.height, one.round)));
        kept
    }
}

/// Reads the files of a data directory whose node does not run: what they prove, and the names of those that cannot be
/// read.
///
/// # Errors
/// When the directory cannot be listed.
pub fn examine(disk: &Arc<dyn Disk>, data: &Path) -> io::Result<(Vec<KeptEvidence>, Vec<String>)> {
    let directory = data.join(EVIDENCE_DIRECTORY_NAME);
    let names = match disk.list(&directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        listed => listed?,
    };
    let (mut kept, mut unreadable) = (Vec::new(), Vec::new());
    for name in names.into_iter().filter(|name| name.ends_with(".json")) {
        match read(disk, &directory.join(&name)) {
            Ok(evidence) => kept.push(evidence),
            Err(_) => unreadable.push(name),
        }
    }
    Ok((kept, unreadable))
}

fn read(disk: &Arc<dyn Disk>, path: &Path) -> io::Result<KeptEvidence> {
    let file = disk.open(path)?;
    let length = usize::try_from(file.length()?).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length.min(FILE_BYTES_MAX)];
    let read = file.read_at(0, &mut bytes)?;
    bytes.truncate(read);
    Ok(serde_json::from_slice(&bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::disk::StdDisk;
    use talea_consensus::SignedVote;
    use talea_types::{BlockHash, Hash, SecretKey, VoteKind, crypto::VerifyingKey, vote::Vote};
    use tempfile::TempDir;

    /// Where evidence about one key is kept.
    struct Place {
        directory: TempDir,
        disk: Arc<dyn Disk>,
        chain: ChainId,
        key: SecretKey,
    }

    impl Place {
        fn new() -> Self {
            Self {
                directory: tempfile::tempdir().unwrap(),
                disk: Arc::new(StdDisk),
                chain: ChainId::new(Hash([9; 32])),
                key: SecretKey::from_seed([4; 32]),
            }
        }

        fn open(&self) -> EvidenceFiles {
            EvidenceFiles::open(&self.disk, self.directory.path(), self.chain)
        }
    }

    fn evidence(validator: u8, height: u64, place: &Place) -> Evidence {
        let vote = |block: Option<u8>| {
            let vote = Vote {
                kind: VoteKind::Prevote,
                height,
                round: 3,
                block: block.map(|byte| BlockHash::new(Hash([byte; 32]))),
                validator: ValidatorId::from_bytes([validator; 16]),
            };
            let signature = place.key.sign(&vote.signed_message(&place.chain));
            SignedVote { vote, signature }
        };
        Evidence::Votes {
            first: vote(None),
            second: vote(Some(7)),
        }
    }

    #[test]
    fn what_is_kept_verifies_after_a_restart() {
        let place = Place::new();
        let files = place.open();
        assert_eq!(files.all(), []);
        for height in [5, 5, 6] {
            files.keep(&evidence(1, height, &place)).unwrap();
        }
        let files = place.open();
        let heights: Vec<u64> = files.all().iter().map(|one| one.height).collect();
        assert_eq!(heights, [6, 5], "each once, newest first");
        let kept = files.all().remove(0);
        assert_ne!(kept.statements[0].signed, kept.statements[1].signed);
        let verifying = VerifyingKey::try_from(place.key.public_key()).unwrap();
        for statement in &kept.statements {
            let signed = hex::decode(&statement.signed).unwrap();
            let signature = hex::decode(&statement.signature).unwrap();
            let signature = talea_types::Signature::from_bytes(signature.try_into().unwrap());
            verifying.verify(&signed, &signature).unwrap();
        }
    }

    #[test]
    fn a_file_that_was_handed_over_makes_room_like_any_other() {
        let place = Place::new();
        let files = place.open();
        let most = FILES_PER_VALIDATOR_MAX as u64;
        for height in 1..=most {
            files.keep(&evidence(1, height, &place)).unwrap();
        }
        let oldest = files.all().pop().unwrap().file_name();
        let kept = place.directory.path().join(EVIDENCE_DIRECTORY_NAME);
        std::fs::rename(kept.join(&oldest), place.directory.path().join(&oldest)).unwrap();
        files
            .keep(&evidence(1, most + 1, &place))
            .expect("the oldest is gone already");
        let again = place.open();
        assert_eq!(files.all(), again.all());
        let heights: Vec<u64> = again.all().iter().map(|one| one.height).collect();
        assert_eq!(heights, (2..=most + 1).rev().collect::<Vec<_>>());
    }

    #[test]
    fn one_liar_does_not_crowd_out_another() {
        let place = Place::new();
        let files = place.open();
        let most = FILES_PER_VALIDATOR_MAX as u64;
        files.keep(&evidence(2, 1, &place)).unwrap();
        for height in 1..=most + 3 {
            files.keep(&evidence(1, height, &place)).unwrap();
        }
        let again = place.open();
        assert_eq!(files.all(), again.all());
        let heights: Vec<u64> = again.all().iter().map(|one| one.height).collect();
        let newest = (4..=most + 3).rev().chain([1]);
        assert_eq!(heights, newest.collect::<Vec<_>>());
    }
}
