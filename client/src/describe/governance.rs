//! Proposals in words.

use talea_types::{
    Outcome, Timestamp,
    event::{ParticipantStatusSet, ProposalStep, ProposalStepped, RulePackSet},
    operation::{Change, ChangeTerms, Propose},
    rule_pack::document_hash,
    state::{Registration, RulePackStatus, Tier},
};

use super::{Decimals, Field, day, field, milliseconds, money, policy, time, validator};

/// A proposal, field by field.
pub(super) fn propose(propose: &Propose, decimals: &Decimals) -> Vec<Field> {
    let mut fields = vec![
        field("change", propose.change.name()),
        field("effective height", propose.effective_height),
        field("approve by", time(propose.approve_by)),
    ];
    match &propose.change {
        Change::ParticipantRegister(registration) => fields.extend(register(registration)),
        Change::ParticipantStatus(status) => {
            fields.push(field("organisation", status.participant));
            fields.push(field("suspended", yes_or_no(status.suspended)));
            fields.push(field("licence ends", licence(status.licence_expires_at)));
            fields.push(field("last evaluated", evaluated(status.evaluated_on)));
        }
        Change::ValidatorSetChange(change) => {
            fields.extend(change.upserts.iter().map(validator));
            let removals = change.removals.iter();
            fields.extend(removals.map(|id| field("remove validator", id)));
        }
        Change::RulePackActivate(change) => {
            fields.push(field("rule pack", change.pack));
            fields.push(field("version", change.version));
            fields.push(field(
                "document",
                format!("{} bytes", change.document.len()),
            ));
            fields.push(field("document's hash", document_hash(&change.document)));
        }
        Change::RulePackRetire(change) => fields.push(field("rule pack", change.pack)),
        Change::GovernancePolicy(policy) => fields.extend(policy.all().iter().map(terms)),
        Change::LimitSet(change) => {
            fields.push(field("tier", change.tier));
            fields.extend(tier(&change.figures, decimals));
        }
    }
    fields
}

fn register(registration: &Registration) -> Vec<Field> {
    let roles: Vec<String> = registration
        .roles
        .iter()
        .map(|one| format!("{one:?}"))
        .collect();
    let mut fields = vec![
        field("LEI", &registration.lei),
        field("BIC", &registration.bic),
        field("name", &registration.name),
        field("jurisdiction", &registration.jurisdiction),
        field("roles", roles.join(", ")),
        field("licence ends", licence(registration.licence_expires_at)),
        field("last evaluated", evaluated(registration.evaluated_on)),
    ];
    fields.extend(policy("its keys", &registration.policy));
    fields
}

fn terms(terms: &ChangeTerms) -> Field {
    field(
        terms.kind.name(),
        format!(
            "more than {}/{} of the power and {} organisations, {} blocks and {} before the effect",
            terms.power_numerator,
            terms.power_denominator,
            terms.organisations,
            terms.notice_blocks,
            milliseconds(terms.notice_ms)
        ),
    )
}

fn tier(tier: &Tier, decimals: &Decimals) -> Vec<Field> {
    let mut fields = vec![field("name", &tier.name)];
    fields.extend(tier.limits.iter().map(|limit| {
        let money = |amount| money(amount, limit.asset, decimals);
        field(
            "at most",
            format!(
                "{} a transaction, {} a day, {} a month",
                money(limit.per_transaction),
                money(limit.per_day),
                money(limit.per_month)
            ),
        )
    }));
    fields
}

/// A step of a proposal in one line.
pub(super) fn step(step: &ProposalStepped) -> String {
    let words = match step.step {
        ProposalStep::Proposed => "proposed".to_owned(),
        ProposalStep::Approved => "approved".to_owned(),
        ProposalStep::Accepted => "accepted: it has the approvals that it needs".to_owned(),
        ProposalStep::Withdrawn => "withdrawn".to_owned(),
        ProposalStep::Vetoed => format!("vetoed, reason {}", step.code),
        ProposalStep::Lapsed => "lapsed without the approvals that it needs".to_owned(),
        ProposalStep::Effected => "took effect".to_owned(),
        ProposalStep::Failed => {
            let outcome = Outcome::from_number(step.code);
            let name = outcome.map_or_else(|| step.code.to_string(), |one| one.to_string());
            format!("failed: {name}")
        }
    };
    let by = step.by.map_or_else(String::new, |by| format!(" by {by}"));
    format!(
        "{} ({}, change {}, effective at height {}) {words}{by}",
        step.proposal,
        step.kind.name(),
        step.change_hash,
        step.effective_height
    )
}

/// What an organisation may do, in one line.
pub(super) fn status(set: &ParticipantStatusSet) -> String {
    format!(
        "{}, licence ends {}, last evaluated {}, by {}",
        if set.suspended {
            "suspended"
        } else {
            "not suspended"
        },
        licence(set.licence_expires_at),
        evaluated(set.evaluated_on),
        set.proposal
    )
}

/// What became of a rule pack, in one line.
pub(super) fn rule_pack(set: &RulePackSet) -> String {
    let status = match set.status {
        RulePackStatus::InForce => "in force",
        RulePackStatus::Retired => "retired",
    };
    format!(
        "rule pack {} version {} ({}) {status} by {}",
        set.pack, set.version, set.hash, set.proposal
    )
}

fn licence(end: Option<Timestamp>) -> String {
    end.map_or_else(|| "never".to_owned(), time)
}

fn evaluated(on: Option<u32>) -> String {
    on.map_or_else(|| "never".to_owned(), day)
}

const fn yes_or_no(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}
