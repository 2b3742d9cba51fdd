//! `talea rules`: the law of contacts: which packs there are, whether one is sound, and what they say
//! about a contact. Needs no network.

mod scenario;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use talea_client::describe;
use talea_rules::{
    Decision, Pack,
    explain::Explanation,
    lint::{Finding, Severity},
    packs,
};

use super::{context::Context, exit::Code, output};
use scenario::Scenario;

/// Look at packs of rules, check one, or ask what they say about a contact.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea rules list\n  talea rules show us-reg-f\n  \
                  talea rules lint our-policy.toml\n  talea rules explain call.toml"
)]
pub(crate) struct Rules {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    List(List),
    Show(Show),
    Lint(Lint),
    Explain(Explain),
}

/// List the packs that come with this program.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea rules list --json")]
struct List {}

/// Show the rules of a pack with their legal sources.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea rules show uk-conc7\n  talea rules show our-policy.toml"
)]
struct Show {
    /// Name of a pack that comes with this program, or a file.
    pack: String,
}

/// Check a pack before it is proposed: a network refuses one with errors.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea rules lint our-policy.toml")]
struct Lint {
    /// The file.
    file: PathBuf,
}

/// Say which rules allow or refuse a contact, why, and when it would become allowed.
#[derive(Debug, Args)]
#[command(long_about = LONG_ABOUT, after_help = "Example:\n  talea rules explain call.toml")]
struct Explain {
    /// The file with the packs, the debtor, what happened before, and the proposed contact.
    file: PathBuf,
}

const LONG_ABOUT: &str = "\
Say which rules allow or refuse a contact, why, and when it would become allowed.

A file that is understood (only packs, debtor and contact are needed):

  packs = [\"us-reg-f\", \"our-policy.toml\"]

  [debtor]
  residence = \"US-NY\"
  time_zones = [\"America/New_York\"]
  governing_law = \"US\"
  # also: cease, represented, disputed, complained, unable = true
  #       consented_at = TIME, refused_hours = [{ from = \"12:00\", until = \"13:00\" }],
  #       opt_outs = [\"voice_call\"], agreed_hours = { from = .., until = .. }

  [agency]                      # left out: the lender's own desk
  jurisdiction = \"US-NY\"
  listed_publicly = true

  [[notice]]
  notice = \"validation\"
  at = \"2026-03-01T10:00:00-05:00\"

  [[protection]]
  protection = \"breathing_space\"
  from = \"2026-04-01T00:00:00Z\"
  until = \"2026-05-31T00:00:00Z\"

  [[before]]                    # an earlier contact
  channel = \"voice_call\"
  at = \"2026-03-02T10:00:00-05:00\"
  result = \"no_answer\"
  # or instead of result, a permit that nobody closed:
  #       permit = \"open\" or \"not_closed\", minutes = 30 (its window from at on)
  # also: party = \"third_party\", initiator = \"debtor\",
  #       consented = true (left out: as consented_at says),
  #       other_debt, other_contact_point, other_case = true (not those of the contact below)

  [contact]
  channel = \"voice_call\"
  at = \"2026-03-03T10:00:00-05:00\"
  minutes = 30
  # also: party, purpose, opt_out_statement, recorded

Exit codes: 0 allowed, 3 refused or only with an override.";

impl Rules {
    pub(crate) fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::List(List {}) => list(context),
            Which::Show(show) => show.run(context),
            Which::Lint(lint) => lint.run(context),
            Which::Explain(explain) => explain.run(context),
        }
    }
}

