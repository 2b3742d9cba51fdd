//! Rules that a refusal names, with what they say and their legal source: the rule packs on the ledger
//! have both.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use talea_client::{Client, Finality, Settlement, Trust};
use talea_rules::Pack;
use talea_types::{
    Outcome,
    rule_pack::RulePackId,
    state::{RulePackRecord, StateKey},
};

use super::{output, signing};

/// A rule that refused.
pub(crate) struct Cited {
    /// As the result names it: its id, `@`, the version of its pack.
    name: String,
    /// What its pack says about it; `None` when that version is not on the ledger any more.
    words: Option<Words>,
}

struct Words {
    title: String,
    source: String,
    unverified: bool,
}

/// Whether results with this outcome name rules.
const fn names_rules(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::NoticeRequired
            | Outcome::ProtectionTooLong
            | Outcome::ProtectionTooSoon
            | Outcome::ContactRefused
            | Outcome::OverrideNeeded
            | Outcome::FurnishingTooSoon
    )
}

/// The rules that refused a transaction, proved by its receipt; none when it was refused for another
/// reason.
pub(crate) async fn rules(
    client: &Client,
    trust: &Trust,
    settlement: &Settlement,
) -> anyhow::Result<Vec<Cited>> {
    let outcome = match &settlement.finality {
        Finality::Rejected { rejection, .. } => rejection.outcome(),
        Finality::Committed { .. } | Finality::Expired => None,
    };
    if !outcome.is_some_and(names_rules) {
        return Ok(Vec::new());
    }
    let receipt = signing::wait_for_receipt(client, trust, &settlement.id).await?;
    let mut packs: BTreeMap<String, Option<Pack>> = BTreeMap::new();
    let mut cited = Vec::new();
    for name in receipt.receipt.result.rules {
        let (rule, version) = name.rsplit_once('@').unwrap_or((&name, ""));
        let pack = rule.split('/').next().unwrap_or_default().to_owned();
        if !packs.contains_key(&pack) {
            let found = pack_on_ledger(client, trust, &pack).await?;
            packs.insert(pack.clone(), found);
        }
        let pack = packs.get(&pack).and_then(Option::as_ref);
        let pack = pack.filter(|pack| pack.version.to_string() == version);
        let found = pack.and_then(|pack| pack.rules.iter().find(|one| one.id == rule));
        let words = found.map(|rule| Words {
            title: rule.title.clone(),
            source: rule.source.clone(),
            unverified: rule.unverified,
        });
        cited.push(Cited { name, words });
    }
    Ok(cited)
}

async fn pack_on_ledger(
    client: &Client,
    trust: &Trust,
    pack: &str,
) -> anyhow::Result<Option<Pack>> {
    let key = StateKey::RulePack(RulePackId::new(pack)?);
    let Some(value) = client.proven_state(&key, trust).await?.value else {
        return Ok(None);
    };
    let record = RulePackRecord::decode(&value)?;
    Ok(Some(Pack::decode(&record.document)?))
}

/// For people.
pub(crate) fn print(cited: &[Cited]) {
    if cited.is_empty() {
        return;
    }
    let rows = cited.iter().map(|one| match &one.words {
        Some(words) => {
            let mark = if words.unverified {
                " (unverified)"
            } else {
                ""
            };
            [
                one.name.clone(),
                words.title.clone(),
                format!("{}{mark}", words.source),
            ]
        }
        None => [
            one.name.clone(),
            "its pack has another version now".to_owned(),
            String::new(),
        ],
    });
    output::line("");
    output::table(&["rule", "what it says", "source"], rows);
}

/// For programs.
pub(crate) fn as_json(cited: &[Cited]) -> Value {
    let rules = cited.iter().map(|one| {
        let words = one.words.as_ref();
        json!({
            "rule": one.name,
            "title": words.map(|words| &words.title),
            "source": words.map(|words| &words.source),
            "unverified": words.map(|words| words.unverified),
        })
    });
    rules.collect()
}
