//! `talea-audit compare`.

use anyhow::bail;
use clap::Args;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use talea_audit::{
    Index,
    compare::{AnswerDifference, Asked, Seed, choose},
    limits::COMPARED_SAMPLE_MAX,
};
use talea_client::Trust;
use talea_types::{Subject, operation::DataPurpose};

use super::{
    network::{Known, Nodes},
    output,
};

/// Ask nodes about subjects, as wallets and debtors do, and compare every answer with what was executed: events left
/// out, altered, invented, doubled or told in another order, and proofs that prove nothing.
///
/// Each node is asked by itself and named. Reading a debtor, a loan or a case as an organisation is recorded on the
/// ledger first, where the debtor sees it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea-audit compare acct1... debtor:acct1... --genesis genesis.toml --index network.db \\\n    \
                  --node http://127.0.0.1:4100 --reader org1... --reader-key regulator.key\n  \
                  talea-audit compare --sample 100 --genesis genesis.toml --index network.db \\\n    \
                  --node http://127.0.0.1:4100,http://127.0.0.1:4110 --reader org1... --reader-key regulator.key\n  \
                  talea-audit compare --all --genesis genesis.toml --index network.db \\\n    \
                  --node http://127.0.0.1:4100 --reader org1... --reader-key regulator.key --json\n\n\
                  Follow first: what happened after the newest block of the index is counted and not judged.\n\
                  TALEA_GENESIS, TALEA_INDEX, TALEA_NODES, TALEA_READER and TALEA_READER_KEY stand for the options."
)]
pub(crate) struct Compare {
    /// About whom: an account, organisation, debtor, loan or case.
    #[arg(value_name = "SUBJECT", required_unless_present_any = ["sample", "all"])]
    subjects: Vec<Subject>,
    /// About so many subjects of the index, drawn by chance.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["subjects", "all"])]
    sample: Option<usize>,
    /// Draw the sample of an earlier comparison again.
    #[arg(long, value_name = "HASH", requires = "sample")]
    seed: Option<Seed>,
    /// About every subject of the index.
    #[arg(long, conflicts_with = "subjects")]
    all: bool,
    /// For what an organisation reads what is a debtor's, as it is recorded: supervision, collection, dispute and others.
    #[arg(long, value_name = "PURPOSE", default_value = "supervision", value_parser = purpose)]
    purpose: DataPurpose,
    #[command(flatten)]
    known: Known,
    #[command(flatten)]
    nodes: Nodes,
}

/// A node answers otherwise than was executed.
#[derive(Debug, thiserror::Error)]
#[error("{node} {text}")]
pub(crate) struct AnswersDiffer {
    /// The name of the first difference.
    pub(crate) name: &'static str,
    node: String,
    text: String,
}

impl Compare {
    pub(crate) async fn run(self, json: bool) -> anyhow::Result<()> {
        let record = self.known.record()?;
        let index = Index::open(&self.known.index)?;
        if index.chain()? != record.chain_id() {
            bail!("the index is of another network than the genesis document; name the right one");
        }
        let trust = Trust::from_record(&record);
        let seed = self.sample.map(|_| self.seed.unwrap_or_else(Seed::random));
        let subjects = self.chosen(&index, seed)?;
        if let (Some(seed), false) = (seed, json) {
            output::line(&format!(
                "{} subjects, drawn by --seed {seed}",
                subjects.len()
            ));
        }
        let mut nodes = Vec::new();
        for (node, client) in self.nodes.each(self.purpose)? {
            let bar = ProgressBar::new(subjects.len() as u64);
            let asked = Asked::about(&index, &trust, &client, &subjects, || bar.inc(1)).await;
            bar.finish_and_clear();
            if !json {
                print(node, &asked);
            }
            nodes.push((node, asked));
        }
        if json {
            let value = json!({
                "verified": index.height()?,
                "subjects": subjects.len(),
                "seed": seed.map(|seed| seed.to_string()),
                "nodes": nodes.iter().map(|(node, one)| to_json(node, one)).collect::<Vec<_>>(),
            });
            output::line(&value.to_string());
        }
        verdict(&nodes, subjects.len())
    }

