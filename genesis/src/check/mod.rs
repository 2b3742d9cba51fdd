//! From what people wrote to what is true of a network. Each rule has its place here and its test in
//! `tests/problems.rs`; a document is checked to its end whatever is found, so that all problems are
//! reported together.

mod assets;
mod keys;
mod network;
mod participants;
mod reserves;
mod rule_packs;
mod text;
mod tiers;
mod validators;

use std::collections::BTreeSet;

pub(crate) use self::{
    keys::{KeyRegister, public_key, signature},
    participants::participant,
    reserves::contributed_reserve,
    text::{Shown, short_name},
    validators::validator,
};
use crate::{
    document::{FORMAT, GenesisDocument},
    problem::Problems,
    record::GenesisRecord,
};

/// Checks a whole document. Gives a record exactly when it adds no problem.
pub(crate) fn document(
    document: &GenesisDocument,
    problems: &mut Problems,
) -> Option<GenesisRecord> {
    format_version(document.format, problems);
    let network = network::network(&document.network, problems);
    let assets = assets::assets(&document.assets, problems);
    let tiers = tiers::tiers(&document.tiers, &document.assets, &assets, problems);
    let mut keys = KeyRegister::new();
    let participants = participants::participants(document, &mut keys, problems);
    let known_organisations: BTreeSet<&str> = document
        .participants
        .iter()
        .map(|participant| participant.lei.as_str())
        .collect();
    let reserves = reserves::reserves(
        document,
        &assets,
        &participants,
        &known_organisations,
        problems,
    );
    let validators = validators::validators(document, &known_organisations, &mut keys, problems);
    let rule_packs = rule_packs::rule_packs(&document.rule_packs, problems);
    let network = network?;
    if !problems.is_empty() {
        return None;
    }
    Some(GenesisRecord {
        network: document.network.name.clone(),
        sandbox: document.network.sandbox,
        time: network.time,
        business_date: network.business_date,
        assets,
        tiers,
        participants,
        reserves,
        validators: validators?,
        rule_packs,
    })
}

/// Checks the version of a document's format.
pub(crate) fn format_version(format: u32, problems: &mut Problems) {
    if format != FORMAT {
        problems.add(
            "format",
            format!("{format} is not a version that this program reads"),
            format!("write {FORMAT}, or use the release that made the document"),
        );
    }
}
