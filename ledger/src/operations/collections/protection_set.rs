//! `ProtectionSet`: protects a debtor (breathing space, hardship, insolvency, death, a time-barred claim),
//! or ends a protection. The packs say what it stops, how long it lasts and how often it can be had.

use talea_rules::{SpokenRule, duties::ProtectionTerms};
use talea_types::{
    AccountId, LoanId, Outcome, Subject, Timestamp,
    conduct::Protection,
    credit::Pause,
    event::{CollectionsEvent, ProtectionChanged},
    limits::{PROTECTION_MS_MAX, PROTECTIONS_PER_DEBTOR_MAX},
    operation::ProtectionSet,
    state::{Debtor, ProtectionEntry, Role},
    time::DAY_MS,
};

use super::{records::record_on_cases, revocation::revoke_forbidden};
use crate::{
    conduct::{Circumstances, cited},
    credit::{add_months, check_pausable, pause_loan, resume_loan},
    operations::{Refusal, open_loans},
    state::WorkingState,
};

pub(super) fn protection_set(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ProtectionSet,
) -> Result<(), Refusal> {
    let id = operation.debtor;
    check_author(state, author, operation)?;
    check_until(state.now, operation.until)?;
    let debtor = state.debtors.get(&id).ok_or(Outcome::DebtorUnknown)?;
    if let Some(loan) = operation.loan {
        let loan = state.loans.get(&loan).ok_or(Outcome::LoanUnknown)?;
        if loan.borrower != id {
            return Err(Outcome::CaseOfAnother.into());
        }
    }
    if operation.lifted {
        return lift(state, author, operation);
    }
    let terms = Terms::of(state, debtor, operation);
    let until = terms.until(state.now, operation.until);
    let source = state.transaction().hash();
    let pauses = terms.pauses(state, source, until);
    for (loan, pause) in &pauses {
        check_pausable(state, *loan, pause)?;
    }
    terms.check(state, debtor, operation)?;
    let kept = kept_beside(state, debtor, operation);
    if kept.len() >= PROTECTIONS_PER_DEBTOR_MAX {
        return Err(Outcome::TooManyOpen.into());
    }

    let entry = ProtectionEntry {
        protection: operation.protection,
        loan: operation.loan,
        from: state.now,
        until,
        source,
        set_by: author,
    };
    if let Some(debtor) = state.debtors.get_mut(&id) {
        debtor.protections = kept;
        let at = debtor
            .protections
            .partition_point(|other| other.key() < entry.key());
        debtor.protections.insert(at, entry);
    }
    let event = CollectionsEvent::ProtectionChanged(ProtectionChanged {
        by: author,
        set: operation.clone(),
        until,
    });
    record_on_cases(state, id, operation.loan, event);
    for (loan, pause) in pauses {
        pause_loan(state, loan, pause);
    }
    revoke_forbidden(state, id);
    Ok(())
}

/// The protections that stay beside a new one: not the one before it, nor those about loans that are over. So they
/// never become more and more while loans come and go, and nobody can fill the place of others with them.
fn kept_beside(
    state: &WorkingState<'_>,
    debtor: &Debtor,
    operation: &ProtectionSet,
) -> Vec<ProtectionEntry> {
    let key = (operation.protection, operation.loan);
    let matters = |entry: &&ProtectionEntry| {
        let loan = entry.loan.and_then(|loan| state.loans.get(&loan));
        let is_over = loan.is_some_and(|loan| loan.status.is_over());
        entry.key() != key && !is_over
    };
    debtor.protections.iter().filter(matters).copied().collect()
}

/// Who may set a protection follows from its kind; who set it may lift it, and an authority may always.
fn check_author(
    state: &WorkingState<'_>,
    author: Subject,
    operation: &ProtectionSet,
) -> Result<(), Outcome> {
    let debtor = state.debtors.get(&operation.debtor);
    let participant = match author {
        Subject::Participant(id) => state.participants.get(&id),
        _ => None,
    };
    let has_role =
        |role| participant.is_some_and(|one| one.has_role(role) && one.is_active(state.now));
    let is_authority = has_role(Role::Authority);
    if operation.lifted {
        let key = (operation.protection, operation.loan);
        let entry = debtor.and_then(|one| one.protections.iter().find(|one| one.key() == key));
        let may_lift = is_authority || entry.is_none_or(|entry| entry.set_by == author);
        return if may_lift {
            Ok(())
        } else {
            Err(Outcome::NotPermitted)
        };
    }
    let is_debtor = author == Subject::Account(operation.debtor);
    let is_adviser = has_role(Role::Adviser);
    let lends = |loan: &LoanId| {
        let loan = state.loans.get(loan);
        loan.is_some_and(|loan| author == Subject::Participant(loan.lender))
    };
    let is_lender = match &operation.loan {
        Some(loan) => lends(loan),
        None => debtor.is_some_and(|debtor| debtor.loans.iter().any(lends)),
    };
    let may_set = match operation.protection {
        Protection::MentalHealthCrisis => is_adviser || is_authority,
        Protection::Hardship => is_debtor || is_adviser || is_authority || is_lender,
        Protection::BreathingSpace | Protection::Insolvency => {
            is_adviser || is_authority || is_lender
        }
        Protection::Death | Protection::TimeBarred => is_authority || is_lender,
    };
    if may_set {
        Ok(())
    } else {
        Err(Outcome::NotPermitted)
    }
}

fn check_until(now: Timestamp, until: Option<Timestamp>) -> Result<(), Outcome> {
    let latest = now.plus_millis(PROTECTION_MS_MAX);
    if until.is_some_and(|until| until <= now || latest < until) {
        return Err(Outcome::TimeOutOfRange);
    }
    Ok(())
}

