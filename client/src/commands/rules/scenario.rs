//! A debtor, what happened before, and a proposed contact, as people write them in a file.

mod earlier;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use talea_rules::{
    Collector, Contact, Facts, Licence, OptOut, Pack, Place, ProtectionInForce, ServedNotice, Zone,
    explain, explain::Explanation, pack::Hours,
};
use talea_types::{
    AccountId, CaseId, Hash, LoanId, ParticipantId, Timestamp,
    conduct::{Channel, Notice, Party, Protection, Purpose},
};

use crate::commands::values;
use earlier::{Earlier, Tallied};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    /// Names or files.
    pub(super) packs: Vec<String>,
    debtor: Debtor,
    /// Without it, the lender's own desk collects.
    agency: Option<Agency>,
    #[serde(default)]
    notice: Vec<NoticeServed>,
    #[serde(default)]
    protection: Vec<ProtectionSet>,
    /// Earlier contacts.
    #[serde(default)]
    before: Vec<Earlier>,
    contact: Proposed,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Debtor {
    residence: Place,
    time_zones: Vec<String>,
    /// Without it, that of the residence.
    governing_law: Option<Place>,
    #[serde(default)]
    cease: bool,
    #[serde(default)]
    represented: bool,
    #[serde(default)]
    disputed: bool,
    #[serde(default)]
    complained: bool,
    #[serde(default)]
    unable: bool,
    /// Whether the debt is high-cost short-term credit.
    #[serde(default)]
    high_cost_short_term: bool,
    #[serde(default)]
    third_party_refused: bool,
    #[serde(default)]
    forbearance_considered: bool,
    consented_at: Option<Time>,
    agreed_hours: Option<Hours>,
    #[serde(default)]
    refused_hours: Vec<Hours>,
    #[serde(default)]
    opt_outs: Vec<Channel>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Agency {
    jurisdiction: Place,
    valid_until: Option<Time>,
    #[serde(default)]
    listed_publicly: bool,
    evaluated_at: Option<Time>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoticeServed {
    notice: Notice,
    at: Time,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtectionSet {
    protection: Protection,
    from: Time,
    until: Option<Time>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proposed {
    channel: Channel,
    #[serde(default = "with_debtor")]
    party: Party,
    #[serde(default = "for_payment")]
    purpose: Purpose,
    at: Time,
    /// Length of the window.
    #[serde(default = "one_minute")]
    minutes: u64,
    #[serde(default)]
    opt_out_statement: bool,
    #[serde(default)]
    recorded: bool,
}

const fn with_debtor() -> Party {
    Party::Debtor
}

const fn for_payment() -> Purpose {
    Purpose::Payment
}

const fn one_minute() -> u64 {
    1
}

/// A time with its offset from UTC.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Time(Timestamp);

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        values::time(&text).map(Self)
    }
}

impl Scenario {
    /// What the packs say about the contact.
    pub(super) fn explain(&self, packs: &[Pack]) -> anyhow::Result<Explanation> {
        let zones = self.debtor.time_zones.iter().map(|name| {
            Zone::find(name).with_context(|| {
                format!("'{name}' is no time zone of the IANA database; write Europe/London")
            })
        });
        let zones = zones.collect::<anyhow::Result<Vec<_>>>()?;
        let notices: Vec<ServedNotice> = self.notice.iter().map(NoticeServed::served).collect();
        let protections: Vec<ProtectionInForce> = self
            .protection
            .iter()
            .map(ProtectionSet::in_force)
            .collect();
        let opt_outs: Vec<OptOut> = self.debtor.opt_outs.iter().map(opt_out).collect();
        let none = Tallied::default();
        // A policy is explained as if the lender were the one whose policy it is.
        let policies = packs.iter().find_map(|pack| pack.applies_to.lender);
        let lender = policies.unwrap_or(ParticipantId::from_bytes([0; 16]));
        let facts = Facts {
            lender,
            zones: &zones,
            notices: &notices,
            protections: &protections,
            opt_outs: &opt_outs,
            ..self.facts(&none)
        };
        let contact = self.contact()?;
        let tallied = Tallied::of(&self.before, &contact, &facts)?;
        let facts = Facts {
            first_communication: self.before.iter().filter_map(Earlier::communicated).min(),
            tallies: tallied.tallies(),
            ..facts
        };
        Ok(explain(packs, &contact, &facts))
    }

    /// Without what is a list, and without what happened before.
    fn facts<'a>(&'a self, none: &'a Tallied) -> Facts<'a> {
        let debtor = &self.debtor;
        let governing_law = debtor.governing_law.unwrap_or(debtor.residence);
        Facts {
            zones: &[],
            residence: debtor.residence,
            governing_law,
            high_cost_short_term: debtor.high_cost_short_term,
            lender: ParticipantId::from_bytes([0; 16]),
            collector: match self.agency {
                Some(_) => Collector::ThirdParty,
                None => Collector::Lender,
            },
            licence: self.agency.as_ref().map(|agency| Licence {
                jurisdiction: agency.jurisdiction,
                valid_until: agency.valid_until.map(|time| time.0),
                listed_publicly: agency.listed_publicly,
                evaluated_at: agency.evaluated_at.map(|time| time.0),
            }),
            notices: &[],
            first_communication: None,
            consented_at: debtor.consented_at.map(|time| time.0),
            agreed_hours: debtor.agreed_hours,
            refused_hours: &debtor.refused_hours,
            opt_outs: &[],
            cease: debtor.cease,
            represented: debtor.represented,
            disputed: debtor.disputed,
            complained: debtor.complained,
            protections: &[],
            third_party_refused: debtor.third_party_refused,
            debtor_unable: debtor.unable,
            forbearance_considered: debtor.forbearance_considered,
            tallies: none.tallies(),
        }
    }

    fn contact(&self) -> anyhow::Result<Contact> {
        let proposed = &self.contact;
        let from = proposed.at.0;
        if !(1..=10_080).contains(&proposed.minutes) {
            bail!("contact.minutes: a window is 1 to 10,080 minutes");
        }
        Ok(Contact {
            channel: proposed.channel,
            party: proposed.party,
            purpose: proposed.purpose,
            from,
            until: from.plus_millis(proposed.minutes.saturating_mul(60_000)),
            debtor: AccountId::from_bytes([0; 16]),
            debt: LoanId::from_bytes([0; 16]),
            case: CaseId::from_bytes([0; 16]),
            contact_point: Hash::ZERO,
            opt_out_statement: proposed.opt_out_statement,
            recorded: proposed.recorded,
        })
    }
}

const fn opt_out(channel: &Channel) -> OptOut {
    OptOut {
        channel: Some(*channel),
        contact_point: None,
    }
}

impl NoticeServed {
    const fn served(&self) -> ServedNotice {
        ServedNotice {
            notice: self.notice,
            at: self.at.0,
        }
    }
}

impl ProtectionSet {
    fn in_force(&self) -> ProtectionInForce {
        ProtectionInForce {
            protection: self.protection,
            from: self.from.0,
            until: self.until.map(|time| time.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use talea_rules::{Decision, packs};

    use super::*;

    const CALLS: &str = r#"
        packs = ["us-reg-f"]
        [debtor]
        residence = "US-NY"
        time_zones = ["America/New_York"]
        [agency]
        jurisdiction = "US-NY"
        [[notice]]
        notice = "validation"
        at = "2026-03-01T10:00:00-05:00"
        [contact]
        channel = "voice_call"
    "#;

    fn explained(rest: &str) -> Explanation {
        let scenario: Scenario = toml::from_str(&format!("{CALLS}{rest}")).unwrap();
        let pack = Pack::from_toml(packs::text("us-reg-f").unwrap()).unwrap();
        scenario.explain(&[pack]).unwrap()
    }

    #[test]
    fn quiet_hours_are_those_of_the_debtor() {
        let early = explained("at = \"2026-03-02T12:30:00Z\"\n");
        assert_eq!(early.verdict.decision, Decision::Deny);
        let eight = values::time("2026-03-02T13:00:00Z").unwrap();
        assert_eq!(early.verdict.possible_from, Some(eight));
        let later = explained("at = \"2026-03-02T13:00:00Z\"\n");
        assert_eq!(later.verdict.decision, Decision::Allow, "{later}");
    }

    #[test]
    fn earlier_calls_count() {
        let mut rest = "at = \"2026-03-06T15:00:00Z\"\n".to_owned();
        for call in 0..7 {
            assert_eq!(explained(&rest).verdict.decision, Decision::Allow);
            rest.push_str(&format!(
                "[[before]]\nchannel = \"voice_call\"\nat = \"2026-03-05T{:02}:00:00Z\"\nresult = \"no_answer\"\n",
                14 + call
            ));
        }
        let eighth = explained(&rest);
        assert_eq!(eighth.verdict.decision, Decision::NeedsOverride);
        assert!(eighth.to_string().contains("us-reg-f/1006.14(b)(2)(i)(A)"));
    }

    /// What is said eight days after something, when no validation notice was served.
    fn eight_days_after(before: &str) -> Decision {
        let (debtor, _) = CALLS.split_once("[[notice]]").unwrap();
        let scenario = format!(
            "{debtor}[contact]\nchannel = \"voice_call\"\nat = \"2026-03-12T15:00:00Z\"\n\
             [[before]]\nchannel = \"voice_call\"\nat = \"2026-03-04T15:00:00Z\"\n{before}\n"
        );
        let scenario: Scenario = toml::from_str(&scenario).unwrap();
        let pack = Pack::from_toml(packs::text("us-reg-f").unwrap()).unwrap();
        scenario.explain(&[pack]).unwrap().verdict.decision
    }

    /// The rows of "what begins the time of the validation notice" in the ledger's tables say the same.
    #[test]
    fn only_what_told_something_is_a_first_communication() {
        for silent in [
            "result = \"no_answer\"",
            "result = \"connected\"",
            "result = \"invalid_contact_point\"",
            "result = \"conversation\"\nparty = \"third_party\"",
            "result = \"conversation\"\ninitiator = \"debtor\"",
            "result = \"conversation\"\nother_case = true",
            "permit = \"open\"",
        ] {
            assert_eq!(eight_days_after(silent), Decision::Allow, "{silent}");
        }
        for telling in [
            "result = \"conversation\"",
            "result = \"conversation\"\nparty = \"representative\"",
            "result = \"conversation\"\nother_debt = true",
            "permit = \"not_closed\"",
            // Whoever does not say what was told is held to have told it, whomever it was to.
            "permit = \"not_closed\"\nparty = \"third_party\"",
        ] {
            assert_eq!(eight_days_after(telling), Decision::Deny, "{telling}");
        }
    }

    /// Seven calls of a kind, and what an eighth would be.
    fn after_seven(what: &str) -> Decision {
        let mut rest = "at = \"2026-03-06T15:00:00Z\"\n".to_owned();
        for call in 0..7 {
            rest.push_str(&format!(
                "[[before]]\nchannel = \"voice_call\"\nat = \"2026-03-05T{:02}:00:00Z\"\n{what}\n",
                14 + call
            ));
        }
        explained(&rest).verdict.decision
    }

    #[test]
    fn calls_count_as_the_ledger_counts_them() {
        for counted in [
            "result = \"no_answer\"",
            "permit = \"open\"\nminutes = 30",
            "permit = \"not_closed\"",
            "result = \"no_answer\"\nother_contact_point = true",
        ] {
            assert_eq!(after_seven(counted), Decision::NeedsOverride, "{counted}");
        }
        for apart in [
            "result = \"no_answer\"\nconsented = true",
            "result = \"no_answer\"\nother_debt = true",
            "result = \"no_answer\"\ninitiator = \"debtor\"",
        ] {
            assert_eq!(after_seven(apart), Decision::Allow, "{apart}");
        }
    }

    #[test]
    fn an_earlier_contact_is_either_closed_or_a_permit() {
        for wrong in [
            "",
            "result = \"no_answer\"\npermit = \"open\"",
            "permit = \"open\"\ninitiator = \"debtor\"",
            "permit = \"open\"\nminutes = 0",
        ] {
            let rest = format!(
                "at = \"2026-03-06T15:00:00Z\"\n[[before]]\nchannel = \"voice_call\"\n\
                 at = \"2026-03-05T15:00:00Z\"\n{wrong}\n"
            );
            let scenario: Scenario = toml::from_str(&format!("{CALLS}{rest}")).unwrap();
            assert!(scenario.explain(&[]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn unknown_words_are_refused() {
        for wrong in [
            "at = \"yesterday\"",
            "at = \"2026-03-02T13:00:00Z\"\nloud = true",
        ] {
            assert!(toml::from_str::<Scenario>(&format!("{CALLS}{wrong}")).is_err());
        }
    }
}
