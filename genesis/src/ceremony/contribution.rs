//! What one organisation brings, written and signed on its own machine.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::{Deserialize, Serialize};
use talea_types::{Asset, PublicKey, SecretKey, Validator, state::Registration};

use super::{progress::Progress, signatures};
use crate::{
    check::{self, KeyRegister},
    document::{FORMAT, KeySignature, ParticipantTerms, ReserveTerms, ValidatorTerms},
    error::GenesisError,
    file,
    problem::Problems,
    record::{GenesisRecord, contribution_bytes},
};

/// First bytes of everything that a contribution's signature covers. No other signed message starts so.
const SIGNING_TAG: &[u8] = b"talea/genesis-contribution/v1";

const HEADER: &str =
    "# Contribution to a Talea network. The signatures cover everything else in it.\n";

/// One organisation's part of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contribution {
    /// Version of this format: 1.
    pub format: u32,
    /// Name of the network that it is for.
    pub network: String,
    /// The organisation.
    pub participant: ParticipantTerms,
    /// What it holds in reserve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reserves: Vec<ContributedReserve>,
    /// The validators that it runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validators: Vec<ContributedValidator>,
    /// By its policy keys and by every key of its validators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<KeySignature>,
}

/// Money in reserve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContributedReserve {
    /// A currency.
    pub asset: String,
    /// Decimal text.
    pub amount: String,
}

/// A validator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContributedValidator {
    /// Lower-case letters, digits and hyphens; unique in the network.
    pub name: String,
    /// Signs votes; hexadecimal.
    pub voting_key: String,
    /// Its identity on the network; hexadecimal.
    pub network_key: String,
    /// Voting power.
    pub power: u64,
}

/// How far a contribution is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContributionProgress {
    /// Signatures there and needed.
    pub progress: Progress,
    /// What is missing.
    pub missing: Problems,
}

/// What a contribution says, checked.
pub(super) struct Contributed {
    participant: Registration,
    reserves: BTreeMap<Asset, String>,
    validators: Vec<Validator>,
}

impl Contribution {
    /// A contribution that nobody has signed.
    #[must_use]
    pub fn new(network: String, participant: ParticipantTerms) -> Self {
        Self {
            format: FORMAT,
            network,
            participant,
            reserves: Vec::new(),
            validators: Vec::new(),
            signatures: Vec::new(),
        }
    }

    /// Reads one from text.
    ///
    /// # Errors
    /// [`GenesisError::TooLarge`]; [`GenesisError::Syntax`] with the line that is wrong.
    pub fn parse(text: &str) -> Result<Self, GenesisError> {
        file::parse("the contribution", text)
    }

    /// Reads one from a file.
    ///
    /// # Errors
    /// As [`Contribution::parse`], and [`GenesisError::Read`].
    pub fn load(path: &Path) -> Result<Self, GenesisError> {
        file::load(path)
    }

    /// Writes it, replacing a file of this name in one step.
    ///
    /// # Errors
    /// [`GenesisError::Write`].
    pub fn save(&self, path: &Path) -> Result<(), GenesisError> {
        file::save(path, &self.to_toml())
    }

    /// As text.
    #[must_use]
    pub fn to_toml(&self) -> String {
        file::to_toml(HEADER, self)
    }

    /// Adds signatures. Each key must be one of its policy or of its validators.
    ///
    /// # Errors
    /// [`GenesisError::Invalid`] when what it says is not valid; [`GenesisError::Mismatch`] for another key.
    pub fn sign(&mut self, keys: &[&SecretKey]) -> Result<(), GenesisError> {
        let contributed = self.contributed()?;
        let allowed = contributed.keys();
        for key in keys {
            let key = key.public_key();
            if !allowed.contains(&key) {
                return Err(GenesisError::Mismatch {
                    reason: format!(
                        "{key} is neither a policy key of {} nor a key of its validators; \
                         use the key files whose public keys stand in the contribution",
                        self.participant.name
                    ),
                });
            }
        }
        let message = contributed.message(&self.network);
        signatures::add(&mut self.signatures, keys, &message);
        Ok(())
    }

    /// Checks what it says and every signature in it.
    ///
    /// # Errors
    /// [`GenesisError::Invalid`] with every problem. A missing signature is none; see the result.
    pub fn check(&self) -> Result<ContributionProgress, GenesisError> {
        let contributed = self.contributed()?;
        let mut problems = Problems::new();
        let progress =
            contributed.progress(&self.network, "signatures", &self.signatures, &mut problems);
        GenesisError::refuse(problems)?;
        Ok(progress)
    }

