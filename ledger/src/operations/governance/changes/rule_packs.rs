//! Rule packs come into force and are retired. A retired pack stays in the state, so that no version is
//! ever used twice.

use talea_types::{
    EventDetail, Outcome, RulePackId, Subject,
    event::RulePackSet,
    limits::RULE_PACKS_MAX,
    operation::{RulePackActivate, RulePackRetire},
    rule_pack::document_hash,
    state::{RulePackRecord, RulePackStatus},
};

use super::Effect;
use crate::{
    events,
    state::{RuleBook, WorkingState, read_pack},
};

pub(super) fn check_activate(
    state: &WorkingState<'_>,
    change: &RulePackActivate,
) -> Result<(), Outcome> {
    if read_pack(change.pack, change.version, &change.document).is_none() {
        return Err(Outcome::PackInvalid);
    }
    let before = state.rule_packs.get(&change.pack);
    if before.is_some_and(|before| before.version >= change.version) {
        return Err(Outcome::PackVersion);
    }
    if before.is_none() && state.rule_packs.iter().count() >= RULE_PACKS_MAX {
        return Err(Outcome::PacksFull);
    }
    Ok(())
}

pub(super) fn activate(state: &mut WorkingState<'_>, change: &RulePackActivate, effect: &Effect) {
    let record = RulePackRecord {
        version: change.version,
        document: change.document.clone(),
        hash: document_hash(&change.document),
        from_height: effect.height,
        owner: Some(effect.initiator),
        status: RulePackStatus::InForce,
    };
    put(state, change.pack, record, effect);
}

pub(super) fn check_retire(
    state: &WorkingState<'_>,
    change: &RulePackRetire,
) -> Result<(), Outcome> {
    match state.rule_packs.get(&change.pack) {
        Some(pack) if pack.is_in_force() => Ok(()),
        _ => Err(Outcome::PackUnknown),
    }
}

pub(super) fn retire(state: &mut WorkingState<'_>, change: &RulePackRetire, effect: &Effect) {
    let Some(mut record) = state.rule_packs.get(&change.pack).cloned() else {
        unreachable!("the change was checked")
    };
    record.from_height = effect.height;
    record.status = RulePackStatus::Retired;
    put(state, change.pack, record, effect);
}

fn put(state: &mut WorkingState<'_>, pack: RulePackId, record: RulePackRecord, effect: &Effect) {
    let detail = EventDetail::RulePackSet(RulePackSet {
        pack,
        version: record.version,
        hash: record.hash,
        status: record.status,
        proposal: effect.proposal,
    });
    state.rule_packs.insert(pack, record);
    let Some(book) = RuleBook::of(state.rule_packs.iter()) else {
        unreachable!("every document was checked")
    };
    state.rule_book = book;
    events::append(state, Subject::Participant(effect.initiator), detail);
}
