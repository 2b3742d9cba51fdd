//! What a genesis document says, checked and in canonical order. Its hash is the chain id.
//!
//! Kept true: a record exists only if every rule of [`crate::check`] holds for it, and two documents
//! that say the same, in any order and layout, give the same record, bytes and chain id.

mod encoding;

pub(crate) use encoding::contribution_bytes;

use std::collections::BTreeMap;

use talea_types::{
    Amount, Asset, ChainId, ParticipantId, RulePackId, Timestamp, Validator, ValidatorSet,
    hash::tagged,
    operation::RulePackActivate,
    state::{AssetDefinition, Registration, Tier},
};

use crate::standards::decimal;

/// Everything a network starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenesisRecord {
    pub(crate) network: String,
    pub(crate) sandbox: bool,
    pub(crate) time: Timestamp,
    pub(crate) business_date: u32,
    pub(crate) assets: BTreeMap<Asset, AssetDefinition>,
    pub(crate) tiers: Vec<Tier>,
    /// By Legal Entity Identifier.
    pub(crate) participants: BTreeMap<String, Registration>,
    pub(crate) reserves: BTreeMap<(ParticipantId, Asset), Amount>,
    pub(crate) validators: ValidatorSet,
    pub(crate) rule_packs: BTreeMap<RulePackId, RulePackActivate>,
}

impl GenesisRecord {
    /// The network's identity: the tagged hash of the canonical bytes.
    #[must_use]
    pub fn chain_id(&self) -> ChainId {
        ChainId::new(tagged("talea/genesis/v1", &[&self.canonical_bytes()]))
    }

    /// Its name.
    #[must_use]
    pub fn network(&self) -> &str {
        &self.network
    }

    /// Whether it is a network for trials.
    #[must_use]
    pub const fn is_sandbox(&self) -> bool {
        self.sandbox
    }

    /// Ledger time before the first block.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn business_date(&self) -> u32 {
        self.business_date
    }

    /// Currencies and points.
    #[must_use]
    pub const fn assets(&self) -> &BTreeMap<Asset, AssetDefinition> {
        &self.assets
    }

    /// Tiers; the position is the number.
    #[must_use]
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// Organisations, ascending by Legal Entity Identifier.
    pub fn participants(&self) -> impl ExactSizeIterator<Item = &Registration> {
        self.participants.values()
    }

    /// The organisation with this id.
    #[must_use]
    pub fn participant(&self, id: &ParticipantId) -> Option<&Registration> {
        self.participants
            .values()
            .find(|participant| participant.id() == *id)
    }

    /// Money in reserve.
    #[must_use]
    pub const fn reserves(&self) -> &BTreeMap<(ParticipantId, Asset), Amount> {
        &self.reserves
    }

    /// An amount in the normal decimal form of its asset.
    #[must_use]
    pub fn decimal_text(&self, asset: Asset, amount: Amount) -> String {
        let decimals = self.assets.get(&asset).map_or(0, |asset| asset.decimals);
        let text = amount.to_decimal(decimals.into());
        decimal::normal(&text).unwrap_or(text)
    }

    /// What the ledger starts from.
    #[must_use]
    pub fn to_ledger(&self) -> talea_ledger::Genesis {
        talea_ledger::Genesis {
            chain: self.chain_id(),
            sandbox: self.sandbox,
            time: self.time,
            business_date: self.business_date,
            assets: self.assets.values().copied().collect(),
            tiers: self.tiers.clone(),
            participants: self.participants.values().cloned().collect(),
            reserves: self
                .reserves
                .iter()
                .map(|((participant, asset), amount)| (*participant, *asset, *amount))
                .collect(),
            validators: self
                .validators
                .iter()
                .map(|(_, validator)| validator.clone())
                .collect(),
            rule_packs: self.rule_packs.values().cloned().collect(),
        }
    }

    /// Rule packs in force from the first block, ascending by id.
    pub fn rule_packs(&self) -> impl ExactSizeIterator<Item = &RulePackActivate> {
        self.rule_packs.values()
    }

    /// The validators that decide the first block.
    #[must_use]
    pub const fn validator_set(&self) -> &ValidatorSet {
        &self.validators
    }

    /// The validators that an organisation runs.
    pub fn validators_of(&self, id: ParticipantId) -> impl Iterator<Item = &Validator> {
        self.validators
            .iter()
            .map(|(_, validator)| validator)
            .filter(move |validator| validator.participant == id)
    }
}
