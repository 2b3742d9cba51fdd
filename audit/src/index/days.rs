//! Counts of conduct by day, so that a scorecard reads days and not contacts.

use std::collections::BTreeMap;

use talea_types::{ParticipantId, Timestamp};

use super::{StoreError, value::Cell, write::Sink};
use crate::conduct::{Conduct, ContactStep, Parties};

const ADD: &str = "INSERT INTO conduct_day (day, agency, lender, measure, label, counted) \
                   VALUES ($1, $2, $3, $4, $5, $6) \
                   ON CONFLICT (agency, day, lender, measure, label) DO UPDATE \
                   SET counted = conduct_day.counted + excluded.counted";

/// What is counted of whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    parties: Parties,
    /// Days since 1970-01-01, UTC.
    day: u32,
    measure: &'static str,
    label: String,
}

/// Counts of some blocks.
#[derive(Debug, Default)]
pub(super) struct Days(BTreeMap<Key, u64>);

impl Days {
    /// Adds a block of this time.
    pub(super) fn add(&mut self, time: Timestamp, conduct: &Conduct) {
        let day = time.day();
        let mut count = |agency: ParticipantId, lender, measure, label: &str| {
            let key = Key {
                parties: Parties { agency, lender },
                day,
                measure,
                label: label.to_owned(),
            };
            *self.0.entry(key).or_default() += 1;
        };
        for step in &conduct.contacts {
            match step {
                ContactStep::Granted(_, contact) => {
                    let Parties { agency, lender } = contact.parties;
                    count(agency, lender, "granted", contact.channel.as_str());
                    let hour = contact.local_hour.map(|hour| format!("{hour:02}"));
                    count(agency, lender, "hour", hour.as_deref().unwrap_or("unknown"));
                }
                ContactStep::Revoked { parties, .. } => {
                    if let Some(Parties { agency, lender }) = *parties {
                        count(agency, lender, "revoked", "");
                    }
                }
                ContactStep::Closed {
                    parties, result, ..
                } => {
                    if let Some(Parties { agency, lender }) = *parties {
                        count(agency, lender, "result", result.as_str());
                    }
                }
                // Counted with those that are about no permit.
                ContactStep::Breached { .. } => {}
            }
        }
        for refused in &conduct.refusals {
            let lender = Some(refused.lender);
            count(refused.agency, lender, "refused", refused.channel.as_str());
            for rule in &refused.rules {
                count(refused.agency, lender, "rule", rule);
            }
        }
        for found in &conduct.breaches {
            let kind = found.breach.kind.as_str();
            count(found.breach.by, found.lender, "breach", kind);
        }
    }

    pub(super) fn write(&self, sink: &mut dyn Sink) -> Result<(), StoreError> {
        for (key, counted) in &self.0 {
            let lender = key.parties.lender.as_ref().map(|id| &id.as_bytes()[..]);
            sink.run(
                ADD,
                &[
                    Cell::Integer(key.day.into()),
                    Cell::Bytes(key.parties.agency.as_bytes()),
                    Cell::Bytes(lender.unwrap_or_default()),
                    Cell::Text(key.measure),
                    Cell::Text(&key.label),
                    Cell::number(*counted),
                ],
            )?;
        }
        Ok(())
    }
}
