//! The canonical bytes of a record: `GenesisRecord` of `genesis.proto`, in the one encoding.

use std::collections::BTreeMap;

use prost::Message;
use talea_types::{
    Amount, Asset, ParticipantId, Validator,
    operation::RulePackActivate,
    state::{Registration, Tier},
    wire,
};

use super::GenesisRecord;

impl GenesisRecord {
    /// What the chain id is the hash of.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        self.to_wire().encode_to_vec()
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::GenesisRecord {
        wire::GenesisRecord {
            network: self.network.clone(),
            sandbox: self.sandbox,
            time_ms: self.time.millis(),
            business_date: self.business_date,
            assets: self
                .assets
                .iter()
                .map(|(asset, record)| wire::GenesisAsset {
                    code: asset.to_string(),
                    decimals: record.decimals.into(),
                    kind: record.kind.to_wire().into(),
                })
                .collect(),
            tiers: self.tiers.iter().map(Tier::to_wire).collect(),
            participants: self.participants().map(participant_to_wire).collect(),
            reserves: reserves_to_wire(&self.reserves),
            validators: self.validators.to_wire().validators,
            rule_packs: self.rule_packs().map(pack_to_wire).collect(),
        }
    }
}

fn pack_to_wire(pack: &RulePackActivate) -> wire::GenesisRulePack {
    wire::GenesisRulePack {
        pack: pack.pack.to_string(),
        version: pack.version,
        document: pack.document.clone(),
    }
}

fn participant_to_wire(participant: &Registration) -> wire::GenesisParticipant {
    wire::GenesisParticipant {
        lei: participant.lei.clone(),
        bic: participant.bic.clone(),
        name: participant.name.clone(),
        jurisdiction: participant.jurisdiction.clone(),
        roles: participant
            .roles
            .iter()
            .map(|role| role.to_wire().into())
            .collect(),
        policy: Some(participant.policy.to_wire()),
        licence_expires_at_ms: participant.licence_expires_at.unwrap_or_default().millis(),
        evaluated_on: participant.evaluated_on.unwrap_or_default(),
    }
}

fn reserves_to_wire(
    reserves: &BTreeMap<(ParticipantId, Asset), Amount>,
) -> Vec<wire::GenesisReserve> {
    reserves
        .iter()
        .map(|((participant, asset), amount)| wire::GenesisReserve {
            participant: participant.to_wire(),
            asset: asset.to_string(),
            amount: amount.minor_units(),
        })
        .collect()
}

/// The canonical bytes of what one organisation brings; amounts in their normal decimal form.
pub(crate) fn contribution_bytes(
    network: &str,
    participant: &Registration,
    reserves: &BTreeMap<Asset, String>,
    validators: &[Validator],
) -> Vec<u8> {
    let mut validators: Vec<&Validator> = validators.iter().collect();
    validators.sort_by_key(|validator| validator.id());
    wire::GenesisContribution {
        network: network.to_owned(),
        participant: Some(participant_to_wire(participant)),
        reserves: reserves
            .iter()
            .map(|(asset, amount)| wire::ContributedReserve {
                asset: asset.to_string(),
                amount: amount.clone(),
            })
            .collect(),
        validators: validators.into_iter().map(Validator::to_wire).collect(),
    }
    .encode_to_vec()
}
