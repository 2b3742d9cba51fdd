//! What a debtor does, or what is done for it, holds for permits that were granted before: one that would
//! now be refused is taken back, or cut short if its window has begun.

use talea_rules::{Contact, Provision, SpokenRule, refusals};
use talea_types::{
    AccountId, PermitId,
    conduct::{ContactTallies, PermitStatus},
    event::{CollectionsEvent, ContactRevoked},
    limits::PERMIT_KEPT_MS,
    state::Permit,
};

use super::records::record_contact;
use crate::{
    conduct::{Circumstances, CountedBy, cited, is_refused},
    state::WorkingState,
};

/// Takes back every open permit about a debtor that would now be refused. There are at most
/// [`PERMITS_PER_DEBTOR_MAX`](talea_types::limits::PERMITS_PER_DEBTOR_MAX).
pub(super) fn revoke_forbidden(state: &mut WorkingState<'_>, debtor: AccountId) {
    let Some(permits) = state.debtors.get(&debtor).map(|one| one.permits.clone()) else {
        return;
    };
    for id in permits {
        let forbidden = state
            .collections
            .permits
            .get(&id)
            .map(|permit| forbidden_by(state, permit));
        if let Some(spoke) = forbidden
            && !spoke.is_empty()
        {
            revoke(state, id, cited(&spoke));
        }
    }
}

/// The rules that forbid a permitted contact now. Caps and waits do not: they were asked when the permit
/// was granted, and the counters hold the permit itself.
fn forbidden_by(state: &WorkingState<'_>, permit: &Permit) -> Vec<SpokenRule> {
    let debtor = state.debtors.get(&permit.debtor);
    let loan = state.loans.get(&permit.loan);
    let case = state.collections.cases.get(&permit.case);
    let (Some(debtor), Some(loan), Some(case)) = (debtor, loan, case) else {
        unreachable!("a permit is about a debtor, a loan and a case of the state")
    };
    let contact = Contact {
        channel: permit.channel,
        party: permit.party,
        purpose: permit.purpose,
        from: permit.from.max(state.now),
        until: permit.valid_until,
        debtor: permit.debtor,
        debt: permit.loan,
        case: permit.case,
        contact_point: permit.contact_point,
        opt_out_statement: true,
        recorded: permit.recorded,
    };
    if contact.until <= contact.from {
        return Vec::new();
    }
    let loan = (permit.loan, loan);
    let circumstances = Circumstances::of(state, debtor, loan, permit.collector, Some(case));
    let none = ContactTallies::default();
    let tallies = CountedBy::of(permit).tallies(state, &none);
    let refused = is_refused(state, &permit.debtor, permit.party, &permit.contact_point);
    let facts = circumstances.facts(tallies, refused);
    let mut spoke = refusals(state.rule_book.packs(), &contact, &facts);
    spoke.retain(|rule| !is_about_counts(state, rule));
    spoke
}

fn is_about_counts(state: &WorkingState<'_>, spoken: &SpokenRule) -> bool {
    let pack = state
        .rule_book
        .packs()
        .iter()
        .find(|pack| pack.id == spoken.pack);
    let rule = pack.and_then(|pack| pack.rule(spoken.number));
    rule.is_some_and(|rule| {
        matches!(
            rule.provision,
            Provision::FrequencyCap(_) | Provision::ConversationWait(_)
        )
    })
}

/// Takes an open permit back. If its window has begun the contact may have happened: then the permit
/// still waits for its outcome, but no contact may happen from now on.
pub(super) fn revoke(state: &mut WorkingState<'_>, id: PermitId, rules: Vec<String>) {
    let now = state.now;
    let Some(permit) = state.collections.permits.get(&id).cloned() else {
        return;
    };
    if permit.valid_until <= now {
        return;
    }
    if now <= permit.from {
        let (channel, consented, slot) = (permit.channel, permit.consented, permit.slot());
        CountedBy::of(&permit).count(state, |tallies| tallies.release(channel, consented, slot));
        take_from_open(state, id, &permit);
    }
    if let Some(open) = state.collections.permits.get_mut(&id) {
        open.valid_until = now;
        if now <= permit.from {
            open.status = PermitStatus::Revoked;
            open.ends_at = now.plus_millis(PERMIT_KEPT_MS);
        }
    }
    let event = CollectionsEvent::ContactRevoked(ContactRevoked {
        permit: id,
        case: permit.case,
        at: now,
        rules,
    });
    record_contact(
        state,
        Some(permit.case),
        permit.debtor,
        permit.collector,
        event,
    );
}

/// A permit is no longer among those that are open.
pub(super) fn take_from_open(state: &mut WorkingState<'_>, id: PermitId, permit: &Permit) {
    if let Some(debtor) = state.debtors.get_mut(&permit.debtor) {
        debtor.permits.retain(|open| *open != id);
    }
    if let Some(case) = state.collections.cases.get_mut(&permit.case) {
        case.permits_open = case.permits_open.saturating_sub(1);
    }
}
