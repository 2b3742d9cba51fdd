//! Packs of rules: data, not code. A pack is written as TOML ([`Pack::from_toml`]) with the legal source
//! beside every figure; what is activated, hashed and committed to is its one canonical encoding
//! ([`Pack::encode`], [`Pack::hash`]).
//!
//! Kept true: a rule can only refuse. So a pack more can never permit what was refused without it, and a
//! lender's own policy can only be stricter than the law.

mod codec;
mod codec_provision;
mod hours;
mod provision;

pub use hours::{Hours, MinuteOfDay};
pub use provision::{
    Counted, Initiators, Provision, Scope, Stops, Window,
    figures::{
        ComplaintClock, ConversationWait, EvaluatedWithin, FrequencyCap, FurnishingAfter,
        NoticeBefore, NoticeWithin, PaymentRetries, ProtectionSuspends, QuietHours, Retention,
        ThirdPartyConditions,
    },
};

use std::fmt;

use serde::{Deserialize, Serialize};
use talea_types::{
    DecodeError, Hash, ParticipantId,
    conduct::{Channel, Party, Purpose},
    hash::tagged,
};

use crate::{
    contact::Contact,
    facts::{Collector, Facts},
    place::Place,
};

/// A pack of rules of one jurisdiction, or of one lender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Its name: small letters, digits and hyphens. Rule ids start with it.
    pub id: String,
    /// Counted from 1; a new version replaces the one before.
    pub version: u32,
    /// What it is, for people.
    pub title: String,
    /// Version of the IANA time zone database that its local times were checked with.
    pub tz_version: String,
    /// Whom it binds.
    #[serde(default)]
    pub applies_to: Applies,
    /// Its rules, ascending by number.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// Whom a pack binds: whoever has any of the places, and meets the other conditions that are set.
/// Without places it binds everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applies {
    /// Where the debtor lives.
    #[serde(default)]
    pub residence: Vec<Place>,
    /// Whose law governs the contract.
    #[serde(default)]
    pub governing_law: Vec<Place>,
    /// Where the agency is licensed.
    #[serde(default)]
    pub licence: Vec<Place>,
    /// Whether lenders who collect for themselves are not bound.
    #[serde(default)]
    pub third_party_collectors_only: bool,
    /// The lender whose policy this is.
    #[serde(default)]
    pub lender: Option<ParticipantId>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its number in the pack: stable, never given to another rule.
    pub number: u32,
    /// Its name: the pack's id, a slash, the paragraph: `us-reg-f/1006.14(b)(2)(i)(A)`.
    pub id: String,
    /// What it does, in a sentence.
    pub title: String,
    /// Its legal source.
    pub source: String,
    /// Where the source can be read.
    #[serde(default)]
    pub url: String,
    /// Whether a figure or its source was not verified against the text of the law.
    #[serde(default)]
    pub unverified: bool,
    /// What it means that the rule refuses.
    #[serde(default)]
    pub effect: Effect,
    /// Channels that it is about; all when empty.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// Parties that it is about; all when empty.
    #[serde(default)]
    pub parties: Vec<Party>,
    /// Purposes that it is about; all when empty.
    #[serde(default)]
    pub purposes: Vec<Purpose>,
    /// Where the debtor must live for it; anywhere when empty.
    #[serde(default)]
    pub residence: Vec<Place>,
    /// Whether it is about [high-cost short-term credit](crate::Facts::high_cost_short_term) alone.
    #[serde(default)]
    pub high_cost_short_term_only: bool,
    /// What it provides.
    pub provision: Provision,
}

/// What a rule that refuses means for a contact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A compliance key of the creditor may sign for it, and give a reason.
    NeedsOverride,
    /// No.
    #[default]
    Deny,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NeedsOverride => "needs override",
            Self::Deny => "deny",
        })
    }
}

/// A document that is not a pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// The text is not TOML, or not of the form of a pack.
    #[error("line {line}: {reason}")]
    Text {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The bytes are not the canonical encoding of a pack.
    #[error(transparent)]
    Bytes(#[from] DecodeError),
}

impl Pack {
    /// Reads a pack that is written as TOML. Its form is checked, not its sense: see
    /// [`lint`](mod@crate::lint).
    ///
    /// # Errors
    /// [`PackError::Text`] with the line.
    pub fn from_toml(text: &str) -> Result<Self, PackError> {
        toml::from_str(text).map_err(|error| PackError::Text {
            line: error.span().map_or(1, |span| line_of(text, span.start)),
            reason: error.message().to_owned(),
        })
    }

    /// The hash of its canonical encoding.
    #[must_use]
    pub fn hash(&self) -> Hash {
        tagged("talea/rule-pack/v1", &[&self.encode()])
    }

    /// The rule with this number.
    #[must_use]
    pub fn rule(&self, number: u32) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.number == number)
    }

    /// Whether it binds whoever the facts are about.
    #[must_use]
    pub fn binds(&self, facts: &Facts<'_>) -> bool {
        let applies = &self.applies_to;
        let licence = facts.licence.as_ref().map(|licence| &licence.jurisdiction);
        let anywhere = applies.residence.is_empty()
            && applies.governing_law.is_empty()
            && applies.licence.is_empty();
        let somewhere = any_contains(&applies.residence, &facts.residence)
            || any_contains(&applies.governing_law, &facts.governing_law)
            || licence.is_some_and(|place| any_contains(&applies.licence, place));
        (anywhere || somewhere)
            && (!applies.third_party_collectors_only || facts.collector == Collector::ThirdParty)
            && applies.lender.is_none_or(|lender| lender == facts.lender)
    }
}

impl Rule {
    /// Whether it is about such credit, and about debtors who live where this one does.
    #[must_use]
    pub fn is_for(&self, facts: &Facts<'_>) -> bool {
        (self.residence.is_empty() || any_contains(&self.residence, &facts.residence))
            && (!self.high_cost_short_term_only || facts.high_cost_short_term)
    }

    /// Whether it is about such contacts.
    #[must_use]
    pub fn is_about(&self, contact: &Contact) -> bool {
        fn lists<T: PartialEq>(list: &[T], entry: &T) -> bool {
            list.is_empty() || list.contains(entry)
        }
        lists(&self.channels, &contact.channel)
            && lists(&self.parties, &contact.party)
            && lists(&self.purposes, &contact.purpose)
    }
}

fn any_contains(places: &[Place], place: &Place) -> bool {
    places.iter().any(|listed| listed.may_contain(place))
}

/// The line of a byte of a text, counted from 1.
pub(crate) fn line_of(text: &str, byte: usize) -> usize {
    let before = text.as_bytes().get(..byte).unwrap_or_default();
    let ends = before.iter().filter(|byte| **byte == b'\n').count();
    ends.saturating_add(1)
}
