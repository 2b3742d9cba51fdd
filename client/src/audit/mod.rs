//! A regulator's bundle: what happened to some subjects in a period, each shown complete, verified
//! against the genesis document alone.
//!
//! Kept true: who is audited as a debtor is audited with all its loans and cases, over the same period. A
//! loan or a case that the debtor's record names, by its state object or by an event of the period, and
//! that the bundle leaves out, makes the bundle invalid. Who is not on the ledger is there with the proof
//! of that: nothing can have happened to it, for the ledger never removes a subject.

mod named;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bytes::Bytes;
use talea_proto::api;
use talea_types::{
    DecodeError, Hash, Subject, Timestamp,
    event::{Event, EventChain, Period},
};

use crate::{
    Client, ClientError, ObjectProof, ProofFailure, Trust,
    proof_file::{event_chain, object_from_api, subject_of},
};

/// Most subjects that one bundle is about.
pub const AUDIT_SUBJECTS_MAX: usize = 1_024;

/// What happened to some subjects in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditBundle {
    /// A subject each.
    pub periods: Vec<PeriodProof>,
}

/// The events of one subject in a period: these, and no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodProof {
    /// The subject's state object, which commits to its history; or its absence.
    pub object: ObjectProof,
    /// The events, and what connects them to the object.
    pub period: Period,
}

impl PeriodProof {
    /// Whether it shows that the subject is not on the ledger at the object's height.
    #[must_use]
    pub const fn is_absence(&self) -> bool {
        self.object.value.is_none()
    }

    /// Verifies that these events, and no others, are the subject's in the period.
    ///
    /// # Errors
    /// [`ProofFailure`].
    pub fn verify(&self, trust: &Trust) -> Result<(), ProofFailure> {
        let subject = subject_of(&self.object.key)?;
        if subject != self.period.subject {
            return Err(ProofFailure::Other {
                expected: self.period.subject.to_string(),
                found: subject.to_string(),
            });
        }
        self.object.verify(trust)?;
        self.verify_events()
    }

    /// Verifies the events against the object, which is taken as it is.
    fn verify_events(&self) -> Result<(), ProofFailure> {
        let as_of = self.object.header().time;
        self.period.verify(&event_chain(&self.object)?, as_of)?;
        Ok(())
    }

    fn to_api(&self) -> api::PeriodProof {
        let encode = |event: &Event| Bytes::from(event.encode());
        let period = &self.period;
        api::PeriodProof {
            subject: Some(self.object.to_api()),
            from_ms: period.from.millis(),
            to_ms: period.to.millis(),
            start: (period.start.length() > 0).then(|| period.start.to_wire()),
            before: period.before.as_ref().map(encode).unwrap_or_default(),
            events: period.events.iter().map(encode).collect(),
            after: period.after.as_ref().map(encode).unwrap_or_default(),
            later: period
                .later
                .iter()
                .map(|hash| hash.0.to_vec().into())
                .collect(),
        }
    }

    fn from_api(proof: &api::PeriodProof) -> Result<Self, ProofFailure> {
        let object = proof.subject.as_ref();
        let object = object_from_api(object.ok_or(DecodeError::Missing { field: "subject" })?)?;
        let optional = |bytes: &Bytes| {
            let present = Some(bytes).filter(|bytes| !bytes.is_empty());
            present.map(Event::decode).transpose()
        };
        let start = match &proof.start {
            None => EventChain::default(),
            start => EventChain::from_wire(start.as_ref())?,
        };
        let later = proof.later.iter().map(|bytes| {
            let hash = <[u8; 32]>::try_from(bytes.as_ref());
            hash.map(Hash)
                .map_err(|_| DecodeError::Malformed { what: "later" })
        });
        Ok(Self {
            period: Period {
                subject: subject_of(&object.key)?,
                from: Timestamp::from_millis(proof.from_ms),
                to: Timestamp::from_millis(proof.to_ms),
                start,
                before: optional(&proof.before)?,
                events: proof
                    .events
                    .iter()
                    .map(Event::decode)
                    .collect::<Result<_, _>>()?,
                after: optional(&proof.after)?,
                later: later.collect::<Result<_, _>>()?,
            },
            object,
        })
    }
}

impl AuditBundle {
    /// Verifies every part of it, and that each debtor is there with all its loans and cases.
    ///
    /// # Errors
    /// [`ProofFailure`] of the first part that does not hold.
    pub fn verify(&self, trust: &Trust) -> Result<(), ProofFailure> {
        self.periods
            .iter()
            .try_for_each(|period| period.verify(trust))?;
        self.verify_whole()
    }