/// What the packs say about a protection: for each loan what it stops, and for all of them together how
/// long it lasts and how often it can be had.
struct Terms {
    of_loans: Vec<(LoanId, ProtectionTerms)>,
    length_days: u32,
    days_after: u32,
    once_in_months: u32,
    spoke: Vec<SpokenRule>,
}

impl Terms {
    fn of(state: &WorkingState<'_>, debtor: &Debtor, operation: &ProtectionSet) -> Self {
        let loans = match operation.loan {
            Some(loan) => vec![loan],
            None => open_loans(state, debtor).collect(),
        };
        let mut terms = Self {
            of_loans: Vec::new(),
            length_days: 0,
            days_after: 0,
            once_in_months: 0,
            spoke: Vec::new(),
        };
        for id in loans {
            let Some(loan) = state.loans.get(&id) else {
                continue;
            };
            let circumstances = Circumstances::of_loan(state, debtor, (id, loan));
            let Some(duty) = circumstances.duties(state).protection(operation.protection) else {
                continue;
            };
            let one = duty.figure;
            if terms.of_loans.is_empty() {
                terms.length_days = one.length_days;
                terms.once_in_months = one.once_in_months;
            } else {
                // "Until it is lifted" is longer than any number of days.
                let lasts = terms.length_days.min(one.length_days) > 0;
                let longer = terms.length_days.max(one.length_days);
                terms.length_days = if lasts { longer } else { 0 };
                terms.once_in_months = terms.once_in_months.min(one.once_in_months);
            }
            terms.days_after = terms.days_after.max(one.days_after);
            terms.spoke.extend(duty.spoke);
            terms.of_loans.push((id, one));
        }
        terms.spoke.sort();
        terms.spoke.dedup();
        terms
    }

    /// When the protection ends: as asked, or as the packs say.
    fn until(&self, now: Timestamp, asked: Option<Timestamp>) -> Option<Timestamp> {
        let by_rules = (self.length_days > 0).then(|| plus_days(now, self.length_days));
        asked.or(by_rules)
    }

    /// What each loan is paused for.
    fn pauses(
        &self,
        state: &WorkingState<'_>,
        source: talea_types::Hash,
        until: Option<Timestamp>,
    ) -> Vec<(LoanId, Pause)> {
        let today = state.clock.business_date;
        let days = |until: Timestamp| {
            let length = until.millis().saturating_sub(state.now.millis());
            u32::try_from(length.div_ceil(DAY_MS)).unwrap_or(u32::MAX)
        };
        let stopped = self.of_loans.iter().filter(|(_, terms)| {
            terms.stops.interest || terms.stops.fees || terms.stops.furnishing
        });
        stopped
            .map(|(loan, terms)| {
                let pause = Pause {
                    source,
                    from: today,
                    until: until.map(|until| today.saturating_add(days(until))),
                    interest: terms.stops.interest,
                    fees: terms.stops.fees,
                    ageing: terms.stops.interest,
                    furnishing: terms.stops.furnishing,
                };
                (*loan, pause)
            })
            .collect()
    }

    /// Checks that the debtor can have the protection now, and for so long.
    fn check(
        &self,
        state: &WorkingState<'_>,
        debtor: &Debtor,
        operation: &ProtectionSet,
    ) -> Result<(), Refusal> {
        let key = (operation.protection, operation.loan);
        let before = debtor.protections.iter().find(|one| one.key() == key);
        if before.is_some_and(|before| before.is_in_force(state.now)) {
            return Err(Outcome::ProtectionExists.into());
        }
        let longest = plus_days(state.now, self.length_days);
        if self.length_days > 0 && operation.until.is_some_and(|until| longest < until) {
            let rules = cited(&self.spoke);
            return Err(Refusal::by_rules(Outcome::ProtectionTooLong, rules));
        }
        let again = |before: &ProtectionEntry| {
            add_months(before.from.day(), self.once_in_months) <= state.now.day()
        };
        if before.is_some_and(|before| !again(before)) {
            let rules = cited(&self.spoke);
            return Err(Refusal::by_rules(Outcome::ProtectionTooSoon, rules));
        }
        Ok(())
    }
}

/// Ends a protection, at once or so many days after as the packs say.
fn lift(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ProtectionSet,
) -> Result<(), Refusal> {
    let id: AccountId = operation.debtor;
    let now = state.now;
    let key = (operation.protection, operation.loan);
    let debtor = state.debtors.get(&id).ok_or(Outcome::DebtorUnknown)?;
    let entry = debtor.protections.iter().find(|one| one.key() == key);
    let entry = entry.filter(|entry| entry.is_in_force(now));
    let source = entry.ok_or(Outcome::ProtectionUnknown)?.source;

    let terms = Terms::of(state, debtor, operation);
    let loans = match operation.loan {
        Some(loan) => vec![loan],
        None => debtor.loans.clone(),
    };
    let ends = plus_days(now, terms.days_after);
    let mut until = Some(ends);
    if let Some(debtor) = state.debtors.get_mut(&id)
        && let Some(entry) = debtor.protections.iter_mut().find(|one| one.key() == key)
    {
        entry.until = Some(entry.until.map_or(ends, |until| until.min(ends)));
        until = entry.until;
    }
    let event = CollectionsEvent::ProtectionChanged(ProtectionChanged {
        by: author,
        set: operation.clone(),
        until,
    });
    record_on_cases(state, id, operation.loan, event);
    let date = state.clock.business_date.saturating_add(terms.days_after);
    for loan in loans {
        resume_loan(state, loan, source, date);
    }
    Ok(())
}

fn plus_days(time: Timestamp, days: u32) -> Timestamp {
    time.plus_millis(u64::from(days).saturating_mul(DAY_MS))
}
