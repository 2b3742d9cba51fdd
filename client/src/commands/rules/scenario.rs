//! A debtor, what happened before, and a proposed contact, as people write them in a file.

use anyhow::{Context as _, bail};
use serde::Deserialize;
use talea_rules::{
    Collector, Contact, Facts, Licence, OptOut, Pack, Place, ProtectionInForce, ServedNotice,
    Tallies, Zone, explain, explain::Explanation, pack::Hours,
};
use talea_types::{
    AccountId, CaseId, Hash, LoanId, ParticipantId, Timestamp,
    conduct::{
        Channel, ContactResult, ContactTallies, Initiator, Notice, Party, Protection, Purpose, Slot,
    },
};

use crate::commands::values;

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
struct Earlier {
    channel: Channel,
    at: Time,
    result: ContactResult,
    #[serde(default = "by_collector")]
    initiator: Initiator,
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

const fn by_collector() -> Initiator {
    Initiator::Collector
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
        let tallies = self.tallies();
        // A policy is explained as if the lender were the one whose policy it is.
        let policies = packs.iter().find_map(|pack| pack.applies_to.lender);
        let lender = policies.unwrap_or(ParticipantId::from_bytes([0; 16]));
        let facts = Facts {
            lender,
            zones: &zones,
            notices: &notices,
            protections: &protections,
            opt_outs: &opt_outs,
            ..self.facts(&tallies)
        };
        Ok(explain(packs, &self.contact()?, &facts))
    }

    fn facts<'a>(&'a self, tallies: &'a ContactTallies) -> Facts<'a> {
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
            first_communication: self.before.iter().map(|earlier| earlier.at.0).min(),
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
            // Every earlier contact was about the same debt, at the same number, in the same case.
            tallies: Tallies {
                person: tallies,
                debt: tallies,
                contact_point: tallies,
                case: tallies,
            },
        }
    }

    fn tallies(&self) -> ContactTallies {
        let mut before: Vec<&Earlier> = self.before.iter().collect();
        before.sort_by_key(|earlier| earlier.at.0);
        let mut tallies = ContactTallies::default();
        for Earlier {
            channel,
            at: Time(at),
            result,
            initiator,
        } in before
        {
            match initiator {
                Initiator::Collector => {
                    tallies.settle(*channel, false, Slot::at(*at), *result, *at);
                }
                Initiator::Debtor => tallies.count_inbound(*channel, *result, *at),
            }
        }
        tallies
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