    fn contributed(&self) -> Result<Contributed, GenesisError> {
        let mut problems = Problems::new();
        let contributed = self.read(&mut problems);
        GenesisError::refuse(problems)?;
        Ok(contributed.unwrap_or_else(|| unreachable!("nothing is missing without a problem")))
    }

    fn read(&self, problems: &mut Problems) -> Option<Contributed> {
        check::format_version(self.format, problems);
        check::short_name("network", &self.network, problems);
        let mut keys = KeyRegister::new();
        let participant = check::participant("participant", &self.participant, &mut keys, problems);
        let mut reserves = BTreeMap::new();
        for (position, terms) in self.reserves.iter().enumerate() {
            let field = format!("reserves[{position}]");
            if let Some((asset, amount)) =
                check::contributed_reserve(&field, &terms.asset, &terms.amount, problems)
                && reserves.insert(asset, amount).is_some()
            {
                problems.add(field, format!("{asset} is listed twice"), "keep one");
            }
        }
        let mut validators = Vec::new();
        for (position, terms) in self.validator_terms().iter().enumerate() {
            let field = format!("validators[{position}]");
            validators.extend(check::validator(&field, terms, &mut keys, problems));
        }
        Some(Contributed {
            participant: participant?,
            reserves,
            validators,
        })
    }

    /// Its reserves as they stand in a document.
    pub(super) fn reserve_terms(&self) -> Vec<ReserveTerms> {
        let reserves = self.reserves.iter().map(|reserve| ReserveTerms {
            participant: self.participant.lei.clone(),
            asset: reserve.asset.clone(),
            amount: reserve.amount.clone(),
        });
        reserves.collect()
    }

    /// Its validators as they stand in a document.
    pub(super) fn validator_terms(&self) -> Vec<ValidatorTerms> {
        let validators = self.validators.iter().map(|validator| ValidatorTerms {
            participant: self.participant.lei.clone(),
            name: validator.name.clone(),
            voting_key: validator.voting_key.clone(),
            network_key: validator.network_key.clone(),
            power: validator.power,
        });
        validators.collect()
    }
}

impl Contributed {
    /// What an organisation contributed, as a document states it.
    pub(super) fn in_record(record: &GenesisRecord, participant: &Registration) -> Self {
        let id = participant.id();
        Self {
            participant: participant.clone(),
            reserves: record
                .reserves()
                .iter()
                .filter(|((owner, _), _)| *owner == id)
                .map(|((_, asset), amount)| (*asset, record.decimal_text(*asset, *amount)))
                .collect(),
            validators: record.validators_of(id).cloned().collect(),
        }
    }

    fn message(&self, network: &str) -> Vec<u8> {
        let bytes =
            contribution_bytes(network, &self.participant, &self.reserves, &self.validators);
        [SIGNING_TAG, &bytes].concat()
    }

    fn keys(&self) -> BTreeSet<PublicKey> {
        let of_validators = self
            .validators
            .iter()
            .flat_map(|validator| [validator.voting_key, validator.network_key]);
        let of_policy = self.participant.policy.keys().iter().copied();
        of_policy.chain(of_validators).collect()
    }

    /// Verifies the signatures over it and says which are missing.
    pub(super) fn progress(
        &self,
        network: &str,
        field: &str,
        list: &[KeySignature],
        problems: &mut Problems,
    ) -> ContributionProgress {
        let message = self.message(network);
        let signers = signatures::verify_list(field, list, &self.keys(), &message, problems);
        let mut progress = Progress::of_policy(&self.participant.policy, &signers);
        let mut missing = Problems::new();
        if !progress.is_complete() {
            missing.add(
                field,
                format!(
                    "{} of {} needed policy keys of {} have signed the contribution",
                    progress.signed, progress.needed, self.participant.name
                ),
                "let the holders sign it with 'talea-genesis sign'",
            );
        }
        for validator in &self.validators {
            for (purpose, key) in [
                ("voting", validator.voting_key),
                ("network", validator.network_key),
            ] {
                progress.needed += 1;
                if signers.contains(&key) {
                    progress.signed += 1;
                } else {
                    missing.add(
                        field,
                        format!("the {purpose} key of {} has not signed", validator.name),
                        "sign with it: 'talea-genesis sign'; it shows that the organisation holds the key",
                    );
                }
            }
        }
        ContributionProgress { progress, missing }
    }
}
