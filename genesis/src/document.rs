//! The genesis document as people write and review it: TOML, every value as the text that a person
//! compares. Nothing here is checked beyond its form; [`GenesisDocument::record`] does that.

use std::path::Path;

use serde::{Deserialize, Serialize};
use talea_rules::Pack;
use talea_types::operation::RulePackActivate;

use crate::{check, error::GenesisError, file, problem::Problems, record::GenesisRecord};

/// The version of the format that this program reads and writes.
pub const FORMAT: u32 = 1;

const HEADER: &str = "\
# Talea genesis document. Its hash, the chain id, covers everything except the two lists of
# signatures at its end. Comments do not survive a rewrite by talea-genesis.
";

/// A network as its founders agree on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisDocument {
    /// Version of this format: 1.
    pub format: u32,
    /// The network itself.
    pub network: NetworkTerms,
    /// Currencies and points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assets: Vec<AssetTerms>,
    /// Limit tiers of accounts; the position is the tier's number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierTerms>,
    /// Organisations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<ParticipantTerms>,
    /// Money that banks hold in reserve from the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reserves: Vec<ReserveTerms>,
    /// Validators that decide the first block.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validators: Vec<ValidatorTerms>,
    /// Rule packs in force from the first block.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rule_packs: Vec<RulePackTerms>,
    /// Each organisation's signatures over what it contributed. Not covered by the hash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contributions: Vec<OrganisationSignatures>,
    /// Signatures over the hash, by organisations that run validators. Not covered by the hash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<OrganisationSignatures>,
}

/// The network itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkTerms {
    /// Lower-case letters, digits and hyphens.
    pub name: String,
    /// A network for trials, shown as such everywhere. Never changes.
    pub sandbox: bool,
    /// Ledger time before the first block: `2026-11-22T00:00:00Z`.
    pub time: String,
    /// `2026-11-22`.
    pub business_date: String,
}

/// A currency or points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetTerms {
    /// `CZK`.
    pub code: String,
    /// Digits after the decimal point; for a currency those of ISO 4217.
    pub decimals: u8,
    /// `currency`, `points` or `coupon`.
    pub kind: String,
}

/// Limits of the accounts of one tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierTerms {
    /// Lower-case letters, digits and hyphens.
    pub name: String,
    /// One for each asset.
    #[serde(default)]
    pub limits: Vec<LimitTerms>,
}

/// Limits of one asset, in decimal text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitTerms {
    /// The asset's code.
    pub asset: String,
    /// Most that one transaction may move out of the account.
    pub per_transaction: String,
    /// Most in a calendar day (UTC).
    pub per_day: String,
    /// Most in a calendar month (UTC).
    pub per_month: String,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParticipantTerms {
    /// Legal Entity Identifier, ISO 17442: names the organisation in the rest of the document.
    pub lei: String,
    /// Business identifier code, ISO 9362; required of a bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
    /// Registered name, at most 140 bytes.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub jurisdiction: String,
    /// `operator`, `bank`, `merchant`, `collection_agency`, `credit_bureau`, `kyc_provider`,
    /// `monitor`, `adviser`, `authority`, `regulator`.
    pub roles: Vec<String>,
    /// Last day (UTC) of a collection agency's licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence_expires: Option<String>,
    /// Day (UTC) of a collection agency's last evaluation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluated: Option<String>,
    /// Who must sign for it.
    pub policy: PolicyTerms,
}

/// m of n keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyTerms {
    /// How many must sign.
    pub threshold: u32,
    /// Public keys, hexadecimal.
    pub keys: Vec<String>,
}

/// Money in reserve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReserveTerms {
    /// LEI of the bank.
    pub participant: String,
    /// A currency.
    pub asset: String,
    /// Decimal text.
    pub amount: String,
}

/// A validator. Its address is not here: it belongs in the configuration of nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidatorTerms {
    /// LEI of the organisation that runs it.
    pub participant: String,
    /// Lower-case letters, digits and hyphens; unique.
    pub name: String,
    /// Signs votes; hexadecimal.
    pub voting_key: String,
    /// Its identity on the network; hexadecimal.
    pub network_key: String,
    /// Voting power.
    pub power: u64,
}

/// A rule pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulePackTerms {
    /// Lower-case letters, digits and hyphens.
    pub id: String,
    /// From 1.
    pub version: u32,
    /// Canonical bytes of the pack's document, hexadecimal.
    pub document: String,
}

impl RulePackTerms {
    /// Reads a pack that is written as TOML.
    ///
    /// # Errors
    /// [`GenesisError::Read`]; [`GenesisError::Syntax`] with the line.
    pub fn load(path: &Path) -> Result<Self, GenesisError> {
        let text = file::load_text(path)?;
        let pack = Pack::from_toml(&text).map_err(|error| GenesisError::Syntax {
            what: path.display().to_string(),
            reason: error.to_string(),
        })?;
        let bytes = pack.encode();
        Ok(Self {
            id: pack.id,
            version: pack.version,
            document: bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }

    /// The terms of a pack.
    #[must_use]
    pub fn of(pack: &RulePackActivate) -> Self {
        let bytes = pack.document.iter();
        Self {
            id: pack.pack.to_string(),
            version: pack.version,
            document: bytes.map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// The signatures of one organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationSignatures {
    /// Its LEI.
    pub participant: String,
    /// At most one by each key.
    pub signatures: Vec<KeySignature>,
}

/// A signature and the key that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySignature {
    /// Public key, hexadecimal.
    pub key: String,
    /// Signature, hexadecimal.
    pub signature: String,
}

impl GenesisDocument {
    /// Reads a document from text.
    ///
    /// # Errors
    /// [`GenesisError::TooLarge`]; [`GenesisError::Syntax`] with the line that is wrong.
    pub fn parse(text: &str) -> Result<Self, GenesisError> {
        file::parse("the genesis document", text)
    }

    /// Reads a document from a file. Use [`GenesisDocument::load_complete`] to start a network.
    ///
    /// # Errors
    /// As [`GenesisDocument::parse`], and [`GenesisError::Read`].
    pub fn load(path: &Path) -> Result<Self, GenesisError> {
        file::load(path)
    }

    /// Reads the document that a node, or a client that verifies receipts, starts from.
    ///
    /// # Errors
    /// As [`GenesisDocument::load`]; [`GenesisError::Invalid`] or [`GenesisError::Incomplete`] when it
    /// is not a valid document that everybody concerned has signed as it is.
    pub fn load_complete(path: &Path) -> Result<GenesisRecord, GenesisError> {
        Self::load(path)?.complete_record()
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

    /// What it says, checked: the record that the chain id is the hash of. Signatures are not looked
    /// at; see [`GenesisDocument::complete_record`].
    ///
    /// # Errors
    /// [`GenesisError::Invalid`] with every problem.
    pub fn record(&self) -> Result<GenesisRecord, GenesisError> {
        let mut problems = Problems::new();
        let record = check::document(self, &mut problems);
        GenesisError::refuse(problems)?;
        Ok(record.unwrap_or_else(|| unreachable!("no record without a problem that says why")))
    }
}
