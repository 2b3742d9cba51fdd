//! What a regulator can prove: everything that happened to some debtors, and nothing else.

use std::path::Path;

use anyhow::Context;
use talea_client::{AuditBundle, ProofFile, Trust};
use talea_types::{EventDetail, Subject, Timestamp, event::CollectionsEvent};

use super::teller::Teller;
use crate::demo::book::play::supervised;

/// A bundle that was verified from its file.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Bundle {
    /// Debtors, loans and cases.
    pub subjects: usize,
    /// What happened to them.
    pub events: usize,
    /// Contacts that were permitted.
    pub contacts: usize,
    /// Breaches.
    pub breaches: usize,
    /// Length of the file.
    pub bytes: usize,
    /// Copies with an event left out, altered or in another place: each found out.
    pub tampered_refused: usize,
}

impl Teller<'_> {
    /// Fetches the histories of two debtors, their loans and cases into a file, and verifies the file with
    /// nothing but the genesis document.
    pub(super) async fn regulator_proves(&mut self, file: &Path) -> anyhow::Result<Bundle> {
        self.headline("The regulator asks what was done to Ada and Bo");
        let mut subjects = Vec::new();
        for person in [self.people.ada, self.people.bo] {
            let debtor = self.debtor(person);
            subjects.push(Subject::Debtor(debtor));
            subjects.push(Subject::Loan(self.loan(person)));
            let cases = self.cases.iter().filter(|(_, of)| *of == debtor);
            subjects.extend(cases.map(|(case, _)| Subject::Case(*case)));
        }
        let regulator = supervised(self.stage, subjects.iter().copied()).await?;
        let from = Timestamp::from_millis(0);
        let bundle = regulator
            .audit(&subjects, from, None, &self.stage.trust, |_, _, _| {})
            .await?;
        ProofFile::Audit(bundle).save(file)?;

        let trust = Trust::load(&self.stage.genesis)?;
        let ProofFile::Audit(bundle) = ProofFile::load(file)? else {
            anyhow::bail!("the file holds something else than a bundle")
        };
        bundle.verify(&trust)?;
        let details = bundle.periods.iter().flat_map(|one| &one.period.events);
        let count = |wanted: fn(&CollectionsEvent) -> bool| {
            let of_cases = bundle
                .periods
                .iter()
                .filter(|one| matches!(one.period.subject, Subject::Case(_)));
            let events = of_cases.flat_map(|one| &one.period.events);
            events
                .filter(|event| matches!(&*event.detail, EventDetail::Collections(detail) if wanted(detail)))
                .count()
        };
        let found = Bundle {
            subjects: bundle.periods.len(),
            events: details.count(),
            contacts: count(|event| matches!(event, CollectionsEvent::ContactPermitted(_))),
            breaches: count(|event| matches!(event, CollectionsEvent::Breach(_))),
            bytes: usize::try_from(std::fs::metadata(file)?.len())?,
            tampered_refused: refuse_tampered(&bundle, &trust)?,
        };
        eprintln!(
            "  {} subjects, {} events, {} bytes in {}: complete, and no others",
            found.subjects,
            found.events,
            found.bytes,
            file.display()
        );
        eprintln!(
            "  {} contacts were permitted; {} breaches",
            found.contacts, found.breaches
        );
        eprintln!("  {} tampered copies: each REFUSED", found.tampered_refused);
        Ok(found)
    }
}

/// Leaves an event out of each subject's history, and swaps two; returns how many copies were found out.
fn refuse_tampered(bundle: &AuditBundle, trust: &Trust) -> anyhow::Result<usize> {
    let mut refused = 0;
    for (number, one) in bundle.periods.iter().enumerate() {
        let length = one.period.events.len();
        let mut copies = Vec::new();
        for event in [0, length / 2, length.saturating_sub(1)] {
            let mut copy = bundle.clone();
            let period = copy.periods.get_mut(number).context("the same bundle")?;
            if event < length {
                period.period.events.remove(event);
                copies.push(copy);
            }
        }
        if length > 1 {
            let mut copy = bundle.clone();
            let period = copy.periods.get_mut(number).context("the same bundle")?;
            period.period.events.swap(0, length - 1);
            copies.push(copy);
        }
        for copy in copies {
            anyhow::ensure!(copy.verify(trust).is_err(), "a tampered bundle verifies");
            refused += 1;
        }
    }
    Ok(refused)
}
