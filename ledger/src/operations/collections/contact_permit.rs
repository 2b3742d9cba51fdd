//! `ContactPermit`: a collector asks for the permission for one contact. The rules of every pack that
//! binds decide, over the contacts of all agencies and all of the lender's own desks; what is granted is
//! counted in the same instant, so two collectors cannot both get the last slot.

use talea_rules::{Contact, Decision, Facts, SpokenRule, explain::Explanation, refusals};
use talea_types::{
    Outcome, PermitId, Subject, Timestamp,
    conduct::{ContactTallies, PermitStatus},
    event::{CollectionsEvent, ContactPermitted},
    limits::{
        CONTACT_POINTS_PER_DEBTOR_MAX, PERMIT_AHEAD_MS_MAX, PERMIT_GRACE_MS, PERMIT_WINDOW_MS_MAX,
        PERMITS_PER_CASE_MAX, PERMITS_PER_DEBTOR_MAX,
    },
    operation::ContactPermit,
    state::{Case, Debtor, Loan, LoanStatus, Permit},
};

use super::records::record_contact;
use crate::{
    conduct::{Circumstances, CountedBy, cited, is_refused},
    operations::Refusal,
    state::WorkingState,
};

pub(super) fn contact_permit(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ContactPermit,
) -> Result<(), Refusal> {
    let granted = check(state, author, operation)?;

    let (contact, collector) = (granted.contact, granted.collector);
    let id = PermitId::granted_by(state.transaction(), 0);
    let permit = Permit {
        case: operation.case,
        loan: operation.loan,
        debtor: contact.debtor,
        collector,
        channel: operation.channel,
        party: operation.party,
        purpose: operation.purpose,
        contact_point: operation.contact_point,
        from: contact.from,
        until: contact.until,
        valid_until: contact.until,
        recorded: operation.recorded,
        consented: granted.consented,
        status: PermitStatus::Open,
        result: None,
        ends_at: contact.until.plus_millis(PERMIT_GRACE_MS),
    };
    let (channel, consented, slot) = (permit.channel, permit.consented, permit.slot());
    CountedBy::of(&permit).count(state, |tallies| tallies.reserve(channel, consented, slot));
    state.collections.permits.insert(id, permit);
    if let Some(case) = state.collections.cases.get_mut(&operation.case) {
        case.permits_open = case.permits_open.saturating_add(1);
    }
    if let Some(debtor) = state.debtors.get_mut(&contact.debtor) {
        let at = debtor.permits.partition_point(|other| *other < id);
        debtor.permits.insert(at, id);
        debtor.contact_points.find_or_add(operation.contact_point);
    }
    let event = CollectionsEvent::ContactPermitted(ContactPermitted {
        permit: id,
        collector,
        from: contact.from,
        until: contact.until,
        request: operation.clone(),
        overridden: granted.overridden,
    });
    record_contact(
        state,
        Some(operation.case),
        contact.debtor,
        collector,
        event,
    );
    Ok(())
}

/// A contact that may happen.
struct Granted {
    contact: Contact,
    collector: talea_types::ParticipantId,
    consented: bool,
    overridden: Vec<String>,
}

fn check(
    state: &WorkingState<'_>,
    author: Subject,
    operation: &ContactPermit,
) -> Result<Granted, Refusal> {
    let case = state.collections.cases.get(&operation.case);
    if case.is_some_and(|case| author != Subject::Participant(case.collector)) {
        return Err(Outcome::NotPermitted.into());
    }
    let from = operation.from.max(state.now);
    check_window(state.now, from, operation.until)?;
    let loan = state.loans.get(&operation.loan);
    let loan = loan.ok_or(Outcome::LoanUnknown)?;
    if !matches!(loan.status, LoanStatus::Active | LoanStatus::ChargedOff) {
        return Err(Outcome::LoanStatus.into());
    }
    let case = case.ok_or(Outcome::CaseUnknown)?;
    if !case.is_open() {
        return Err(Outcome::CaseClosed.into());
    }
    // The debt may have been sold since the case was placed.
    if !case.loans.contains(&operation.loan) || loan.lender != case.lender {
        return Err(Outcome::CaseOfAnother.into());
    }
    super::case_place::check_collector(state, case.lender, case.collector)?;
    let debtor = state.debtors.get(&case.debtor);
    let debtor = debtor.ok_or(Outcome::DebtorUnknown)?;
    check_room(debtor, case, operation)?;
    let contact = contact_of(state, case, operation);
    let (spoke, consented) = spoken(state, debtor, case, loan, &contact);
    let overridden = match Decision::of(&spoke) {
        Decision::Allow => Vec::new(),
        // The lender has signed: its consent was asked for with the signatures.
        Decision::NeedsOverride if operation.override_reason != 0 => cited(&spoke),
        Decision::NeedsOverride => {
            let rules = cited(&spoke);
            return Err(Refusal::by_rules(Outcome::OverrideNeeded, rules));
        }
        Decision::Deny => {
            let rules = cited(&spoke);
            return Err(Refusal::by_rules(Outcome::ContactRefused, rules));
        }
    };
    Ok(Granted {
        contact,
        collector: case.collector,
        consented,
        overridden,
    })
}

