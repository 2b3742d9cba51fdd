//! The rule packs in force, read once: deciding on a contact never decodes a document.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use talea_rules::{Pack, lint};
use talea_types::{RulePackId, state::RulePackRecord};

/// The packs in force, ascending by id. Derived from the objects; shared by the executions on a state.
#[derive(Clone, Default)]
pub(crate) struct RuleBook(Arc<[Pack]>);

impl RuleBook {
    /// The packs in force among these. Every document was checked before it became a record.
    pub(crate) fn of<'a>(
        records: impl Iterator<Item = (&'a RulePackId, &'a RulePackRecord)>,
    ) -> Option<Self> {
        let in_force: BTreeMap<_, _> = records.filter(|(_, pack)| pack.is_in_force()).collect();
        let packs = in_force.into_iter();
        let packs = packs.map(|(id, record)| read_pack(*id, record.version, &record.document));
        packs.collect::<Option<_>>().map(Self)
    }

    /// Ascending by id.
    pub(crate) fn packs(&self) -> &[Pack] {
        &self.0
    }
}

/// The pack that a document is: in canonical form, of this id and version, without errors that the
/// linter knows.
pub(crate) fn read_pack(id: RulePackId, version: u32, document: &Bytes) -> Option<Pack> {
    let pack = Pack::decode(document).ok()?;
    let is_named = pack.id == id.as_str() && pack.version == version;
    let findings = lint::check(&pack);
    let is_sound = findings
        .iter()
        .all(|finding| finding.severity != lint::Severity::Error);
    (is_named && is_sound).then_some(pack)
}