/// A pack that comes with this program, or one in a file.
pub(super) fn find(name: &str, base: &Path) -> anyhow::Result<Pack> {
    let text = match packs::text(name) {
        Some(text) => text.to_owned(),
        None => read(&base.join(name)).with_context(|| {
            let names: Vec<&str> = packs::TEXTS.iter().map(|(name, _)| *name).collect();
            format!("'{name}' is no file and none of {}", names.join(", "))
        })?,
    };
    Pack::from_toml(&text).with_context(|| format!("the pack '{name}'"))
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn list(context: &Context) -> anyhow::Result<Code> {
    let packs = packs::all()?;
    if context.json() {
        for pack in &packs {
            output::line(&summary(pack).to_string());
        }
        return Ok(Code::Done);
    }
    let rows = packs.iter().map(|pack| {
        let unverified = pack.rules.iter().filter(|rule| rule.unverified).count();
        [
            pack.id.clone(),
            pack.version.to_string(),
            pack.rules.len().to_string(),
            unverified.to_string(),
            pack.title.clone(),
        ]
    });
    output::table(&["pack", "version", "rules", "unverified", "title"], rows);
    Ok(Code::Done)
}

fn summary(pack: &Pack) -> Value {
    json!({
        "pack": pack.id,
        "version": pack.version,
        "title": pack.title,
        "hash": pack.hash(),
        "tz_version": pack.tz_version,
        "rules": pack.rules.len(),
    })
}

impl Show {
    fn run(self, context: &Context) -> anyhow::Result<Code> {
        let pack = find(&self.pack, Path::new("."))?;
        if context.json() {
            let mut value = serde_json::to_value(&pack)?;
            value["hash"] = json!(pack.hash());
            output::line(&value.to_string());
            return Ok(Code::Done);
        }
        let fields = [
            (
                "pack".to_owned(),
                format!("{}, version {}", pack.id, pack.version),
            ),
            ("title".to_owned(), pack.title.clone()),
            ("hash".to_owned(), pack.hash().to_string()),
            ("time zones".to_owned(), pack.tz_version.clone()),
        ];
        output::fields(&fields);
        let rows = pack.rules.iter().map(|rule| {
            let mark = if rule.unverified { " (unverified)" } else { "" };
            [
                rule.id.clone(),
                rule.title.clone(),
                format!("{}{mark}", rule.source),
            ]
        });
        output::table(&["rule", "what it says", "source"], rows);
        Ok(Code::Done)
    }
}

impl Lint {
    fn run(self, context: &Context) -> anyhow::Result<Code> {
        let (pack, findings) = talea_rules::lint(&read(&self.file)?);
        let errors = findings
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        if context.json() {
            let findings: Vec<Value> = findings.iter().map(finding_json).collect();
            let value = json!({
                "sound": !errors,
                "pack": pack.as_ref().map(summary),
                "findings": findings,
            });
            output::line(&value.to_string());
        } else {
            for finding in &findings {
                output::line(&finding.to_string());
            }
            match &pack {
                Some(pack) if !errors => {
                    let words = format!("{} can be proposed; its hash is {}", pack.id, pack.hash());
                    output::verdict(true, &words);
                }
                _ => output::verdict(false, "a network would refuse it"),
            }
        }
        Ok(if errors { Code::Error } else { Code::Done })
    }
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "severity": match finding.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        },
        "line": finding.line,
        "rule": finding.rule,
        "field": finding.field,
        "reason": finding.reason,
    })
}

impl Explain {
    fn run(self, context: &Context) -> anyhow::Result<Code> {
        let scenario: Scenario = toml::from_str(&read(&self.file)?)
            .with_context(|| format!("{} (see talea rules explain --help)", self.file.display()))?;
        let base = self.file.parent().unwrap_or(Path::new("."));
        let packs = scenario.packs.iter().map(|name| find(name, base));
        let packs = packs.collect::<anyhow::Result<Vec<_>>>()?;
        if packs.is_empty() {
            bail!("name at least one pack: packs = [\"us-reg-f\"]");
        }
        let explanation = scenario.explain(&packs)?;
        if context.json() {
            output::line(&as_json(&explanation).to_string());
        } else {
            output::line(explanation.to_string().trim_end());
        }
        Ok(match explanation.verdict.decision {
            Decision::Allow => Code::Done,
            Decision::NeedsOverride | Decision::Deny => Code::Rejected,
        })
    }
}

fn as_json(explanation: &Explanation) -> Value {
    let time = |time: Option<_>| time.map(describe::time);
    let answers: Vec<Value> = explanation
        .answers
        .iter()
        .map(|answer| {
            json!({
                "rule": answer.rule,
                "title": answer.title,
                "source": answer.source,
                "unverified": answer.unverified,
                "refuses": answer.refuses.map(|effect| effect.to_string()),
                "possible_from": time(answer.possible_from),
            })
        })
        .collect();
    json!({
        "decision": explanation.verdict.decision.to_string(),
        "possible_from": time(explanation.verdict.possible_from),
        "rules": answers,
        "not_binding": explanation.not_binding,
    })
}
