//! Proofs that a validator contradicted itself, kept for whoever has to judge it: one file each, in plain JSON,
//! with the two statements as they were signed. Any Ed25519 program can verify them with the validator's key.
//!
//! Kept true: a proof is durable before it is shown; files are bounded, and one liar cannot crowd out the
//! proofs against another.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// The files of a data directory.
#[derive(Clone, Debug)]
pub struct EvidenceFiles {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    chain: ChainId,
}

impl EvidenceFiles {
    /// Those in a data directory, of a network.
    #[must_use]
    pub fn new(disk: &Arc<dyn Disk>, data: &Path, chain: ChainId) -> Self {
        Self {
            disk: Arc::clone(disk),
            directory: data.join(EVIDENCE_DIRECTORY_NAME),
            chain,
        }
    }

    /// Keeps a proof durably, unless it is kept or there are many against the same validator.
    ///
    /// # Errors
    /// What the disk says.
    pub fn keep(&self, evidence: &Evidence) -> io::Result<()> {
        let kept = KeptEvidence::new(evidence, &self.chain);
        self.disk.create_directories(&self.directory)?;
        let names = self.names()?;
        let validator = hex::encode(kept.validator.as_bytes());
        let against = names.iter().filter(|name| name.contains(&validator));
        let name = kept.file_name();
        if names.contains(&name)
            || names.len() >= FILES_MAX
            || against.count() >= FILES_PER_VALIDATOR_MAX
        {
            return Ok(());
        }
        let content = serde_json::to_vec_pretty(&kept)?;
        let temporary = self.directory.join(format!("{name}.new"));
        match self.disk.remove(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = self.disk.create(&temporary)?;
        file.write_at(0, &content)?;
        file.sync()?;
        self.disk.rename(&temporary, &self.directory.join(&name))?;
        self.disk.sync_directory(&self.directory)
    }

    /// All that are kept, newest height first. A file that cannot be read is told in the log and left out.
    #[must_use]
    pub fn read(&self) -> Vec<KeptEvidence> {
        let names = self.names().unwrap_or_default();
        let mut kept = Vec::with_capacity(names.len());
        for name in names.into_iter().take(FILES_MAX) {
            match self.read_one(&name) {
                Ok(evidence) => kept.push(evidence),
                Err(error) => tracing::warn!(name, %error, "a file of evidence is not readable"),
            }
        }
        kept.sort_by_key(|one| std::cmp::Reverse((one.height, one.round)));
        kept
    }

    fn read_one(&self, name: &str) -> io::Result<KeptEvidence> {
        let file = self.disk.open(&self.directory.join(name))?;
        let length = usize::try_from(file.length()?).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length.min(FILE_BYTES_MAX)];
        let read = file.read_at(0, &mut bytes)?;
        bytes.truncate(read);
        Ok(serde_json::from_slice(&bytes)?)
    }

    fn names(&self) -> io::Result<Vec<String>> {
        match self.disk.list(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            listed => Ok(listed?
                .into_iter()
                .filter(|name| name.ends_with(".json"))
                .collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::disk::StdDisk;
    use talea_consensus::SignedVote;
    use talea_types::{BlockHash, Hash, SecretKey, VoteKind, crypto::VerifyingKey, vote::Vote};

    fn evidence(validator: u8, height: u64, key: &SecretKey, chain: &ChainId) -> Evidence {
        let vote = |block: Option<u8>| {
            let vote = Vote {
                kind: VoteKind::Prevote,
                height,
                round: 3,
                block: block.map(|byte| BlockHash::new(Hash([byte; 32]))),
                validator: ValidatorId::from_bytes([validator; 16]),
            };
            let signature = key.sign(&vote.signed_message(chain));
            SignedVote { vote, signature }
        };
        Evidence::Votes {
            first: vote(None),
            second: vote(Some(7)),
        }
    }

    #[test]
    fn what_is_kept_verifies_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(StdDisk);
        let chain = ChainId::new(Hash([9; 32]));
        let key = SecretKey::from_seed([4; 32]);
        let files = EvidenceFiles::new(&disk, directory.path(), chain);
        assert_eq!(files.read(), []);
        for height in [5, 5, 6] {
            files.keep(&evidence(1, height, &key, &chain)).unwrap();
        }
        let files = EvidenceFiles::new(&disk, directory.path(), chain);
        let heights: Vec<u64> = files.read().iter().map(|one| one.height).collect();
        assert_eq!(heights, [6, 5], "each once, newest first");
        let kept = files.read().remove(0);
        assert_ne!(kept.statements[0].signed, kept.statements[1].signed);
        let verifying = VerifyingKey::try_from(key.public_key()).unwrap();
        for statement in &kept.statements {
            let signed = hex::decode(&statement.signed).unwrap();
            let signature = hex::decode(&statement.signature).unwrap();
            let signature = talea_types::Signature::from_bytes(signature.try_into().unwrap());
            verifying.verify(&signed, &signature).unwrap();
        }
    }

    #[test]
    fn one_liar_does_not_crowd_out_another() {
        let directory = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(StdDisk);
        let chain = ChainId::new(Hash([9; 32]));
        let key = SecretKey::from_seed([4; 32]);
        let files = EvidenceFiles::new(&disk, directory.path(), chain);
        for height in 0..FILES_PER_VALIDATOR_MAX as u64 + 3 {
            files.keep(&evidence(1, height, &key, &chain)).unwrap();
        }
        files.keep(&evidence(2, 1, &key, &chain)).unwrap();
        assert_eq!(files.read().len(), FILES_PER_VALIDATOR_MAX + 1);
    }
}
