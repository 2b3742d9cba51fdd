//! Events in one line of words each.

use talea_types::{
    Residence,
    event::{CollectionsEvent, ContactPermitted},
    operation::CollectionsOperation,
};

use super::{super::Field, operation, time, time_or};

/// What an operation says, in one line.
fn said(one: &CollectionsOperation) -> String {
    let fields: Vec<String> = operation(one)
        .into_iter()
        .map(|(name, value): Field| format!("{name}: {value}"))
        .collect();
    fields.join("; ")
}

fn words(residence: &Residence) -> String {
    let place = match residence.subdivision.as_str() {
        "" => &residence.country,
        subdivision => subdivision,
    };
    let zones = residence.time_zones.join(", ");
    format!("{place}, time of {zones}, language {}", residence.language)
}

fn because(rules: &[String]) -> String {
    if rules.is_empty() {
        String::new()
    } else {
        format!(" by {}", rules.join(", "))
    }
}

fn permitted(event: &ContactPermitted) -> String {
    format!(
        "{} permits {} a contact from {} until {} ({}){}",
        event.permit,
        event.collector,
        time(event.from),
        time(event.until),
        said(&CollectionsOperation::ContactPermit(event.request.clone())),
        if event.overridden.is_empty() {
            String::new()
        } else {
            format!("; the lender overrides {}", event.overridden.join(", "))
        }
    )
}

/// An event in one line of words.
pub fn event(event: &CollectionsEvent) -> String {
    use CollectionsEvent as Event;
    use CollectionsOperation as Said;
    match event {
        Event::DebtorRegistered(registered) => format!(
            "registered as a debtor by {}: {}",
            registered.sponsor,
            words(&registered.residence)
        ),
        Event::ResidenceChanged(changed) => format!(
            "residence changed by {}: {}",
            changed.by,
            words(&changed.residence)
        ),
        Event::PreferencesSet(set) => {
            format!(
                "preferences set: {}",
                said(&Said::PreferenceSet(set.clone()))
            )
        }
        Event::CasePlaced(placed) => format!(
            "{} placed by {}: {}",
            placed.case,
            placed.lender,
            said(&Said::CasePlace(placed.placed.clone()))
        ),
        Event::CaseRecalled(recall) => {
            format!("case recalled: {}", said(&Said::CaseRecall(recall.clone())))
        }
        Event::NoticeServed(served) => format!(
            "notice served by {}: {}",
            served.by,
            said(&Said::NoticeCommit(served.notice.clone()))
        ),
        Event::ContactPermitted(event) => permitted(event),
        Event::ContactRevoked(revoked) => format!(
            "{} taken back at {}{}",
            revoked.permit,
            time(revoked.at),
            because(&revoked.rules)
        ),
        Event::ContactClosed(closed) => format!(
            "contact closed: {}",
            said(&Said::ContactOutcome(closed.outcome.clone()))
        ),
        Event::ContactReported(reported) => format!(
            "the debtor reports a contact ({}): {}",
            reported.finding,
            said(&Said::ContactReport(reported.report.clone()))
        ),
        Event::Breach(breach) => {
            let case = breach.case.map_or(String::new(), |id| format!(" in {id}"));
            let permit = breach.permit.map_or(String::new(), |id| format!(", {id}"));
            let complaint = match breach.complaint {
                0 => String::new(),
                number => format!(", complaint {number}"),
            };
            format!(
                "breach by {} towards {}{case}: {}{permit}{complaint}",
                breach.by, breach.debtor, breach.kind
            )
        }
        Event::PromiseMade(promise) => {
            format!("promise: {}", said(&Said::PromiseToPay(promise.clone())))
        }
        Event::PromiseEnded(ended) => format!(
            "promise on {} {}: {} minor units were paid",
            ended.loan,
            if ended.kept { "kept" } else { "broken" },
            ended.paid
        ),
        Event::PlanAgreed(plan) => {
            format!("plan agreed: {}", said(&Said::RepaymentPlan(plan.clone())))
        }
        Event::DisputeOpened(dispute) => {
            format!("disputed: {}", said(&Said::DisputeOpen(dispute.clone())))
        }
        Event::DisputeResolved(resolve) => {
            format!(
                "dispute ended: {}",
                said(&Said::DisputeResolve(resolve.clone()))
            )
        }
        Event::ProtectionChanged(changed) => format!(
            "protection by {}, until {}: {}",
            changed.by,
            time_or(changed.until.unwrap_or_default(), "it is lifted"),
            said(&Said::ProtectionSet(changed.set.clone()))
        ),
        Event::ComplaintOpened(opened) => format!(
            "complaint {}, to be acknowledged by {}, resolved by {}: {}",
            opened.number,
            time_or(opened.acknowledge_by.unwrap_or_default(), "no date"),
            time_or(opened.resolve_by.unwrap_or_default(), "no date"),
            said(&Said::ComplaintOpen(opened.complaint.clone()))
        ),
        Event::ComplaintAnswered(answer) => {
            format!(
                "complaint: {}",
                said(&Said::ComplaintAnswer(answer.clone()))
            )
        }
    }
}
