//! Proofs in files: kept for years, handed to others, verified against the genesis document alone.
//!
//! A value of these types may come from anywhere. `verify` says whether it proves what it claims.

use std::path::Path;

use bytes::Bytes;
use prost::Message;
use talea_proto::{api, convert};
use talea_types::{
    BlockHeader, DecodeError, SignedTransaction, Subject,
    event::{Event, EventChain, verify_complete},
    merkle::MapProof,
    receipt::{FinalityProof, Receipt, map_proof_from_wire, map_proof_to_wire},
    state::{Account, Case, Debtor, Loan, Participant, StateKey, value_hash},
    wire::decode_canonical,
};

use crate::{AuditBundle, ClientError, ProofFailure, Trust};

/// Largest proof file that is read: a long history.
pub const PROOF_FILE_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Anything that can be proved offline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofFile {
    /// What happened to a transaction.
    Receipt(ReceiptProof),
    /// What is at a key of the state.
    Object(ObjectProof),
    /// Everything that happened to a subject.
    History(HistoryProof),
    /// What happened to some subjects in a period.
    Audit(AuditBundle),
}

/// A receipt, with the transaction it is about where that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptProof {
    /// Canonical bytes of the signed transaction.
    pub transaction: Option<Bytes>,
    /// The receipt.
    pub receipt: Receipt,
}

/// A state object with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectProof {
    /// Its name.
    pub key: StateKey,
    /// Its canonical bytes; `None` when there is none.
    pub value: Option<Bytes>,
    /// Its place under the state root.
    pub map: MapProof,
    /// The header with the state root.
    pub finality: FinalityProof,
}

/// The whole history of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryProof {
    /// The subject's state object, which commits to the history.
    pub subject: ObjectProof,
    /// Every event, from the first.
    pub events: Vec<Event>,
}

impl ReceiptProof {
    /// Verifies it, and that the transaction is the one that the receipt is about, with its signatures.
    ///
    /// # Errors
    /// [`ProofFailure`].
    pub fn verify(&self, trust: &Trust) -> Result<Option<SignedTransaction>, ProofFailure> {
        let transaction = self
            .transaction
            .as_ref()
            .map(|bytes| SignedTransaction::decode(trust.chain(), bytes.clone()))
            .transpose()?;
        let id = transaction.as_ref().map(SignedTransaction::id);
        trust.verify_receipt(&self.receipt, id.as_ref())?;
        if let Some(transaction) = &transaction {
            trust.verify_signatures(transaction)?;
        }
        Ok(transaction)
    }
}

impl ObjectProof {
    /// The header whose state it is part of.
    #[must_use]
    pub const fn header(&self) -> &BlockHeader {
        &self.finality.header
    }

    /// Verifies that this, or nothing, is at the key.
    ///
    /// # Errors
    /// [`ProofFailure`].
    pub fn verify(&self, trust: &Trust) -> Result<(), ProofFailure> {
        trust.verify_finality(&self.finality)?;
        let root = &self.header().state_root;
        let path = self.key.path();
        match &self.value {
            Some(value) => self.map.verify_inclusion(root, &path, &value_hash(value))?,
            None => self.map.verify_absence(root, &path)?,
        }
        Ok(())
    }

    /// The chain of events that the object commits to; an empty one where there is no object.
    ///
    /// # Errors
    /// [`ProofFailure::Malformed`] when the object cannot be read.
    pub fn event_chain(&self) -> Result<EventChain, ProofFailure> {
        event_chain(self)
    }

    pub(crate) fn from_api(
        key: StateKey,
        value: Bytes,
        proof: Option<&api::StateProof>,
    ) -> Result<Self, DecodeError> {
        let proof = proof.ok_or(DecodeError::Missing { field: "proof" })?;
        let map = proof
            .map
            .as_ref()
            .ok_or(DecodeError::Missing { field: "proof.map" })?;
        let finality = proof.finality.as_ref().ok_or(DecodeError::Missing {
            field: "proof.finality",
        })?;
        Ok(Self {
            key,
            value: Some(value).filter(|value| !value.is_empty()),
            map: map_proof_from_wire(map)?,
            finality: FinalityProof::from_wire(finality)?,
        })
    }

    pub(crate) fn to_api(&self) -> api::ObjectProof {
        api::ObjectProof {
            key: Some(convert::state_key_to_api(&self.key)),
            value: self.value.clone().unwrap_or_default(),
            proof: Some(api::StateProof {
                map: Some(map_proof_to_wire(&self.map)),
                finality: Some(self.finality.to_wire()),
            }),
        }
    }
}

impl HistoryProof {
    /// Whose history it is.
    ///
    /// # Errors
    /// [`ProofFailure::Other`] when the object has no history.
    pub fn subject(&self) -> Result<Subject, ProofFailure> {
        subject_of(&self.subject.key)
    }

    /// Verifies that these events, and no others, are the subject's.
    ///
    /// # Errors
    /// [`ProofFailure`].
    pub fn verify(&self, trust: &Trust) -> Result<(), ProofFailure> {
        let subject = self.subject()?;
        self.subject.verify(trust)?;
        verify_complete(subject, &self.events, &event_chain(&self.subject)?)?;
        Ok(())
    }
}

