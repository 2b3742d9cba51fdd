//! The canonical encoding of a pack.

use bytes::Bytes;
use prost::Message;
use talea_types::{
    DecodeError, ParticipantId,
    conduct::{Channel, Party, Purpose},
    limits::{
        RULE_ID_BYTES_MAX, RULE_PACK_BYTES_MAX, RULE_PLACES_MAX, RULE_TEXT_BYTES_MAX,
        RULES_PER_PACK_MAX,
    },
    wire,
};

use crate::{
    pack::{Applies, Effect, Pack, PackError, Rule, codec_provision},
    place::Place,
};

impl Pack {
    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        wire::RulePack {
            id: self.id.clone(),
            version: self.version,
            title: self.title.clone(),
            tz_version: self.tz_version.clone(),
            applies_to: Some(wire::PackApplies {
                residence: texts(&self.applies_to.residence),
                governing_law: texts(&self.applies_to.governing_law),
                licence: texts(&self.applies_to.licence),
                third_party_collectors_only: self.applies_to.third_party_collectors_only,
                lender: self
                    .applies_to
                    .lender
                    .map(|lender| lender.to_wire())
                    .unwrap_or_default(),
            }),
            rules: self.rules.iter().map(Rule::to_wire).collect(),
        }
        .encode_to_vec()
    }

    /// Reads canonical bytes. Their form is checked, not their sense: see [`lint`](mod@crate::lint).
    ///
    /// # Errors
    /// [`PackError::Bytes`].
    pub fn decode(bytes: &Bytes) -> Result<Self, PackError> {
        let pack: wire::RulePack = wire::decode_canonical("rule pack", bytes, RULE_PACK_BYTES_MAX)?;
        let applies = pack.applies_to.as_ref().ok_or(DecodeError::Missing {
            field: "rule_pack.applies_to",
        })?;
        bound("rule_pack.rules", pack.rules.len(), RULES_PER_PACK_MAX)?;
        bound("rule_pack.id", pack.id.len(), RULE_ID_BYTES_MAX)?;
        bound("rule_pack.title", pack.title.len(), RULE_TEXT_BYTES_MAX)?;
        bound(
            "rule_pack.tz_version",
            pack.tz_version.len(),
            RULE_ID_BYTES_MAX,
        )?;
        let rules = pack.rules.iter().map(Rule::from_wire);
        let rules = rules.collect::<Result<Vec<Rule>, DecodeError>>()?;
        if !rules.is_sorted_by(|one, next| one.number < next.number) {
            return Err(DecodeError::Order {
                field: "rule_pack.rules",
            }
            .into());
        }
        Ok(Self {
            id: pack.id,
            version: pack.version,
            title: pack.title,
            tz_version: pack.tz_version,
            applies_to: Applies {
                residence: places(&applies.residence)?,
                governing_law: places(&applies.governing_law)?,
                licence: places(&applies.licence)?,
                third_party_collectors_only: applies.third_party_collectors_only,
                lender: if applies.lender.is_empty() {
                    None
                } else {
                    let lender = ParticipantId::from_wire("rule_pack.lender", &applies.lender)?;
                    Some(lender)
                },
            },
            rules,
        })
    }
}

impl Rule {
    fn to_wire(&self) -> wire::PackRule {
        wire::PackRule {
            number: self.number,
            id: self.id.clone(),
            title: self.title.clone(),
            source: self.source.clone(),
            url: self.url.clone(),
            unverified: self.unverified,
            effect: i32::from(match self.effect {
                Effect::NeedsOverride => wire::RuleEffect::NeedsOverride,
                Effect::Deny => wire::RuleEffect::Deny,
            }),
            channels: self
                .channels
                .iter()
                .map(|word| word.to_wire().into())
                .collect(),
            parties: self
                .parties
                .iter()
                .map(|word| word.to_wire().into())
                .collect(),
            purposes: self
                .purposes
                .iter()
                .map(|word| word.to_wire().into())
                .collect(),
            residence: texts(&self.residence),
            high_cost_short_term_only: self.high_cost_short_term_only,
            provision: Some(codec_provision::to_wire(&self.provision)),
        }
    }

    fn from_wire(rule: &wire::PackRule) -> Result<Self, DecodeError> {
        bound("rule.id", rule.id.len(), RULE_ID_BYTES_MAX)?;
        for text in [&rule.title, &rule.source, &rule.url] {
            bound("rule.title, source or url", text.len(), RULE_TEXT_BYTES_MAX)?;
        }
        let provision = rule.provision.as_ref().ok_or(DecodeError::Missing {
            field: "rule.provision",
        })?;
        Ok(Self {
            number: rule.number,
            id: rule.id.clone(),
            title: rule.title.clone(),
            source: rule.source.clone(),
            url: rule.url.clone(),
            unverified: rule.unverified,
            effect: match wire::RuleEffect::try_from(rule.effect) {
                Ok(wire::RuleEffect::NeedsOverride) => Effect::NeedsOverride,
                Ok(wire::RuleEffect::Deny) => Effect::Deny,
                _ => {
                    return Err(DecodeError::Range {
                        field: "rule.effect",
                        reason: "no effect has this number",
                    });
                }
            },
            channels: words(&rule.channels, Channel::ALL.len(), Channel::from_wire)?,
            parties: words(&rule.parties, Party::ALL.len(), Party::from_wire)?,
            purposes: words(&rule.purposes, Purpose::ALL.len(), Purpose::from_wire)?,
            residence: places(&rule.residence)?,
            high_cost_short_term_only: rule.high_cost_short_term_only,
            provision: codec_provision::from_wire(provision)?,
        })
    }
}

fn bound(field: &'static str, found: usize, max: usize) -> Result<(), DecodeError> {
    if found <= max {
        Ok(())
    } else {
        Err(DecodeError::Range {
            field,
            reason: "longer than its limit",
        })
    }
}

fn words<T>(
    values: &[i32],
    max: usize,
    read: impl Fn(i32) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    bound("rule.channels, parties or purposes", values.len(), max)?;
    values.iter().map(|value| read(*value)).collect()
}

fn texts(places: &[Place]) -> Vec<String> {
    places.iter().map(ToString::to_string).collect()
}

fn places(texts: &[String]) -> Result<Vec<Place>, DecodeError> {
    bound("places", texts.len(), RULE_PLACES_MAX)?;
    texts.iter().map(|text| text.parse()).collect()
}
