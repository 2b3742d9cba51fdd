//! Tells the story: signs, submits, says what the network said, and holds it against what the story needs.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::Context;
use talea_client::{ClientError, ReceiptProof, operations::IntoOperation};
use talea_types::{
    AccountId, CaseId, LoanId, Outcome, PermitId, SignedTransaction, Subject, TransactionId,
    conduct::ContactResult,
    hash::{Hash, tagged},
};

use super::People;
use crate::demo::book::{play::Lending, stage::Stage};

/// How long a node may be behind another, and how often it is asked again.
const BEHIND_MAX: Duration = Duration::from_secs(60);
const BEHIND_PAUSE: Duration = Duration::from_millis(50);

/// A rule that spoke, with its legal source.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Cited {
    /// `rule-id@version`, as the block has it.
    pub rule: String,
    /// What it says.
    pub title: String,
    /// Where that is written.
    pub source: String,
}

/// One line of the story.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Line {
    /// What was asked for.
    pub text: String,
    /// The name of the outcome.
    pub outcome: &'static str,
    /// Rules that refused it.
    pub rules: Vec<Cited>,
}

/// What was asked of the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Permits {
    /// How many permits were asked for.
    pub asked: u64,
    /// How many were granted.
    pub granted: u64,
    /// How many were refused, by each rule that spoke.
    pub refused: BTreeMap<String, Refused>,
}

/// Contacts that a rule refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Refused {
    /// How many.
    pub count: u64,
    /// Its legal source.
    pub source: String,
}

/// The one who tells.
pub(super) struct Teller<'s> {
    pub(super) stage: &'s mut Stage,
    pub(super) people: People,
    pub(super) lending: &'s Lending,
    /// The last business date that was begun.
    pub(super) today: u32,
    pub(super) lines: Vec<Line>,
    pub(super) permits: Permits,
    /// Cases that were placed, with their debtors.
    pub(super) cases: Vec<(CaseId, AccountId)>,
    /// Permits whose results are not told yet.
    pub(super) unclosed: Vec<Unclosed>,
    /// The same of the loans without a story, with what came of each.
    pub(super) desk: Vec<(Subject, PermitId, ContactResult)>,
    /// Title and source of each rule by its id.
    sources: BTreeMap<String, (String, String)>,
}

/// A permit of somebody, and its number among those of a day.
pub(super) type Unclosed = (Subject, PermitId, u64);

/// Whether an outcome is one of a permit that the rules refuse.
const fn is_refusal(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::ContactRefused | Outcome::OverrideNeeded)
}

impl<'s> Teller<'s> {
    pub(super) fn new(
        stage: &'s mut Stage,
        people: &People,
        lending: &'s Lending,
    ) -> anyhow::Result<Self> {
        let mut sources = BTreeMap::new();
        for pack in talea_rules::packs::all()? {
            for rule in pack.rules {
                sources.insert(rule.id, (rule.title, rule.source));
            }
        }
        let today = lending.course.days.last().map(|day| day.date);
        Ok(Self {
            stage,
            people: *people,
            lending,
            today: today.context("a book without days")?,
            lines: Vec::new(),
            permits: Permits::default(),
            cases: Vec::new(),
            unclosed: Vec::new(),
            desk: Vec::new(),
            sources,
        })
    }

    /// Headline of what follows.
    pub(super) fn headline(&self, text: &str) {
        eprintln!("\n{text}");
    }

    pub(super) fn debtor(&self, person: usize) -> AccountId {
        self.lending.borrowers[person]
    }

    pub(super) fn loan(&self, person: usize) -> LoanId {
        self.lending.loans[person]
    }

