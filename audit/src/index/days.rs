//! Counts of conduct by day, so that a scorecard reads days and not contacts.

use std::collections::BTreeMap;

use talea_types::Timestamp;

use super::{StoreError, value::Cell, write::Sink};
use crate::conduct::{Conduct, ContactStep, Parties, Reach};

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
    /// Adds a block of this time. What is said of a contact counts on the day on which it was made, everything else
    /// on that of the block.
    pub(super) fn add(&mut self, time: Timestamp, conduct: &Conduct) {
        for step in &conduct.contacts {
            match step {
                ContactStep::Granted(_, contact) => {
                    self.count(time, contact.parties, "granted", contact.channel.as_str());
                }
                ContactStep::Revoked { parties, .. } => {
                    if let Some(parties) = *parties {
                        self.count(time, parties, "revoked", "");
                    }
                }
                ContactStep::Closed {
                    parties,
                    result,
                    at,
                    local_hour,
                    reach,
                    ..
                } => {
                    if let Some(parties) = *parties {
                        self.count(*at, parties, "result", result.as_str());
                        self.count_hour(*at, parties, "hour", (*local_hour, *reach));
                    }
                }
                // Counted with those that are about no permit.
                ContactStep::Breached { .. } => {}
            }
        }
        for told in &conduct.reports {
            let (agency, lender) = (told.agency, told.lender);
            let hour = (told.local_hour, told.reach);
            self.count_hour(told.at, Parties { agency, lender }, "reported_hour", hour);
        }
        for refused in &conduct.refusals {
            let parties = Parties {
                agency: refused.agency,
                lender: Some(refused.lender),
            };
            self.count(time, parties, "refused", refused.channel.as_str());
            for rule in &refused.rules {
                self.count(time, parties, "rule", rule);
            }
        }
        for found in &conduct.breaches {
            let parties = Parties {
                agency: found.breach.by,
                lender: found.lender,
            };
            self.count(time, parties, "breach", found.breach.kind.as_str());
        }
    }

    fn count(&mut self, time: Timestamp, parties: Parties, measure: &'static str, label: &str) {
        let key = Key {
            parties,
            day: time.day(),
            measure,
            label: label.to_owned(),
        };
        *self.0.entry(key).or_default() += 1;
    }

    /// A contact at an hour of the debtor's day; a letter is at none.
    fn count_hour(
        &mut self,
        at: Timestamp,
        parties: Parties,
        measure: &'static str,
        (hour, reach): (Option<u8>, Reach),
    ) {
        if reach == Reach::AtOnce {
            let hour = hour.map(|hour| format!("{hour:02}"));
            self.count(at, parties, measure, hour.as_deref().unwrap_or("unknown"));
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
