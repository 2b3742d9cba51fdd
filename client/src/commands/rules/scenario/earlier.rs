//! Earlier contacts, counted as the ledger counts them: each in the counters it concerns, and as a first
//! communication only when it told somebody something.

use anyhow::bail;
use serde::Deserialize;
use talea_rules::{Contact, Facts, Tallies};
use talea_types::{
    Timestamp,
    conduct::{Channel, ContactResult, ContactTallies, Initiator, Party, Slot},
};

use super::Time;

/// A contact that was, or a permit for one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Earlier {
    channel: Channel,
    /// When it happened; of a permit, when its window begins.
    at: Time,
    /// What came of it.
    result: Option<ContactResult>,
    /// Instead of a result: the permit that nobody has closed.
    permit: Option<Unclosed>,
    /// Length of that permit's window.
    #[serde(default = "one_minute")]
    minutes: u64,
    #[serde(default = "by_collector")]
    initiator: Initiator,
    #[serde(default = "with_debtor")]
    party: Party,
    /// Whether it counted as one with fresh consent; without it, as the debtor's consent says.
    consented: Option<bool>,
    #[serde(default)]
    other_debt: bool,
    #[serde(default)]
    other_contact_point: bool,
    #[serde(default)]
    other_case: bool,
}

/// A permit without an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unclosed {
    /// Its outcome may still come.
    Open,
    /// The time for its outcome has passed.
    NotClosed,
}

const fn by_collector() -> Initiator {
    Initiator::Collector
}

const fn with_debtor() -> Party {
    Party::Debtor
}

const fn one_minute() -> u64 {
    1
}

impl Earlier {
    /// When it told something, if it did, in the case of the proposed contact. A permit that was never
    /// closed is held to have told something when its window began. What the debtor began is none.
    pub(super) fn communicated(&self) -> Option<Timestamp> {
        let tells = matches!(
            self.result,
            Some(ContactResult::Conversation | ContactResult::Sent)
        ) && self.party != Party::ThirdParty
            && self.initiator == Initiator::Collector;
        let is_held_to = self.permit == Some(Unclosed::NotClosed);
        (!self.other_case && (tells || is_held_to)).then_some(self.at.0)
    }

    /// Counts it in one counter.
    fn count(&self, tallies: &mut ContactTallies, consented: bool) {
        let Self {
            channel,
            at: Time(at),
            ..
        } = *self;
        match (self.result, self.initiator) {
            (None, _) => tallies.reserve(channel, consented, self.slot()),
            (Some(result), Initiator::Collector) => {
                tallies.settle(channel, consented, Slot::at(at), result, at);
            }
            (Some(result), Initiator::Debtor) => tallies.count_inbound(channel, result, at),
        }
    }

    fn until(&self) -> Timestamp {
        let length = self.minutes.saturating_mul(60_000);
        self.at.0.plus_millis(length)
    }

    fn slot(&self) -> Slot {
        Slot {
            from: self.at.0,
            last: Timestamp::from_millis(self.until().millis().saturating_sub(1)),
        }
    }

    fn check(&self) -> anyhow::Result<()> {
        match (self.result, self.permit) {
            (Some(_), None) => {}
            (None, Some(_)) if self.initiator == Initiator::Collector => {}
            _ => bail!(
                "before: an earlier contact has a result, or permit = \"open\" or \"not_closed\" \
                 if the collector began it"
            ),
        }
        if !(1..=10_080).contains(&self.minutes) {
            bail!("before.minutes: a window is 1 to 10,080 minutes");
        }
        Ok(())
    }
}

/// The four counters of the proposed contact.
#[derive(Debug, Default)]
pub(super) struct Tallied {
    person: ContactTallies,
    debt: ContactTallies,
    contact_point: ContactTallies,
    case: ContactTallies,
}

impl Tallied {
    /// Those after the earlier contacts, in the order in which they happened.
    pub(super) fn of(
        before: &[Earlier],
        contact: &Contact,
        facts: &Facts<'_>,
    ) -> anyhow::Result<Self> {
        let mut ordered: Vec<&Earlier> = before.iter().collect();
        ordered.sort_by_key(|earlier| earlier.at.0);
        let mut tallied = Self::default();
        for earlier in ordered {
            earlier.check()?;
            let consented = earlier.consented.unwrap_or_else(|| {
                let permitted = Contact {
                    from: earlier.at.0,
                    until: earlier.until(),
                    ..contact.clone()
                };
                facts.counts_as_consented(&permitted)
            });
            // What the debtor began is known of the person and the case, not of a debt or a number.
            let is_ours = earlier.initiator == Initiator::Collector;
            earlier.count(&mut tallied.person, consented);
            if is_ours && !earlier.other_debt {
                earlier.count(&mut tallied.debt, consented);
            }
            if is_ours && !earlier.other_contact_point {
                earlier.count(&mut tallied.contact_point, consented);
            }
            if !earlier.other_case {
                earlier.count(&mut tallied.case, consented);
            }
        }
        Ok(tallied)
    }

    pub(super) const fn tallies(&self) -> Tallies<'_> {
        Tallies {
            person: &self.person,
            debt: &self.debt,
            contact_point: &self.contact_point,
            case: &self.case,
        }
    }
}
