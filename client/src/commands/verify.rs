//! `talea verify`: verifies a proof file against the genesis document, without a network.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use talea_client::{
    AuditBundle, HistoryProof, ObjectProof, PeriodProof, ProofFile, ReceiptProof, Trust,
    describe::{self, Field},
};
use talea_types::{
    BlockHeader,
    state::{Account, StateKey},
};

use super::{account::events, context::Context, exit::Code, output};

/// Verify a proof file (a receipt, an account, a history, an audit) against the genesis document, offline.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea verify payment.proof --genesis genesis.toml\n  \
                  talea verify history.proof --genesis genesis.toml --json"
)]
pub(crate) struct Verify {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Verify {
    pub(crate) fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        let file = ProofFile::load(&self.file)?;
        print(context, &file, &trust)?;
        Ok(Code::Done)
    }
}

/// Verifies a proof, then shows what it proves.
pub(crate) fn print(context: &Context, file: &ProofFile, trust: &Trust) -> anyhow::Result<()> {
    file.verify(trust)
        .map_err(talea_client::ClientError::from)?;
    let (fields, header) = match file {
        ProofFile::Receipt(proof) => (receipt(proof, trust)?, &proof.receipt.finality.header),
        ProofFile::Object(proof) => (object(proof, trust)?, proof.header()),
        ProofFile::History(proof) => (history(proof)?, proof.subject.header()),
        ProofFile::Audit(bundle) => {
            print_audit(context, bundle, trust);
            return Ok(());
        }
    };
    let fields: Vec<Field> = fields.into_iter().chain(block(header, trust)).collect();
    if context.json() {
        let mut value = output::object(&fields);
        value["verified"] = json!(true);
        if let ProofFile::History(proof) = file {
            let shown = proof.events.iter();
            let shown: Vec<Value> = shown
                .map(|event| events::as_json(event, trust.decimals()))
                .collect();
            value["events"] = json!(shown);
        }
        output::line(&value.to_string());
        return Ok(());
    }
    output::verdict(true, "verified against the genesis document");
    output::fields(&fields);
    if let ProofFile::History(proof) = file {
        events::print(context, &proof.events, trust.decimals());
    }
    Ok(())
}

fn field(name: &str, value: impl std::fmt::Display) -> Field {
    (name.to_owned(), format!("{value}"))
}

fn receipt(proof: &ReceiptProof, trust: &Trust) -> anyhow::Result<Vec<Field>> {
    let result = &proof.receipt.result;
    let mut fields = vec![
        field("transaction", result.transaction),
        field("outcome", result.outcome),
    ];
    if !result.outcome.is_applied() {
        fields.push(field("meaning", result.outcome.help()));
    }
    fields.extend(result.rules.iter().map(|rule| field("rule", rule)));
    match proof.verify(trust)? {
        Some(transaction) => {
            fields.extend(describe::body(transaction.body(), trust.decimals()));
        }
        None => fields.push(field(
            "content",
            "the file does not hold the transaction itself",
        )),
    }
    Ok(fields)
}

fn object(proof: &ObjectProof, trust: &Trust) -> anyhow::Result<Vec<Field>> {
    let Some(value) = &proof.value else {
        let height = proof.header().height;
        let words = format!("there is no {} at height {height}", named(&proof.key));
        return Ok(vec![field("absent", words)]);
    };
    let StateKey::Account(id) = &proof.key else {
        return Ok(vec![
            field("object", named(&proof.key)),
            field("bytes", value.len()),
        ]);
    };
    let account = Account::decode(value)?;
    let mut fields = vec![
        field("account", id),
        field("kind", describe::account_kind(account.kind)),
        field("sponsor", account.sponsor),
        field("closed", account.closed),
        field("events", account.events.length()),
    ];
    for balance in &account.balances {
        let money = |amount| describe::money(amount, balance.asset, trust.decimals());
        let name = format!("balance {}", balance.asset);
        let words = format!("{}, held {}", money(balance.available), money(balance.held));
        fields.push((name, words));
    }
    Ok(fields)
}

/// What is at a key, in words where people ask for it.
fn named(key: &StateKey) -> String {
    match key {
        StateKey::Account(id) => format!("account {id}"),
        StateKey::Participant(id) => format!("organisation {id}"),
        StateKey::Debtor(id) => format!("debtor {id}"),
        StateKey::Loan(id) => format!("loan {id}"),
        StateKey::Case(id) => format!("case {id}"),
        StateKey::Hold(id) => format!("hold {id}"),
        StateKey::Permit(id) => format!("permit {id}"),
        other => format!("object {other:?}"),
    }
}

fn history(proof: &HistoryProof) -> anyhow::Result<Vec<Field>> {
    Ok(vec![
        field("history of", proof.subject()?),
        field(
            "complete",
            format!("exactly these {} events", proof.events.len()),
        ),
    ])
}

fn print_audit(context: &Context, bundle: &AuditBundle, trust: &Trust) {
    if context.json() {
        let periods: Vec<Value> = bundle
            .periods
            .iter()
            .map(|proof| {
                let mut value = output::object(&period(proof, trust));
                let shown = proof.period.events.iter();
                let shown: Vec<Value> = shown
                    .map(|event| events::as_json(event, trust.decimals()))
                    .collect();
                value["events"] = json!(shown);
                value
            })
            .collect();
        let value = json!({ "verified": true, "periods": periods });
        output::line(&value.to_string());
        return;
    }
    output::verdict(true, "verified against the genesis document");
    output::table(
        &["history of", "events in the period"],
        bundle.periods.iter().map(|proof| {
            let period = &proof.period;
            let events = if proof.is_absence() {
                "none: not on the ledger".to_owned()
            } else {
                period.events.len().to_string()
            };
            [period.subject.to_string(), events]
        }),
    );
    for proof in &bundle.periods {
        output::fields(&period(proof, trust));
        events::print(context, &proof.period.events, trust.decimals());
    }
}

fn period(proof: &PeriodProof, trust: &Trust) -> Vec<Field> {
    let period = &proof.period;
    let mut fields = vec![
        field("history of", period.subject),
        field("from", describe::time(period.from)),
        field("before", describe::time(period.to)),
        field(
            "complete",
            format!("exactly these {} events", period.events.len()),
        ),
    ];
    if proof.is_absence() {
        let (object, height) = (named(&proof.object.key), proof.object.header().height);
        let words = format!(
            "there is no {object} at height {height}; none is ever removed, so nothing happened to it"
        );
        fields.push(field("absent", words));
    }
    let block = block(proof.object.header(), trust);
    fields.into_iter().chain(block).collect()
}

fn block(header: &BlockHeader, trust: &Trust) -> Vec<Field> {
    vec![
        field("network", trust.name()),
        field("height", header.height),
        field("ledger time", describe::time(header.time)),
        field("block", header.hash()),
    ]
}
