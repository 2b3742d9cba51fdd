//! What is known of a debtor, a debt and a collector. Nothing here grows with the length of a history.

use talea_rules::{
    Collector, Facts, Licence, OptOut, Place, ProtectionInForce, ServedNotice, Tallies, Zone,
    duties::Duties,
    pack::{Hours, MinuteOfDay},
};
use talea_types::{
    CaseId, LoanId, ParticipantId, Timestamp,
    conduct::{ContactTallies, Party, Protection},
    operation::LocalHours,
    state::{Case, Debtor, Loan, Participant, Role},
    time::DAY_MS,
};

use crate::{credit::is_high_cost_short_term, state::WorkingState};

/// What rules are asked about, but for the contact itself and its counters.
pub(crate) struct Circumstances {
    zones: Vec<Zone>,
    residence: Place,
    governing_law: Place,
    high_cost_short_term: bool,
    lender: ParticipantId,
    collector: Collector,
    licence: Option<Licence>,
    notices: Vec<ServedNotice>,
    first_communication: Option<Timestamp>,
    consented_at: Option<Timestamp>,
    agreed_hours: Option<Hours>,
    refused_hours: Vec<Hours>,
    opt_outs: Vec<OptOut>,
    cease: bool,
    represented: bool,
    disputed: bool,
    complained: bool,
    protections: Vec<ProtectionInForce>,
    debtor_unable: bool,
    forbearance_considered: bool,
}

impl Circumstances {
    /// Those of a loan that somebody collects, in a case if there is one.
    pub(crate) fn of(
        state: &WorkingState<'_>,
        debtor: &Debtor,
        (loan_id, loan): (LoanId, &Loan),
        collector: ParticipantId,
        case: Option<&Case>,
    ) -> Self {
        let preferences = debtor.preferences.as_ref();
        let wishes = preferences.map(|(preferences, _)| preferences);
        let consented = preferences.filter(|(one, _)| one.consents.contains(&collector));
        let concerns = debtor
            .protections
            .iter()
            .filter(|entry| entry.loan.is_none_or(|loan| loan == loan_id));
        let protections: Vec<ProtectionInForce> = concerns
            .map(|entry| ProtectionInForce {
                protection: entry.protection,
                from: entry.from,
                until: entry.until,
            })
            .collect();
        let is_dead = debtor
            .protections
            .iter()
            .any(|entry| entry.protection == Protection::Death && entry.is_in_force(state.now));
        Self {
            zones: zones(debtor),
            residence: residence(debtor),
            governing_law: place(&loan.governing_law),
            high_cost_short_term: is_high_cost_short_term(loan),
            lender: loan.lender,
            collector: if collector == loan.lender {
                Collector::Lender
            } else {
                Collector::ThirdParty
            },
            licence: state
                .participants
                .get(&collector)
                .and_then(|participant| licence(participant, state.now)),
            notices: case.map(notices).unwrap_or_default(),
            first_communication: case.and_then(|case| case.first_communication),
            consented_at: consented.map(|(_, at)| *at),
            agreed_hours: wishes.and_then(|one| one.agreed_hours).map(hours),
            refused_hours: wishes.map_or_else(Vec::new, |one| {
                one.refused_hours.iter().copied().map(hours).collect()
            }),
            opt_outs: wishes.map_or_else(Vec::new, |one| {
                let opt_outs = one.opt_outs.iter();
                opt_outs
                    .map(|one| OptOut {
                        channel: one.channel,
                        contact_point: one.contact_point,
                    })
                    .collect()
            }),
            cease: wishes.is_some_and(|one| one.cease),
            represented: wishes.is_some_and(|one| one.represented),
            disputed: debtor.disputes.iter().any(|one| one.loan == loan_id),
            complained: !debtor.complaints.is_empty(),
            protections,
            debtor_unable: is_dead,
            forbearance_considered: case.is_some_and(|case| case.forbearance.is_some()),
        }
    }

    /// Those of a loan for duties beside contacts. An agency that collects it brings its rules with it.
    pub(crate) fn of_loan(
        state: &WorkingState<'_>,
        debtor: &Debtor,
        (id, loan): (LoanId, &Loan),
    ) -> Self {
        let cases = cases_of(state, debtor, Some(id));
        let agency = cases
            .into_iter()
            .find_map(|(_, case)| (case.collector != loan.lender).then_some(case));
        let collector = agency.map_or(loan.lender, |case| case.collector);
        Self::of(state, debtor, (id, loan), collector, agency)
    }