/// What every rule says about a contact, as if a permit for it were asked for now.
///
/// # Errors
/// The [`Outcome`] with which a permit would be refused before any rule is asked.
pub(crate) fn explain_contact(
    state: &WorkingState<'_>,
    author: Subject,
    operation: &ContactPermit,
) -> Result<Explanation, Outcome> {
    let case = state.collections.cases.get(&operation.case);
    match check(state, author, operation).map_err(|refusal| refusal.outcome) {
        Ok(_) | Err(Outcome::OverrideNeeded | Outcome::ContactRefused) => {}
        Err(outcome) => return Err(outcome),
    }
    let case = case.ok_or(Outcome::CaseUnknown)?;
    let debtor = state
        .debtors
        .get(&case.debtor)
        .ok_or(Outcome::DebtorUnknown)?;
    let loan = state
        .loans
        .get(&operation.loan)
        .ok_or(Outcome::LoanUnknown)?;
    let contact = contact_of(state, case, operation);
    Ok(with_facts(state, debtor, case, loan, &contact, |facts| {
        talea_rules::explain(state.rule_book.packs(), &contact, facts)
    }))
}

/// The contact that rules are asked about.
fn contact_of(state: &WorkingState<'_>, case: &Case, operation: &ContactPermit) -> Contact {
    Contact {
        channel: operation.channel,
        party: operation.party,
        purpose: operation.purpose,
        from: operation.from.max(state.now),
        until: operation.until,
        debtor: case.debtor,
        debt: operation.loan,
        case: operation.case,
        contact_point: operation.contact_point,
        opt_out_statement: operation.opt_out_statement,
        recorded: operation.recorded,
    }
}

fn check_window(now: Timestamp, from: Timestamp, until: Timestamp) -> Result<(), Outcome> {
    if from < until
        && until <= from.plus_millis(PERMIT_WINDOW_MS_MAX)
        && from <= now.plus_millis(PERMIT_AHEAD_MS_MAX)
    {
        Ok(())
    } else {
        Err(Outcome::TimeOutOfRange)
    }
}

/// Checks that one more permit may be open, at one more contact point if it is new.
fn check_room(debtor: &Debtor, case: &Case, operation: &ContactPermit) -> Result<(), Outcome> {
    let known = &debtor.contact_points;
    if debtor.permits.len() >= PERMITS_PER_DEBTOR_MAX
        || case.permits_open >= PERMITS_PER_CASE_MAX
        || (known.points.len() >= CONTACT_POINTS_PER_DEBTOR_MAX
            && known.find(&operation.contact_point).is_none())
    {
        return Err(Outcome::TooManyOpen);
    }
    Ok(())
}

/// The rules that refuse, and whether the contact counts as one with fresh consent.
fn spoken(
    state: &WorkingState<'_>,
    debtor: &Debtor,
    case: &Case,
    loan: &Loan,
    contact: &Contact,
) -> (Vec<SpokenRule>, bool) {
    with_facts(state, debtor, case, loan, contact, |facts| {
        let consented = facts.counts_as_consented(contact);
        (refusals(state.rule_book.packs(), contact, facts), consented)
    })
}

/// Asks something of all that rules are asked about.
fn with_facts<T>(
    state: &WorkingState<'_>,
    debtor: &Debtor,
    case: &Case,
    loan: &Loan,
    contact: &Contact,
    ask: impl FnOnce(&Facts<'_>) -> T,
) -> T {
    let circumstances = Circumstances::of(
        state,
        debtor,
        (contact.debt, loan),
        case.collector,
        Some(case),
    );
    let counted_by = CountedBy {
        debtor: contact.debtor,
        loan: contact.debt,
        contact_point: contact.contact_point,
        case: contact.case,
    };
    let none = ContactTallies::default();
    let refused = is_refused(debtor, contact.party, &contact.contact_point);
    ask(&circumstances.facts(counted_by.tallies(state, debtor, case, &none), refused))
}
