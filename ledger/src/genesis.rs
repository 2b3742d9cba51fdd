//! The state before the first block.

use talea_types::{
    Amount, Asset, ChainId, DecodeError, ParticipantId, RulePackId, Timestamp, Validator,
    ValidatorId, ValidatorSet,
    crypto::KeyError,
    limits::{RULE_PACKS_MAX, STATE_OBJECT_BYTES_MAX},
    operation::{GovernancePolicy, RulePackActivate},
    rule_pack::document_hash,
    state::{
        AssetDefinition, AssetTotals, Governance, LedgerClock, Network, Participant, Position,
        Registration, RulePackRecord, RulePackStatus, Tier, ValidatorSchedule,
    },
};

use crate::{
    Ledger,
    restore::tree_of,
    state::{Assurance, Collections, ExpiryQueue, RuleBook, State, Table, read_pack},
};

/// What a network starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// Hash of the genesis document.
    pub chain: ChainId,
    /// Whether the clock may be advanced.
    pub sandbox: bool,
    /// Ledger time of the state before the first block.
    pub time: Timestamp,
    /// Business date, days since 1970-01-01.
    pub business_date: u32,
    /// What the network carries.
    pub assets: Vec<AssetDefinition>,
    /// Limit tiers; accounts name them by index.
    pub tiers: Vec<Tier>,
    /// The first organisations.
    pub participants: Vec<Registration>,
    /// What banks and operators have at the settlement agent.
    pub reserves: Vec<(ParticipantId, Asset, Amount)>,
    /// The first validators.
    pub validators: Vec<Validator>,
    /// Rule packs in force from the start.
    pub rule_packs: Vec<RulePackActivate>,
}

/// Why a network cannot start so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// A field of an asset is not of its form.
    #[error("asset {asset}: {reason}")]
    Asset {
        /// The asset.
        asset: Asset,
        /// What is wrong.
        reason: DecodeError,
    },
    /// An asset is there twice.
    #[error("asset {asset} is there twice")]
    AssetRepeated {
        /// The asset.
        asset: Asset,
    },
    /// A tier is not of its form.
    #[error("tier {name}: {reason}")]
    Tier {
        /// Its name.
        name: String,
        /// What is wrong.
        reason: DecodeError,
    },
    /// A tier limits an asset that is not there.
    #[error("tier {name} limits {asset}, which is not among the assets")]
    TierAsset {
        /// Its name.
        name: String,
        /// The asset.
        asset: Asset,
    },
    /// All tiers together are too large.
    #[error("the tiers take {bytes} bytes; at most {STATE_OBJECT_BYTES_MAX} are allowed")]
    TiersTooLarge {
        /// Their size.
        bytes: usize,
    },
    /// A field of an organisation is not of its form.
    #[error("organisation {lei}: {reason}")]
    Participant {
        /// Its LEI.
        lei: String,
        /// What is wrong.
        reason: DecodeError,
    },
    /// An organisation is there twice.
    #[error("organisation {lei} is there twice")]
    ParticipantRepeated {
        /// Its LEI.
        lei: String,
    },
    /// A key cannot be registered.
    #[error("a key of {owner} cannot be registered: {reason}")]
    Key {
        /// Whose key.
        owner: String,
        /// What is wrong.
        reason: KeyError,
    },
    /// A reserve of somebody who may not have one.
    #[error("{participant} has a reserve but is no bank or operator among the participants")]
    ReserveOwner {
        /// Who.
        participant: ParticipantId,
    },
    /// A reserve in an asset that is not there.
    #[error("{participant} has a reserve in {asset}, which is not among the assets")]
    ReserveAsset {
        /// Who.
        participant: ParticipantId,
        /// The asset.
        asset: Asset,
    },
    /// Two reserves of one organisation in one asset.
    #[error("{participant} has two reserves in {asset}")]
    ReserveRepeated {
        /// Who.
        participant: ParticipantId,
        /// The asset.
        asset: Asset,
    },
    /// Together the reserves exceed the largest amount.
    #[error("the reserves in {asset} together exceed the largest amount")]
    ReservesTooLarge {
        /// The asset.
        asset: Asset,
    },
    /// The validators do not make a set.
    #[error("validators: {reason}")]
    Validators {
        /// What is wrong.
        reason: DecodeError,
    },
    /// A validator of an organisation that is not there.
    #[error("{validator} is run by {participant}, which is not among the participants")]
    ValidatorParticipant {
        /// The validator.
        validator: ValidatorId,
        /// Who.
        participant: ParticipantId,
    },
    /// A rule pack is there twice, or its document is empty or too large, or there are too many.
    #[error("rule pack {pack}: {reason}")]
    RulePack {
        /// Its id.
        pack: RulePackId,
        /// What is wrong.
        reason: String,
    },
}

impl Ledger {
    /// The state at height 0.
    ///
    /// # Errors
    /// [`GenesisError`] with the first thing that is wrong.
    pub fn genesis(genesis: &Genesis) -> Result<Self, GenesisError> {
        let mut assets = assets(&genesis.assets)?;
        check_tiers(&genesis.tiers, &assets)?;
        let participants = participants(&genesis.participants)?;
        let positions = positions(&genesis.reserves, &mut assets, &participants)?;
        let validators = validators(&genesis.validators, &participants)?;
        let rule_packs = rule_packs(&genesis.rule_packs)?;
        let Some(rule_book) = RuleBook::of(rule_packs.iter()) else {
            unreachable!("every document was checked")
        };
        let state = State {
            accounts: Table::default(),
            participants,
            holds: Table::default(),
            refund_rights: Table::default(),
            positions,
            assets,
            assurance: Assurance::default(),
            collections: Collections::default(),
            products: Table::default(),
            agreements: Table::default(),
            loans: Table::default(),
            inquiry_rights: Table::default(),
            debtors: Table::default(),
            network: Network {
                chain: genesis.chain,
                sandbox: genesis.sandbox,
                tiers: genesis.tiers.clone(),
            },
            clock: LedgerClock {
                height: 0,
                time: genesis.time,
                offset_ms: 0,
                business_date: genesis.business_date,
            },
            validators: ValidatorSchedule::unchanging(validators),
            proposals: Table::default(),
            governance: Governance {
                policy: GovernancePolicy::initial(),
            },
            rule_packs,
            rule_book,
            expiries: ExpiryQueue::default(),
        };
        let bytes = state.network.encode().len();
        if bytes > STATE_OBJECT_BYTES_MAX {
            return Err(GenesisError::TiersTooLarge { bytes });
        }
        let tree = tree_of(&state);
        Ok(Self { state, tree })
    }
}

