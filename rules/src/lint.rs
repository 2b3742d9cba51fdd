//! Faults of a pack that can be found before anybody proposes it. A pack in which [`check`] finds nothing
//! can be counted and decided exactly; a network refuses to activate any other.

use std::{collections::BTreeSet, fmt};

use talea_types::limits::{
    CAP_COUNT_MAX, CAP_DAYS_MAX, CONSENT_FRESH_DAYS, FAILURES_KEPT_MAX, RULE_ID_BYTES_MAX,
    RULE_PACK_BYTES_MAX, RULE_PLACES_MAX, RULE_TEXT_BYTES_MAX, RULES_PER_PACK_MAX,
};

use crate::{
    pack::{Counted, FrequencyCap, Pack, PackError, Provision, Rule, line_of},
    time_zone::TZ_VERSION,
};

/// Longest time that a figure in days may mean.
const LONGEST_DAYS: u32 = 36_525;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// To be known before the pack is proposed.
    Warning,
    /// The pack cannot be activated.
    Error,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// The line of the document, counted from 1; 0 when only bytes were looked at.
    pub line: usize,
    /// The rule, or nothing for the pack itself.
    pub rule: String,
    /// The field.
    pub field: &'static str,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        write!(f, "{severity}: ")?;
        if !self.rule.is_empty() {
            write!(f, "{}: ", self.rule)?;
        }
        write!(f, "{}: {}", self.field, self.reason)
    }
}

/// Reads a document and looks for faults. The pack is returned when its form is right, even if it has
/// faults.
#[must_use]
pub fn lint(document: &str) -> (Option<Pack>, Vec<Finding>) {
    match Pack::from_toml(document) {
        Ok(pack) => {
            let lines = rule_lines(document);
            let mut findings = check(&pack);
            for finding in &mut findings {
                let rules = pack.rules.iter().zip(&lines);
                let found = rules.into_iter().find(|(rule, _)| rule.id == finding.rule);
                finding.line = found.map_or(1, |(_, line)| *line);
            }
            (Some(pack), findings)
        }
        Err(error) => {
            let (line, reason) = match error {
                PackError::Text { line, reason } => (line, reason),
                PackError::Bytes(error) => (1, error.to_string()),
            };
            let finding = Finding {
                severity: Severity::Error,
                line,
                rule: String::new(),
                field: "document",
                reason,
            };
            (None, vec![finding])
        }
    }
}

/// The lines at which rules start.
fn rule_lines(document: &str) -> Vec<usize> {
    let starts = document.match_indices("[[rule]]");
    starts.map(|(byte, _)| line_of(document, byte)).collect()
}

/// Looks for faults of a pack.
#[must_use]
pub fn check(pack: &Pack) -> Vec<Finding> {
    let mut findings = Findings {
        rule: String::new(),
        list: Vec::new(),
    };
    check_pack(pack, &mut findings);
    let mut ids = BTreeSet::new();
    let mut last = 0;
    for rule in &pack.rules {
        findings.rule.clone_from(&rule.id);
        findings.error_if(rule.number <= last, "number", || {
            format!(
                "{} does not come after {last}; numbers ascend from 1",
                rule.number
            )
        });
        last = rule.number;
        findings.error_if(!ids.insert(&rule.id), "id", || {
            "another rule has this id".to_owned()
        });
        let prefix = format!("{}/", pack.id);
        findings.error_if(!rule.id.starts_with(&prefix), "id", || {
            format!("ids of this pack start with '{prefix}'")
        });
        check_texts(rule, &mut findings);
        check_provision(rule, &mut findings);
    }
    findings.list
}

/// Findings, and the rule that is looked at.
struct Findings {
    rule: String,
    list: Vec<Finding>,
}

impl Findings {
    fn error_if(&mut self, wrong: bool, field: &'static str, reason: impl FnOnce() -> String) {
        self.add_if(wrong, Severity::Error, field, reason);
    }

    fn add_if(
        &mut self,
        wrong: bool,
        severity: Severity,
        field: &'static str,
        reason: impl FnOnce() -> String,
    ) {
        if wrong {
            self.list.push(Finding {
                severity,
                line: 0,
                rule: self.rule.clone(),
                field,
                reason: reason(),
            });
        }
    }