    /// With the counters of a contact, and whether the third party has refused.
    pub(crate) fn facts<'a>(
        &'a self,
        tallies: Tallies<'a>,
        third_party_refused: bool,
    ) -> Facts<'a> {
        Facts {
            zones: &self.zones,
            residence: self.residence,
            governing_law: self.governing_law,
            high_cost_short_term: self.high_cost_short_term,
            lender: self.lender,
            collector: self.collector,
            licence: self.licence.clone(),
            notices: &self.notices,
            first_communication: self.first_communication,
            consented_at: self.consented_at,
            agreed_hours: self.agreed_hours,
            refused_hours: &self.refused_hours,
            opt_outs: &self.opt_outs,
            cease: self.cease,
            represented: self.represented,
            disputed: self.disputed,
            complained: self.complained,
            protections: &self.protections,
            third_party_refused,
            debtor_unable: self.debtor_unable,
            forbearance_considered: self.forbearance_considered,
            tallies,
        }
    }

    /// What the packs in force say beside contacts.
    pub(crate) fn duties<'p>(&self, state: &'p WorkingState<'_>) -> Duties<'p> {
        let none = ContactTallies::default();
        let tallies = Tallies {
            person: &none,
            debt: &none,
            contact_point: &none,
            case: &none,
        };
        Duties::new(state.rule_book.packs(), &self.facts(tallies, false))
    }
}

/// The open cases of a debtor, of all loans or of one, ascending by id.
pub(crate) fn cases_of<'s>(
    state: &'s WorkingState<'_>,
    debtor: &Debtor,
    loan: Option<LoanId>,
) -> Vec<(CaseId, &'s Case)> {
    let cases = debtor.cases.iter();
    let cases = cases.filter_map(|id| Some((*id, state.collections.cases.get(id)?)));
    cases
        .filter(|(_, case)| loan.is_none_or(|loan| case.loans.contains(&loan)))
        .collect()
}

/// Whether a third party at a contact point said that it wants no contact.
pub(crate) fn is_refused(
    state: &WorkingState<'_>,
    debtor: &talea_types::AccountId,
    party: Party,
    contact_point: &talea_types::Hash,
) -> bool {
    if party != Party::ThirdParty {
        return false;
    }
    let points = state.collections.contact_points.get(debtor);
    let point = points.and_then(|points| points.find(contact_point));
    point.is_some_and(|point| point.refused)
}

/// All time zones of a debtor. If one of them is unknown there are none: then nothing that depends on
/// local time is allowed.
fn zones(debtor: &Debtor) -> Vec<Zone> {
    let zones = debtor.residence.time_zones.iter();
    let zones: Option<Vec<Zone>> = zones.map(|name| Zone::find(name)).collect();
    zones.unwrap_or_default()
}

fn residence(debtor: &Debtor) -> Place {
    match Place::of_residence(&debtor.residence) {
        Ok(place) => place,
        Err(error) => unreachable!("a residence has its form from decoding: {error}"),
    }
}

fn place(country: &str) -> Place {
    match country.parse() {
        Ok(place) => place,
        Err(error) => unreachable!("a country has its form from decoding: {error}"),
    }
}

fn hours(hours: LocalHours) -> Hours {
    let minute = |minute| match MinuteOfDay::new(minute) {
        Ok(minute) => minute,
        Err(error) => unreachable!("hours have their form from decoding: {error}"),
    };
    Hours {
        from: minute(hours.from),
        until: minute(hours.until),
    }
}

/// The licence of an agency. The ledger is the public list: who is on it and active is listed.
fn licence(participant: &Participant, now: Timestamp) -> Option<Licence> {
    participant
        .has_role(Role::CollectionAgency)
        .then(|| Licence {
            jurisdiction: place(&participant.jurisdiction),
            valid_until: participant.licence_expires_at,
            listed_publicly: participant.is_active(now),
            evaluated_at: participant
                .evaluated_on
                .map(|day| Timestamp::from_millis(u64::from(day).saturating_mul(DAY_MS))),
        })
}

fn notices(case: &Case) -> Vec<ServedNotice> {
    let notices = case.notices.iter();
    notices
        .map(|served| ServedNotice {
            notice: served.notice,
            at: served.at,
        })
        .collect()
}
