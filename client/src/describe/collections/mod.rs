//! Operations and events about debtors and their debts, in words.

mod event;

use std::fmt::Display;

use talea_types::{
    Residence,
    operation::{
        CasePlace, CollectionsOperation, ContactOutcome, ContactPermit, ContactReport, LocalHours,
        OptOut, Preferences, ProtectionSet,
    },
};

pub(super) use event::event;

use super::{Field, day, field, optional, time, time_or, with};

fn list<T: Display>(values: impl IntoIterator<Item = T>) -> String {
    let values: Vec<String> = values.into_iter().map(|one| one.to_string()).collect();
    values.join(" ")
}

const fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn maybe<T: Display>(name: &str, value: Option<T>) -> Option<Field> {
    value.map(|value| field(name, value))
}

pub(super) fn operation(operation: &CollectionsOperation) -> Vec<Field> {
    use CollectionsOperation as Collections;
    match operation {
        Collections::DebtorRegister(register) => {
            let mut fields = vec![field("account", register.account)];
            fields.extend(residence(&register.residence));
            fields
        }
        Collections::ResidenceSet(set) => {
            let mut fields = vec![field("debtor", set.debtor)];
            fields.extend(residence(&set.residence));
            fields
        }
        Collections::PreferenceSet(set) => {
            let mut fields = vec![field("debtor", set.debtor)];
            fields.extend(preferences(&set.preferences));
            fields
        }
        Collections::CasePlace(place) => case_place(place),
        Collections::CaseRecall(recall) => {
            vec![field("case", recall.case), field("reason", recall.reason)]
        }
        Collections::NoticeCommit(notice) => vec![
            field("case", notice.case),
            field("notice", notice.notice),
            field("commitment", notice.commitment),
        ],
        Collections::ContactPermit(permit) => contact_permit(permit),
        Collections::ContactOutcome(outcome) => contact_outcome(outcome),
        Collections::ContactReport(report) => contact_report(report),
        Collections::PromiseToPay(promise) => vec![
            field("loan", promise.loan),
            field("amount", format!("{} minor units", promise.amount)),
            field("by", day(promise.by)),
        ],
        Collections::RepaymentPlan(plan) => {
            let instalments = plan.instalments.iter();
            let instalments = instalments.map(|one| format!("{} on {}", one.amount, day(one.due)));
            let instalments: Vec<String> = instalments.collect();
            vec![
                field("loan", plan.loan),
                field("instalments, minor units", instalments.join(", ")),
            ]
        }
        Collections::DisputeOpen(dispute) => vec![
            field("loan", dispute.loan),
            field("reason", dispute.reason),
            field("commitment", dispute.commitment),
        ],
        Collections::DisputeResolve(resolve) => with(
            vec![
                field("loan", resolve.loan),
                field("resolution", resolve.resolution),
            ],
            maybe("answer commitment", resolve.answer),
        ),
        Collections::ProtectionSet(set) => protection_set(set),
        Collections::ComplaintOpen(complaint) => vec![
            field("debtor", complaint.debtor),
            field("against", complaint.against),
            field("reason", complaint.reason),
            field("commitment", complaint.commitment),
        ],
        Collections::ComplaintAnswer(answer) => vec![
            field("debtor", answer.debtor),
            field("complaint", answer.number),
            field("step", answer.step),
            field("commitment", answer.commitment),
        ],
    }
}

fn residence(residence: &Residence) -> Vec<Field> {
    let mut fields = vec![field("country", &residence.country)];
    fields.extend(optional("subdivision", &residence.subdivision));
    fields.push(field("time zones", residence.time_zones.join(" ")));
    fields.push(field("language", &residence.language));
    fields
}

fn hours(hours: &LocalHours) -> String {
    let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!("{}-{}", clock(hours.from), clock(hours.until))
}

fn opt_out(opt_out: &OptOut) -> String {
    let channel = opt_out.channel.map_or("any channel", |one| one.as_str());
    match opt_out.contact_point {
        Some(point) => format!("{channel} at {point}"),
        None => channel.to_owned(),
    }
}

fn preferences(preferences: &Preferences) -> Vec<Field> {
    let opt_outs: Vec<String> = preferences.opt_outs.iter().map(opt_out).collect();
    let mut fields = vec![
        field("opts out of", opt_outs.join(", ")),
        field(
            "refuses hours",
            list(preferences.refused_hours.iter().map(hours)),
        ),
    ];
    fields.extend(maybe(
        "agrees to hours",
        preferences.agreed_hours.as_ref().map(hours),
    ));
    fields.push(field("all contact shall cease", yes(preferences.cease)));
    fields.push(field("represented", yes(preferences.represented)));
    fields.push(field("consents to calls of", list(&preferences.consents)));
    fields
}

fn case_place(place: &CasePlace) -> Vec<Field> {
    let fields = vec![
        field("debtor", place.debtor),
        field("collector", place.collector),
        field("loans", list(&place.loans)),
    ];
    let fields = with(fields, maybe("placement notice", place.placement_notice));
    with(fields, maybe("forbearance considered", place.forbearance))
}

fn contact_permit(permit: &ContactPermit) -> Vec<Field> {
    let strategy = &permit.strategy;
    vec![
        field("case", permit.case),
        field("loan", permit.loan),
        field("channel", permit.channel),
        field("party", permit.party),
        field("purpose", permit.purpose),
        field("contact point", permit.contact_point),
        field("from", time(permit.from)),
        field("until", time(permit.until)),
        field("template", &permit.template),
        field("language", &permit.language),
        field("tells how to opt out", yes(permit.opt_out_statement)),
        field("recorded", yes(permit.recorded)),
        field("risk grade", strategy.grade),
        field("model", &strategy.model),
        field("strategy version", strategy.version),
        field("override reason", permit.override_reason),
    ]
}

fn contact_outcome(outcome: &ContactOutcome) -> Vec<Field> {
    let fields = vec![
        field("permit", outcome.permit),
        field("result", outcome.result),
        field("at", time(outcome.at)),
        field("duration", format!("{} s", outcome.duration_seconds)),
        field("third party refused", yes(outcome.third_party_refused)),
    ];
    with(fields, maybe("recording commitment", outcome.recording))
}

fn contact_report(report: &ContactReport) -> Vec<Field> {
    let mut fields = vec![
        field("debtor", report.debtor),
        field("collector", report.collector),
    ];
    fields.extend(maybe("case", report.case));
    fields.extend(maybe("permit", report.permit));
    fields.push(field("begun by", report.initiator));
    fields.push(field("channel", report.channel));
    fields.push(field("result", report.result));
    fields.push(field("at", time(report.at)));
    fields.extend(maybe("evidence commitment", report.evidence));
    fields
}

fn protection_set(set: &ProtectionSet) -> Vec<Field> {
    let mut fields = vec![
        field("debtor", set.debtor),
        field("protection", set.protection),
    ];
    fields.extend(maybe("loan", set.loan));
    fields.push(field("lifted", yes(set.lifted)));
    let until = set.until.unwrap_or_default();
    fields.push(field("until", time_or(until, "as the rules say")));
    fields.push(field("commitment", set.commitment));
    fields
}
