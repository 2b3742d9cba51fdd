//! `show`: a document as a person reviews it.

use std::{fmt::Write, path::PathBuf};

use clap::Args;
use comfy_table::{Table, presets::ASCII_BORDERS_ONLY_CONDENSED};
use serde_json::json;
use talea_genesis::{
    GenesisDocument, GenesisRecord,
    ceremony::{OrganisationProgress, Progress},
    standards::date,
};
use talea_types::{Amount, Asset, rule_pack::document_hash};

use super::{Outcome, Report};

/// Show what a document says, its chain id and who has signed.
#[derive(Args)]
#[command(after_help = "Example:\n  talea-genesis show genesis.toml")]
pub(super) struct Show {
    /// Genesis document.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Show {
    pub(super) fn run(self) -> Outcome {
        let document = GenesisDocument::load(&self.file)?;
        let record = document.record()?;
        let progress = document.progress()?;
        let complete = document.complete_record().is_ok();
        let json = json!({
            "chain_id": record.chain_id(),
            "complete": complete,
            "document": document,
            "organisations": progress,
        });
        Ok(Report::new(text(&record, &progress, complete), json))
    }
}

fn text(record: &GenesisRecord, progress: &[OrganisationProgress], complete: bool) -> String {
    let mut text = String::new();
    let kind = if record.is_sandbox() {
        "SANDBOX: for trials only, its clock may be moved"
    } else {
        "production"
    };
    let state = if complete {
        "complete"
    } else {
        "signatures are missing"
    };
    let mut facts = table(&["network", record.network()]);
    facts.add_row(["kind", kind]);
    facts.add_row(["chain id", &record.chain_id().to_string()]);
    facts.add_row(["time", &date::time_to_text(record.time())]);
    facts.add_row(["business date", &date::days_to_text(record.business_date())]);
    facts.add_row(["state", state]);
    push(&mut text, &facts);
    push(&mut text, &assets_and_tiers(record));
    push(&mut text, &organisations(record, progress));
    push(&mut text, &reserves(record));
    push(&mut text, &validators(record));
    if record.rule_packs().len() > 0 {
        push(&mut text, &rule_packs(record));
    }
    text
}

fn push(text: &mut String, table: &Table) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{table}\n");
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(ASCII_BORDERS_ONLY_CONDENSED)
        .set_header(header);
    table
}

fn amount(record: &GenesisRecord, asset: Asset, amount: Amount) -> String {
    let decimals = record
        .assets()
        .get(&asset)
        .map_or(0, |asset| asset.decimals);
    amount.to_decimal(decimals.into())
}

fn assets_and_tiers(record: &GenesisRecord) -> Table {
    let mut table = table(&["tier", "asset", "kind", "a transaction", "a day", "a month"]);
    for (number, tier) in record.tiers().iter().enumerate() {
        for limit in &tier.limits {
            let definition = record.assets().get(&limit.asset);
            let kind = definition.map_or("", |definition| definition.kind.word());
            table.add_row([
                format!("{number} {}", tier.name),
                limit.asset.to_string(),
                kind.to_owned(),
                amount(record, limit.asset, limit.per_transaction),
                amount(record, limit.asset, limit.per_day),
                amount(record, limit.asset, limit.per_month),
            ]);
        }
    }
    table
}

fn organisations(record: &GenesisRecord, progress: &[OrganisationProgress]) -> Table {
    let mut table = table(&[
        "organisation",
        "LEI",
        "BIC",
        "country",
        "roles",
        "keys",
        "contributed",
        "approved",
    ]);
    for participant in record.participants() {
        let signed = progress.iter().find(|signed| signed.lei == participant.lei);
        let roles: Vec<&str> = participant.roles.iter().map(|role| role.word()).collect();
        let policy = &participant.policy;
        table.add_row([
            participant.name.clone(),
            participant.lei.clone(),
            participant.bic.clone(),
            participant.jurisdiction.clone(),
            roles.join(", "),
            format!("{} of {}", policy.threshold(), policy.keys().len()),
            share(signed.map(|signed| signed.contribution)),
            share(signed.and_then(|signed| signed.approval)),
        ]);
    }
    table
}

fn share(progress: Option<Progress>) -> String {
    match progress {
        None => "not needed".to_owned(),
        Some(progress) if progress.is_complete() => "yes".to_owned(),
        Some(progress) => format!("{} of {}", progress.signed, progress.needed),
    }
}

fn reserves(record: &GenesisRecord) -> Table {
    let mut table = table(&["reserve of", "asset", "amount"]);
    for ((participant, asset), reserve) in record.reserves() {
        let name = record
            .participant(participant)
            .map_or_else(|| participant.to_string(), |owner| owner.name.clone());
        table.add_row([name, asset.to_string(), amount(record, *asset, *reserve)]);
    }
    table
}

fn rule_packs(record: &GenesisRecord) -> Table {
    let mut table = table(&["rule pack", "version", "bytes", "hash of the document"]);
    for pack in record.rule_packs() {
        table.add_row([
            pack.pack.to_string(),
            pack.version.to_string(),
            pack.document.len().to_string(),
            document_hash(&pack.document).to_string(),
        ]);
    }
    table
}

fn validators(record: &GenesisRecord) -> Table {
    let mut table = table(&["validator", "run by", "power", "voting key", "network key"]);
    for (_, validator) in record.validator_set().iter() {
        let runner = record.participant(&validator.participant).map_or_else(
            || validator.participant.to_string(),
            |owner| owner.name.clone(),
        );
        table.add_row([
            validator.name.clone(),
            runner,
            format!(
                "{} of {}",
                validator.power,
                record.validator_set().total_power()
            ),
            validator.voting_key.to_string(),
            validator.network_key.to_string(),
        ]);
    }
    table
}
