//! Rules for rule packs.

use std::collections::BTreeMap;

use bytes::Bytes;
use talea_rules::{
    Pack,
    lint::{self, Severity},
};
use talea_types::{
    RulePackId,
    limits::{RULE_PACK_BYTES_MAX, RULE_PACKS_MAX},
    operation::RulePackActivate,
};

use super::text::Shown;
use crate::{document::RulePackTerms, problem::Problems};

pub(super) fn rule_packs(
    list: &[RulePackTerms],
    problems: &mut Problems,
) -> BTreeMap<RulePackId, RulePackActivate> {
    if list.len() > RULE_PACKS_MAX {
        problems.add(
            "rule_packs",
            format!("there are {}", list.len()),
            format!("list at most {RULE_PACKS_MAX}"),
        );
    }
    let mut packs = BTreeMap::new();
    for (position, terms) in list.iter().enumerate() {
        let field = format!("rule_packs[{position}]");
        let Some(pack) = rule_pack(&field, terms, problems) else {
            continue;
        };
        if packs.insert(pack.pack, pack).is_some() {
            problems.add(
                format!("{field}.id"),
                format!("{} is there twice", Shown(&terms.id)),
                "keep one version of each pack",
            );
        }
    }
    packs
}

fn rule_pack(
    field: &str,
    terms: &RulePackTerms,
    problems: &mut Problems,
) -> Option<RulePackActivate> {
    let pack = RulePackId::new(&terms.id);
    if pack.is_err() {
        problems.add(
            format!("{field}.id"),
            format!("{} is not an id of a rule pack", Shown(&terms.id)),
            "write 1 to 32 lower-case letters, digits and hyphens, a letter first",
        );
    }
    if terms.version == 0 {
        problems.add(
            format!("{field}.version"),
            "it is 0",
            "count versions from 1",
        );
    }
    let document = bytes_of(&terms.document);
    let fits = |bytes: &Vec<u8>| (1..=RULE_PACK_BYTES_MAX).contains(&bytes.len());
    if !document.as_ref().is_some_and(fits) {
        problems.add(
            format!("{field}.document"),
            "it is not the hexadecimal text of a document",
            format!("write 1 to {RULE_PACK_BYTES_MAX} bytes, two digits each"),
        );
    }
    let (pack, document) = (pack.ok()?, Bytes::from(document?));
    faults(field, terms, &document, problems);
    Some(RulePackActivate {
        pack,
        version: terms.version,
        document,
    })
}

/// What the linter finds in a document.
fn faults(field: &str, terms: &RulePackTerms, document: &Bytes, problems: &mut Problems) {
    let field = format!("{field}.document");
    let found = match Pack::decode(document) {
        Ok(found) => found,
        Err(error) => {
            problems.add(
                field,
                format!("it is not a rule pack in canonical form: {error}"),
                "let 'talea-genesis rule-pack' add the pack from its file",
            );
            return;
        }
    };
    if found.id != terms.id || found.version != terms.version {
        problems.add(
            field.as_str(),
            format!("it is version {} of {}", found.version, Shown(&found.id)),
            "let the id and the version be those of the document",
        );
    }
    let findings = lint::check(&found).into_iter();
    for finding in findings.filter(|finding| finding.severity == Severity::Error) {
        problems.add(field.as_str(), finding.to_string(), "correct the pack");
    }
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let digits = digits?;
    let pairs = digits.chunks_exact(2);
    let whole = pairs.remainder().is_empty();
    let bytes = pairs.map(|pair| pair.iter().fold(0, |byte: u8, digit| (byte << 4) | digit));
    whole.then(|| bytes.collect())
}