    /// Verifies that nothing is there twice, and that nothing of a debtor is left out.
    fn verify_whole(&self) -> Result<(), ProofFailure> {
        let mut periods = BTreeMap::new();
        for proof in &self.periods {
            let subject = proof.period.subject;
            if periods.insert(subject, &proof.period).is_some() {
                return Err(ProofFailure::Doubled { subject });
            }
        }
        for proof in &self.periods {
            let debtor @ Subject::Debtor(_) = proof.period.subject else {
                continue;
            };
            let Period { from, to, .. } = proof.period;
            for missing in named::named_by(&proof.object, &proof.period.events)? {
                let there = periods.get(&missing);
                if !there.is_some_and(|one| one.from <= from && to <= one.to) {
                    return Err(ProofFailure::Omitted { debtor, missing });
                }
            }
        }
        Ok(())
    }

    pub(crate) fn to_api(&self) -> api::AuditBundle {
        api::AuditBundle {
            periods: self.periods.iter().map(PeriodProof::to_api).collect(),
        }
    }

    pub(crate) fn from_api(bundle: &api::AuditBundle) -> Result<Self, ProofFailure> {
        if !(1..=AUDIT_SUBJECTS_MAX).contains(&bundle.periods.len()) {
            return Err(ProofFailure::Malformed(DecodeError::Range {
                field: "audit.periods",
                reason: "a bundle is about 1 to 1,024 subjects",
            }));
        }
        let periods = bundle.periods.iter().map(PeriodProof::from_api);
        Ok(Self {
            periods: periods.collect::<Result<_, _>>()?,
        })
    }
}

impl Client {
    /// What happened to subjects from `from` on, before `to`, verified to be complete; with each debtor
    /// come all its loans and cases. Of a subject that is not on the ledger comes the proof that it is not.
    /// Without `to`, up to the newest block. `progress` is told how many events of how many have come.
    ///
    /// # Errors
    /// [`ClientError::Proof`] when anything is missing or altered, also when `to` has not passed;
    /// [`ClientError::Options`] for no or too many subjects.
    pub async fn audit(
        &self,
        subjects: &[Subject],
        from: Timestamp,
        to: Option<Timestamp>,
        trust: &Trust,
        mut progress: impl FnMut(&Subject, u64, u64),
    ) -> Result<AuditBundle, ClientError> {
        let mut wanted: Vec<Subject> = Vec::new();
        for subject in subjects {
            want(&mut wanted, *subject);
        }
        let mut histories = Vec::with_capacity(wanted.len());
        let mut next = 0;
        while let Some(subject) = wanted.get(next).copied() {
            if wanted.len() > AUDIT_SUBJECTS_MAX {
                break;
            }
            next += 1;
            let history = self
                .history_or_absence(&subject, trust, |have, of| progress(&subject, have, of))
                .await?;
            if matches!(subject, Subject::Debtor(_)) {
                let ended = |event: &&Event| to.is_none_or(|to| event.time < to);
                let events = history.events.iter().filter(|event| from <= event.time);
                let named = named::named_by(&history.subject, events.filter(ended))
                    .map_err(ProofFailure::from)?;
                for subject in named {
                    want(&mut wanted, subject);
                }
            }
            histories.push((subject, history));
        }
        if !(1..=AUDIT_SUBJECTS_MAX).contains(&wanted.len()) {
            return Err(ClientError::Options {
                reason: format!(
                    "an audit is of 1 to {AUDIT_SUBJECTS_MAX} subjects, the loans and cases of \
                     debtors among them"
                ),
            });
        }
        // The state holds what happened up to its block's time, that time included. Later subjects were
        // proved later: the period ends where the first of them ends.
        let as_of = histories
            .iter()
            .map(|(_, history)| history.subject.header().time);
        let newest = as_of.min().unwrap_or_default().plus_millis(1);
        let to = to.unwrap_or(newest);
        let periods = histories.into_iter().map(|(subject, history)| PeriodProof {
            period: Period::of_history(subject, &history.events, from, to),
            object: history.subject,
        });
        let bundle = AuditBundle {
            periods: periods.collect(),
        };
        bundle.verify(trust)?;
        Ok(bundle)
    }
}

fn want(wanted: &mut Vec<Subject>, subject: Subject) {
    if !wanted.contains(&subject) {
        wanted.push(subject);
    }
}