    fn range(&mut self, field: &'static str, value: u32, from: u32, to: u32) {
        self.error_if(!(from..=to).contains(&value), field, || {
            format!("{value} is not between {from} and {to}")
        });
    }
}

fn check_pack(pack: &Pack, findings: &mut Findings) {
    let is_name = |id: &str| {
        id.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let fits = (1..=RULE_ID_BYTES_MAX).contains(&pack.id.len());
    findings.error_if(!fits || !is_name(&pack.id), "id", || {
        format!("1 to {RULE_ID_BYTES_MAX} small letters, digits and hyphens")
    });
    findings.range("version", pack.version, 1, u32::MAX);
    findings.error_if(pack.tz_version != TZ_VERSION, "tz_version", || {
        format!(
            "the pack was checked with time zone database '{}', this software has '{TZ_VERSION}'; \
             check the local times and pin '{TZ_VERSION}'",
            pack.tz_version
        )
    });
    findings.error_if(pack.title.is_empty(), "title", || "it is empty".to_owned());
    findings.error_if(pack.title.len() > RULE_TEXT_BYTES_MAX, "title", too_long);
    let many = pack.rules.len();
    findings.error_if(!(1..=RULES_PER_PACK_MAX).contains(&many), "rule", || {
        format!("{many} rules; 1 to {RULES_PER_PACK_MAX} are allowed")
    });
    let applies = &pack.applies_to;
    for places in [&applies.residence, &applies.governing_law, &applies.licence] {
        findings.error_if(places.len() > RULE_PLACES_MAX, "applies_to", || {
            format!("more than {RULE_PLACES_MAX} places")
        });
    }
    let binds_everybody = applies.residence.is_empty()
        && applies.governing_law.is_empty()
        && applies.licence.is_empty()
        && applies.lender.is_none();
    findings.error_if(binds_everybody, "applies_to", || {
        "it would bind everybody: name places, or the lender whose policy it is".to_owned()
    });
    let bytes = pack.encode().len();
    findings.error_if(bytes > RULE_PACK_BYTES_MAX, "document", || {
        format!("{bytes} bytes in canonical form; at most {RULE_PACK_BYTES_MAX} are allowed")
    });
}

fn too_long() -> String {
    format!("longer than {RULE_TEXT_BYTES_MAX} bytes")
}

fn check_texts(rule: &Rule, findings: &mut Findings) {
    let is_visible = |id: &str| id.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    let fits = (1..=RULE_ID_BYTES_MAX).contains(&rule.id.len());
    findings.error_if(!fits || !is_visible(&rule.id), "id", || {
        format!("1 to {RULE_ID_BYTES_MAX} visible ASCII characters")
    });
    findings.error_if(rule.title.is_empty(), "title", || {
        "say what the rule does".to_owned()
    });
    findings.error_if(rule.source.is_empty(), "source", || {
        "name the legal source".to_owned()
    });
    for (field, text) in [
        ("title", &rule.title),
        ("source", &rule.source),
        ("url", &rule.url),
    ] {
        findings.error_if(text.len() > RULE_TEXT_BYTES_MAX, field, too_long);
    }
    findings.add_if(rule.unverified, Severity::Warning, "unverified", || {
        "a figure or source is not verified".to_owned()
    });
    findings.error_if(rule.residence.len() > RULE_PLACES_MAX, "residence", || {
        format!("more than {RULE_PLACES_MAX} places")
    });
    let repeats = repeats(&rule.channels) || repeats(&rule.parties) || repeats(&rule.purposes);
    findings.error_if(repeats, "channels, parties or purposes", || {
        "something is listed twice".to_owned()
    });
}

fn repeats<T: Ord>(list: &[T]) -> bool {
    list.iter().collect::<BTreeSet<_>>().len() != list.len()
}

fn check_provision(rule: &Rule, findings: &mut Findings) {
    match &rule.provision {
        Provision::QuietHours(quiet) => {
            let all_day = quiet.from.minute() % 1_440 == quiet.until.minute() % 1_440;
            findings.error_if(all_day, "quiet_hours", || {
                "they start when they end; to forbid a contact altogether use 'forbidden'"
                    .to_owned()
            });
        }
        Provision::FrequencyCap(cap) => check_cap(rule, cap, findings),
        Provision::ConversationWait(wait) => {
            findings.range("days", wait.days, 1, CAP_DAYS_MAX);
            check_consent(wait.consent_days, findings);
        }
        Provision::NoticeBefore(notice) => findings.range("days", notice.days, 0, LONGEST_DAYS),
        Provision::NoticeWithin(notice) => findings.range("days", notice.days, 0, LONGEST_DAYS),
        Provision::ThirdParty(conditions) => {
            let kept = u32::try_from(FAILURES_KEPT_MAX).unwrap_or(u32::MAX);
            findings.range("failures", conditions.failures, 0, kept);
            findings.range(
                "unreachable_days",
                conditions.unreachable_days,
                0,
                LONGEST_DAYS,
            );
        }
        Provision::EvaluatedWithin(within) => findings.range("days", within.days, 1, LONGEST_DAYS),
        Provision::ProtectionSuspends(suspends) => {
            findings.range("length_days", suspends.length_days, 0, LONGEST_DAYS);
            findings.range("days_after", suspends.days_after, 0, LONGEST_DAYS);
            findings.range("once_in_months", suspends.once_in_months, 0, 1_200);
        }
        Provision::ComplaintSuspends(stops) => {
            findings.error_if(stops.interest, "interest", || {
                "a complaint stops contacts, fees and reports; to stop interest use a dispute or a protection"
                    .to_owned()
            });
        }
        Provision::Retention(retention) => findings.range("years", retention.years, 1, 100),
        Provision::FurnishingAfter(after) => {
            findings.range(
                "days_after_sending",
                after.days_after_sending,
                0,
                LONGEST_DAYS,
            );
        }
        Provision::PaymentRetries(retries) => findings.range("max", retries.max, 0, 100),
        Provision::ComplaintClock(clock) => {
            findings.range(
                "acknowledge_days",
                clock.acknowledge_days,
                0,
                clock.resolve_days,
            );
            findings.range("resolve_days", clock.resolve_days, 1, LONGEST_DAYS);
        }
        Provision::OptOutStatement => {
            let others = rule.channels.iter().any(|channel| !channel.is_message());
            findings.add_if(others, Severity::Warning, "channels", || {
                "only electronic messages carry an opt-out statement".to_owned()
            });
        }
        Provision::OptOutRespected
        | Provision::CeaseRespected
        | Provision::RepresentationRespected
        | Provision::DebtorHoursRespected
        | Provision::Forbidden
        | Provision::RecordingRequired
        | Provision::LicenceValid
        | Provision::ListedPublicly
        | Provision::ForbearanceFirst
        | Provision::DisputeSuspends(_)
        | Provision::CollectionFeeForbidden
        | Provision::ResidualStated => {}
    }
}

fn check_cap(rule: &Rule, cap: &FrequencyCap, findings: &mut Findings) {
    let most = u32::try_from(CAP_COUNT_MAX).unwrap_or(u32::MAX);
    findings.error_if(!(1..=most).contains(&cap.max), "max", || {
        format!(
            "a tally cannot count {}: 1 to {most}; to forbid a contact use 'forbidden'",
            cap.max
        )
    });
    findings.range("window", cap.window.days(), 1, CAP_DAYS_MAX);
    check_consent(cap.consent_days, findings);
    let counted = |channel: &talea_types::conduct::Channel| match cap.counted {
        Counted::Attempts | Counted::Connected | Counted::Conversations => channel.is_call(),
        Counted::Messages => channel.is_message(),
        Counted::Visits => *channel == talea_types::conduct::Channel::Visit,
    };
    let never = rule.channels.iter().any(|channel| !counted(channel));
    findings.error_if(never, "channels", || {
        format!("not all of these channels count as {}", cap.counted)
    });
}

fn check_consent(days: u32, findings: &mut Findings) {
    findings.error_if(
        days != 0 && days != CONSENT_FRESH_DAYS,
        "consent_days",
        || format!("tallies tell consent apart at {CONSENT_FRESH_DAYS} days: use 0 or that"),
    );
}
