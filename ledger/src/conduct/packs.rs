//! The rule packs in force, decoded once and not for every contact.

use std::sync::Arc;

use bytes::Bytes;
use talea_rules::{
    Effect, Pack, Provision, Rule,
    pack::Applies,
    time_zone::TZ_VERSION,
};
use talea_types::{RulePackId, state::RulePackRecord};

/// The packs in force, ascending by id.
#[derive(Clone, Default)]
pub(crate) struct PacksInForce(Arc<Vec<Pack>>);

impl PacksInForce {
    /// Those of the records that are in force.
    pub(crate) fn of<'a>(
        records: impl Iterator<Item = (&'a RulePackId, &'a RulePackRecord)>,
    ) -> Self {
        let in_force = records.filter(|(_, record)| record.is_in_force());
        let mut packs: Vec<Pack> = in_force
            .map(|(id, record)| {
                Pack::decode(&record.document)
                    .unwrap_or_else(|_| unreadable(id, record.version, &record.document))
            })
            .collect();
        packs.sort_by(|one, other| one.id.cmp(&other.id));
        Self(Arc::new(packs))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Pack> {
        self.0.iter()
    }
}

/// What stands for a pack that this program cannot read: it forbids every contact, for it may be
/// forbidden.
fn unreadable(id: &RulePackId, version: u32, _document: &Bytes) -> Pack {
    let rule = Rule {
        number: 1,
        id: format!("{id}/unreadable"),
        title: "the pack cannot be read".to_owned(),
        source: String::new(),
        url: String::new(),
        unverified: true,
        effect: Effect::Deny,
        channels: Vec::new(),
        parties: Vec::new(),
        purposes: Vec::new(),
        residence: Vec::new(),
        provision: Provision::Forbidden,
    };
    Pack {
        id: id.to_string(),
        version,
        title: "unreadable".to_owned(),
        tz_version: TZ_VERSION.to_owned(),
        applies_to: Applies::default(),
        rules: vec![rule],
    }
}