/// Whose state object is at a key.
pub(crate) fn subject_of(key: &StateKey) -> Result<Subject, ProofFailure> {
    match *key {
        StateKey::Account(id) => Ok(Subject::Account(id)),
        StateKey::Participant(id) => Ok(Subject::Participant(id)),
        StateKey::Loan(id) => Ok(Subject::Loan(id)),
        StateKey::Debtor(id) => Ok(Subject::Debtor(id)),
        StateKey::Case(id) => Ok(Subject::Case(id)),
        other => Err(ProofFailure::Other {
            expected: "an object with a history".to_owned(),
            found: format!("{other:?}"),
        }),
    }
}

/// The chain of events that a subject's state object commits to.
pub(crate) fn event_chain(object: &ObjectProof) -> Result<EventChain, ProofFailure> {
    Ok(match (&object.key, &object.value) {
        (StateKey::Account(_), Some(value)) => Account::decode(value)?.events,
        (StateKey::Participant(_), Some(value)) => Participant::decode(value)?.events,
        (StateKey::Loan(_), Some(value)) => Loan::decode(value)?.events,
        (StateKey::Debtor(_), Some(value)) => Debtor::decode(value)?.events,
        (StateKey::Case(_), Some(value)) => Case::decode(value)?.events,
        _ => EventChain::default(),
    })
}

impl ProofFile {
    /// Verifies what it claims.
    ///
    /// # Errors
    /// [`ProofFailure`].
    pub fn verify(&self, trust: &Trust) -> Result<(), ProofFailure> {
        match self {
            Self::Receipt(proof) => proof.verify(trust).map(|_| ()),
            Self::Object(proof) => proof.verify(trust),
            Self::History(proof) => proof.verify(trust),
            Self::Audit(bundle) => bundle.verify(trust),
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        use api::proof_file::Content;
        let content = match self {
            Self::Receipt(proof) => Content::Receipt(api::ReceiptProof {
                transaction: proof.transaction.clone().unwrap_or_default(),
                receipt: Some(proof.receipt.to_wire()),
            }),
            Self::Object(proof) => Content::Object(proof.to_api()),
            Self::History(proof) => Content::History(api::HistoryProof {
                subject: Some(proof.subject.to_api()),
                events: proof
                    .events
                    .iter()
                    .map(|event| event.encode().into())
                    .collect(),
            }),
            Self::Audit(bundle) => Content::Audit(bundle.to_api()),
        };
        api::ProofFile {
            content: Some(content),
        }
        .encode_to_vec()
    }

    /// Reads its bytes. They are not verified.
    ///
    /// # Errors
    /// [`ProofFailure::Malformed`].
    pub fn decode(bytes: &Bytes) -> Result<Self, ProofFailure> {
        use api::proof_file::Content;
        let file: api::ProofFile = decode_canonical("proof file", bytes, PROOF_FILE_BYTES_MAX)?;
        Ok(match file.content {
            Some(Content::Receipt(proof)) => {
                let receipt = proof
                    .receipt
                    .as_ref()
                    .ok_or(DecodeError::Missing { field: "receipt" })?;
                Self::Receipt(ReceiptProof {
                    transaction: Some(proof.transaction).filter(|bytes| !bytes.is_empty()),
                    receipt: Receipt::from_wire(receipt)?,
                })
            }
            Some(Content::Object(proof)) => Self::Object(object_from_api(&proof)?),
            Some(Content::History(proof)) => Self::History(HistoryProof {
                subject: object_from_api(
                    &proof
                        .subject
                        .ok_or(DecodeError::Missing { field: "subject" })?,
                )?,
                events: proof
                    .events
                    .iter()
                    .map(Event::decode)
                    .collect::<Result<_, _>>()?,
            }),
            Some(Content::Audit(bundle)) => Self::Audit(AuditBundle::from_api(&bundle)?),
            None => return Err(DecodeError::Missing { field: "content" }.into()),
        })
    }

    /// Reads a file. It is not verified.
    ///
    /// # Errors
    /// [`ClientError::Options`] when it cannot be read; [`ClientError::Proof`] when it is no proof file.
    pub fn load(path: &Path) -> Result<Self, ClientError> {
        let refuse = |reason: String| ClientError::Options {
            reason: format!("cannot read {}: {reason}", path.display()),
        };
        let length = std::fs::metadata(path)
            .map_err(|error| refuse(error.to_string()))?
            .len();
        if length > PROOF_FILE_BYTES_MAX as u64 {
            return Err(refuse("it is too large for a proof".to_owned()));
        }
        let bytes = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
        Ok(Self::decode(&bytes.into())?)
    }

    /// Writes a file.
    ///
    /// # Errors
    /// [`ClientError::Options`] when it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), ClientError> {
        std::fs::write(path, self.encode()).map_err(|error| ClientError::Options {
            reason: format!("cannot write {}: {error}", path.display()),
        })
    }
}

pub(crate) fn object_from_api(proof: &api::ObjectProof) -> Result<ObjectProof, DecodeError> {
    let key = convert::state_key_from_api(proof.key.as_ref())?;
    ObjectProof::from_api(key, proof.value.clone(), proof.proof.as_ref())
}
