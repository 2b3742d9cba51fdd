//! What a client believes without proof: the genesis document, which its owner checked. Everything else
//! is verified against it.

use std::{collections::BTreeMap, path::Path, sync::Mutex};

use talea_genesis::{GenesisDocument, GenesisRecord};
use talea_types::{
    Asset, BlockHeader, Certificate, ChainId, KeyPolicy, ParticipantId, PublicKey,
    SignedTransaction, TransactionId, ValidatorSet,
    crypto::KeyCache,
    receipt::{FinalityProof, ProofError, Receipt},
    transaction::verify_all,
};

use crate::{ClientError, ProofFailure};

/// The network's identity and first validators.
pub struct Trust {
    chain: ChainId,
    name: String,
    sandbox: bool,
    genesis_set: ValidatorSet,
    decimals: BTreeMap<Asset, u32>,
    organisations: Vec<(ParticipantId, KeyPolicy)>,
    keys: Mutex<KeyCache>,
}

impl Trust {
    /// Trusts this record.
    #[must_use]
    pub fn from_record(record: &GenesisRecord) -> Self {
        Self {
            chain: record.chain_id(),
            name: record.network().to_owned(),
            sandbox: record.is_sandbox(),
            genesis_set: record.validator_set().clone(),
            decimals: record
                .assets()
                .iter()
                .map(|(asset, definition)| (*asset, u32::from(definition.decimals)))
                .collect(),
            organisations: record
                .participants()
                .map(|one| (one.id(), one.policy.clone()))
                .collect(),
            keys: Mutex::new(KeyCache::new()),
        }
    }

    /// Trusts the genesis document in a file.
    ///
    /// # Errors
    /// [`ClientError::Options`] when it cannot be read, is not valid, or is not signed by all whom it
    /// concerns.
    pub fn load(path: &Path) -> Result<Self, ClientError> {
        let record =
            GenesisDocument::load_complete(path).map_err(|error| ClientError::Options {
                reason: format!("the genesis document {}: {error}", path.display()),
            })?;
        Ok(Self::from_record(&record))
    }

    /// The network's id: the hash of the genesis document.
    #[must_use]
    pub const fn chain(&self) -> &ChainId {
        &self.chain
    }

    /// The network's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a trial network.
    #[must_use]
    pub const fn is_sandbox(&self) -> bool {
        self.sandbox
    }

    /// Digits after the decimal point of each asset.
    #[must_use]
    pub const fn decimals(&self) -> &BTreeMap<Asset, u32> {
        &self.decimals
    }

    /// The organisation that had a key when the network was born. Keys that came later are not known
    /// here.
    #[must_use]
    pub fn organisation_of(&self, key: &PublicKey) -> Option<ParticipantId> {
        let mut organisations = self.organisations.iter();
        let found = organisations.find(|(_, policy)| policy.contains(key));
        found.map(|(id, _)| *id)
    }

    /// The validators of the first block.
    #[must_use]
    pub const fn genesis_set(&self) -> &ValidatorSet {
        &self.genesis_set
    }

    /// Verifies that a header is final on this network.
    ///
    /// # Errors
    /// [`ProofFailure::Finality`].
    pub fn verify_finality(&self, proof: &FinalityProof) -> Result<(), ProofFailure> {
        Ok(proof.verify(&self.chain, &self.genesis_set, &mut self.keys())?)
    }

    /// Verifies that a receipt is of this network and, where it is known, of this transaction.
    ///
    /// # Errors
    /// [`ProofFailure`].
    pub fn verify_receipt(
        &self,
        receipt: &Receipt,
        expected: Option<&TransactionId>,
    ) -> Result<(), ProofFailure> {
        if let Some(expected) = expected.filter(|id| **id != receipt.result.transaction) {
            return Err(ProofFailure::Other {
                expected: format!("transaction {expected}"),
                found: format!("transaction {}", receipt.result.transaction),
            });
        }
        receipt.verify(&self.chain, &self.genesis_set, &mut self.keys())?;
        Ok(())
    }

    /// Verifies every signature of a transaction.
    ///
    /// # Errors
    /// [`ProofFailure::Signatures`].
    pub fn verify_signatures(&self, transaction: &SignedTransaction) -> Result<(), ProofFailure> {
        let verified = verify_all(&mut self.keys(), vec![transaction.clone()]);
        match verified.first() {
            Some(Ok(_)) => Ok(()),
            _ => Err(ProofFailure::Signatures {
                id: transaction.id(),
            }),
        }
    }

    /// Verifies that `set` decided a header, for one who follows the chain block by block.
    ///
    /// # Errors
    /// [`ProofFailure::Finality`].
    pub(crate) fn verify_next(
        &self,
        set: &ValidatorSet,
        header: &BlockHeader,
        certificate: &Certificate,
    ) -> Result<(), ProofFailure> {
        let proof = FinalityProof {
            set_changes: Vec::new(),
            header: header.clone(),
            certificate: certificate.clone(),
        };
        proof
            .verify(&self.chain, set, &mut self.keys())
            .map_err(|error: ProofError| error.into())
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, KeyCache> {
        // A cache that a panic left behind is still a correct cache.
        self.keys
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Trust({} {})", self.name, self.chain)
    }
}