fn assets(definitions: &[AssetDefinition]) -> Result<Table<Asset, AssetTotals>, GenesisError> {
    let mut assets = Table::default();
    for definition in definitions {
        let asset = definition.asset;
        definition
            .check()
            .map_err(|reason| GenesisError::Asset { asset, reason })?;
        let totals = AssetTotals {
            decimals: definition.decimals,
            kind: definition.kind,
            accounts: Amount::ZERO,
            liabilities: Amount::ZERO,
            reserves: Amount::ZERO,
            settlement: Amount::ZERO,
        };
        if !assets.insert(asset, totals) {
            return Err(GenesisError::AssetRepeated { asset });
        }
    }
    Ok(assets)
}

fn check_tiers(tiers: &[Tier], assets: &Table<Asset, AssetTotals>) -> Result<(), GenesisError> {
    for tier in tiers {
        let name = || tier.name.clone();
        tier.check().map_err(|reason| GenesisError::Tier {
            name: name(),
            reason,
        })?;
        for limit in &tier.limits {
            let asset = limit.asset;
            if !assets.contains(&asset) {
                return Err(GenesisError::TierAsset {
                    name: name(),
                    asset,
                });
            }
        }
    }
    Ok(())
}

fn participants(
    registrations: &[Registration],
) -> Result<Table<ParticipantId, Participant>, GenesisError> {
    let mut participants = Table::default();
    for registration in registrations {
        let lei = || registration.lei.clone();
        registration
            .check()
            .map_err(|reason| GenesisError::Participant { lei: lei(), reason })?;
        registration
            .policy
            .check_registrable()
            .map_err(|reason| GenesisError::Key {
                owner: lei(),
                reason,
            })?;
        let participant = Participant::registered(registration);
        if !participants.insert(registration.id(), participant) {
            return Err(GenesisError::ParticipantRepeated { lei: lei() });
        }
    }
    Ok(participants)
}

fn positions(
    reserves: &[(ParticipantId, Asset, Amount)],
    assets: &mut Table<Asset, AssetTotals>,
    participants: &Table<ParticipantId, Participant>,
) -> Result<Table<(ParticipantId, Asset), Position>, GenesisError> {
    let mut positions = Table::default();
    for (participant, asset, reserve) in reserves {
        let (participant, asset) = (*participant, *asset);
        let owner = participants.get(&participant);
        if !owner.is_some_and(Participant::is_sponsor) {
            return Err(GenesisError::ReserveOwner { participant });
        }
        let mut totals = *assets
            .get(&asset)
            .ok_or(GenesisError::ReserveAsset { participant, asset })?;
        totals.reserves = totals
            .reserves
            .try_add(*reserve)
            .ok_or(GenesisError::ReservesTooLarge { asset })?;
        totals.settlement = totals.reserves;
        assets.insert(asset, totals);
        let position = Position {
            reserve: *reserve,
            liabilities: Amount::ZERO,
        };
        if !positions.insert((participant, asset), position) {
            return Err(GenesisError::ReserveRepeated { participant, asset });
        }
    }
    Ok(positions)
}

fn validators(
    validators: &[Validator],
    participants: &Table<ParticipantId, Participant>,
) -> Result<ValidatorSet, GenesisError> {
    for validator in validators {
        let participant = validator.participant;
        if !participants.contains(&participant) {
            return Err(GenesisError::ValidatorParticipant {
                validator: validator.id(),
                participant,
            });
        }
        for key in [&validator.voting_key, &validator.network_key] {
            key.check_registrable()
                .map_err(|reason| GenesisError::Key {
                    owner: validator.name.clone(),
                    reason,
                })?;
        }
    }
    ValidatorSet::new(validators.iter().cloned())
        .map_err(|reason| GenesisError::Validators { reason })
}

fn rule_packs(
    packs: &[RulePackActivate],
) -> Result<Table<RulePackId, RulePackRecord>, GenesisError> {
    let mut records = Table::default();
    for (number, activate) in packs.iter().enumerate() {
        let pack = activate.pack;
        let refuse = |reason: String| GenesisError::RulePack { pack, reason };
        activate
            .check()
            .map_err(|error| refuse(error.to_string()))?;
        if read_pack(pack, activate.version, &activate.document).is_none() {
            let reason = "its document is not this version of it, or the linter finds an error";
            return Err(refuse(reason.to_owned()));
        }
        if number >= RULE_PACKS_MAX {
            return Err(refuse(format!("at most {RULE_PACKS_MAX} are allowed")));
        }
        let record = RulePackRecord {
            version: activate.version,
            document: activate.document.clone(),
            hash: document_hash(&activate.document),
            from_height: 1,
            owner: None,
            status: RulePackStatus::InForce,
        };
        if !records.insert(pack, record) {
            return Err(refuse("it is there twice".to_owned()));
        }
    }
    Ok(records)
}