    fn chosen(&self, index: &Index, seed: Option<Seed>) -> anyhow::Result<Vec<Subject>> {
        Ok(match (self.sample, seed) {
            (Some(most), _) if !(1..=COMPARED_SAMPLE_MAX).contains(&most) => {
                bail!(
                    "a sample is of 1 to {COMPARED_SAMPLE_MAX} subjects; --all compares every one"
                )
            }
            (Some(most), Some(seed)) => choose(index, Some((most, seed)))?,
            _ if self.all => choose(index, None)?,
            _ => self.subjects.clone(),
        })
    }
}

fn purpose(text: &str) -> Result<DataPurpose, String> {
    let known = DataPurpose::ALL.iter().find(|one| one.name() == text);
    known.copied().ok_or_else(|| {
        let names: Vec<&str> = DataPurpose::ALL.iter().map(|one| one.name()).collect();
        format!("'{text}' is no purpose; say one of {}", names.join(", "))
    })
}

/// What is not so comes first, whichever node it was and whatever became of the others.
fn verdict(nodes: &[(&str, Asked)], subjects: usize) -> anyhow::Result<()> {
    for (node, asked) in nodes {
        if let Some((subject, difference)) = asked.differences.first() {
            return Err(AnswersDiffer {
                name: difference.name(),
                node: (*node).to_owned(),
                text: text(subject.as_ref(), difference),
            }
            .into());
        }
    }
    for (node, asked) in nodes {
        if let Some(error) = &asked.ended {
            let done = asked.subjects;
            bail!("{node} answered about {done} of {subjects} subjects: {error}");
        }
        if !asked.refused.is_empty() {
            bail!(
                "{node} did not answer about {} of {subjects} subjects; what it refused was not compared",
                asked.refused.len(),
            );
        }
    }
    Ok(())
}

fn print(node: &str, asked: &Asked) {
    output::line(&format!(
        "{node}: {} events of {} subjects are what was executed, {} of them newer than the index",
        asked.events, asked.subjects, asked.newer
    ));
    for (subject, difference) in &asked.differences {
        let (name, text) = (difference.name(), text(subject.as_ref(), difference));
        output::line(&format!("{node} {text} ({name})"));
    }
    for (subject, reason) in &asked.refused {
        output::line(&format!("{node} does not answer about {subject}: {reason}"));
    }
    if let Some(error) = &asked.ended {
        output::line(&format!("{node} was asked no further: {error}"));
    }
}

fn to_json(node: &str, asked: &Asked) -> Value {
    let differences = asked.differences.iter().map(|(subject, difference)| {
        json!({
            "subject": subject.map(|subject| subject.to_string()),
            "difference": difference.name(),
            "text": difference.to_string(),
        })
    });
    let refused = asked
        .refused
        .iter()
        .map(|(subject, reason)| json!({ "subject": subject.to_string(), "reason": reason }));
    json!({
        "node": node,
        "subjects": asked.subjects,
        "events": asked.events,
        "newer": asked.newer,
        "differences": differences.collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
        "ended": asked.ended.as_ref().map(ToString::to_string),
    })
}

fn text(subject: Option<&Subject>, difference: &AnswerDifference) -> String {
    match subject {
        Some(subject) => format!("answers untruly about {subject}: {difference}"),
        None => format!("answers untruly: {difference}"),
    }
}

#[cfg(test)]
mod tests {
    use talea_audit::compare::CompareError;
    use talea_client::ClientError;

    use super::*;

    fn hung_up() -> CompareError {
        let last = "connection reset".to_owned();
        CompareError::Source(ClientError::Unreachable { last })
    }

    #[test]
    fn who_lies_and_hangs_up_has_lied_whoever_else_does_not_answer() {
        let silent = || Asked {
            ended: Some(hung_up()),
            ..Asked::default()
        };
        let liar = || Asked {
            differences: vec![(
                None,
                AnswerDifference::Rewound {
                    told: 9,
                    answered: 4,
                },
            )],
            ..silent()
        };
        let named = |nodes: &[(&str, Asked)]| {
            let error = verdict(nodes, 3).unwrap_err();
            let differ = error.downcast_ref::<AnswersDiffer>();
            differ.map(|differ| (differ.name, differ.node.clone()))
        };
        let expected = Some(("REWOUND", "liar".to_owned()));
        assert_eq!(named(&[("silent", silent()), ("liar", liar())]), expected);
        assert_eq!(named(&[("liar", liar()), ("silent", silent())]), expected);
        assert_eq!(
            named(&[("good", Asked::default()), ("silent", silent())]),
            None
        );
        verdict(&[("good", Asked::default())], 3).unwrap();
    }
}