    pub(super) fn name(&self, person: usize) -> &'s str {
        &self.lending.book.loans[person].name
    }

    /// One that the network applies.
    pub(super) async fn applied(
        &mut self,
        text: &str,
        author: Subject,
        operation: impl IntoOperation,
        cosigners: &[Subject],
    ) -> anyhow::Result<TransactionId> {
        self.ends(text, author, operation, cosigners, (Outcome::Applied, None))
            .await
    }

    /// One that the network refuses, with an outcome, and by a rule if there is one.
    pub(super) async fn ends(
        &mut self,
        text: &str,
        author: Subject,
        operation: impl IntoOperation,
        cosigners: &[Subject],
        expected: (Outcome, Option<&str>),
    ) -> anyhow::Result<TransactionId> {
        let transaction = self.stage.sign(&author, operation, cosigners)?;
        let (id, ended) = (
            transaction.id(),
            self.stage.submit(vec![transaction]).await?,
        );
        let outcome = ended
            .first()
            .map_or(Outcome::Expired, |ended| ended.outcome);
        let rules = self.rules(outcome, &id).await?;
        self.tell(text, outcome, rules, expected)?;
        Ok(id)
    }

    /// Says a line and holds it against what is expected.
    pub(super) fn tell(
        &mut self,
        text: &str,
        outcome: Outcome,
        rules: Vec<Cited>,
        (expected, by): (Outcome, Option<&str>),
    ) -> anyhow::Result<()> {
        eprintln!("  {text}: {}", said(outcome));
        for cited in &rules {
            eprintln!("      {} ({}): {}", cited.rule, cited.source, cited.title);
        }
        let names = |rule: &str| rules.iter().any(|cited| cited.rule.starts_with(rule));
        anyhow::ensure!(
            outcome == expected && by.is_none_or(names),
            "'{text}' ended as {outcome} by {rules:?}, and not as {expected} by {by:?}"
        );
        self.lines.push(Line {
            text: text.to_owned(),
            outcome: outcome.name(),
            rules,
        });
        Ok(())
    }

    /// The rules that a block names for a refused transaction, proved by its receipt.
    pub(super) async fn rules(
        &self,
        outcome: Outcome,
        id: &TransactionId,
    ) -> anyhow::Result<Vec<Cited>> {
        if outcome.is_applied() {
            return Ok(Vec::new());
        }
        let proof = self.receipt(id).await?;
        let rules = proof.receipt.result.rules.into_iter();
        Ok(rules.map(|rule| self.cite(rule)).collect())
    }

    /// The node that is asked may be a moment behind the one that answered.
    async fn receipt(&self, id: &TransactionId) -> anyhow::Result<ReceiptProof> {
        let begun = Instant::now();
        loop {
            match self.stage.client.receipt(id, &self.stage.trust).await {
                Err(ClientError::NotFound { .. }) if begun.elapsed() < BEHIND_MAX => {
                    tokio::time::sleep(BEHIND_PAUSE).await;
                }
                found => return Ok(found?),
            }
        }
    }

    fn cite(&self, rule: String) -> Cited {
        let id = rule.split('@').next().unwrap_or_default();
        let (title, source) = self.sources.get(id).cloned().unwrap_or_default();
        Cited {
            rule,
            title,
            source,
        }
    }

    /// Counts what became of a permit that was asked for.
    pub(super) fn count(&mut self, outcome: Outcome, rules: &[Cited]) {
        self.permits.asked += 1;
        self.permits.granted += u64::from(outcome.is_applied());
        if is_refusal(outcome) {
            for cited in rules {
                let refused = self.permits.refused.entry(cited.rule.clone()).or_default();
                refused.count += 1;
                refused.source.clone_from(&cited.source);
            }
        }
    }

    /// A permit that is asked for, with its line.
    pub(super) async fn asks(
        &mut self,
        text: &str,
        agency: Subject,
        operation: impl IntoOperation,
        expected: (Outcome, Option<&str>),
    ) -> anyhow::Result<TransactionId> {
        let id = self.ends(text, agency, operation, &[], expected).await?;
        let rules = self
            .lines
            .last()
            .map(|line| line.rules.clone())
            .unwrap_or_default();
        self.count(expected.0, &rules);
        Ok(id)
    }

    /// Many at once, without lines of their own; what each ended as.
    pub(super) async fn many(
        &mut self,
        transactions: Vec<SignedTransaction>,
    ) -> anyhow::Result<Vec<(TransactionId, Outcome)>> {
        let ended = self.stage.submit(transactions).await?;
        Ok(ended.into_iter().map(|one| (one.id, one.outcome)).collect())
    }

    /// The account of a person, as an author.
    pub(super) fn person(&self, person: usize) -> Subject {
        Subject::Account(self.debtor(person))
    }

    pub(super) fn agency(&self, number: usize) -> anyhow::Result<Subject> {
        let agency = self.stage.agencies.get(number).copied();
        agency
            .map(Subject::Participant)
            .context("the network has two agencies")
    }
}

/// The outcome as a person reads it.
fn said(outcome: Outcome) -> String {
    if outcome.is_applied() {
        "done".to_owned()
    } else {
        format!("REFUSED, {}", outcome.name())
    }
}

/// Commits to something that stays off the ledger: a number, a letter, evidence.
pub(super) fn commitment(what: &str) -> Hash {
    tagged("talea/demo-commitment/v1", &[what.as_bytes()])
}
