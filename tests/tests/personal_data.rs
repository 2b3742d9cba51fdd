//! No personal data in any transaction, state object, event, log or metric: every field of the contract,
//! every log statement of the node, and every metric and label that it registers is looked at for names
//! of personal data. What looks like one and is none is listed with its reason; an entry of the list that
//! is no longer there fails too.
//!
//! What the law itself needs to know of a person, coarse as it is, is listed apart: ADR 40 says why it is there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Words that name something personal, as parts of a field's name.
const PERSONAL: &[&str] = &[
    "name",
    "firstname",
    "lastname",
    "surname",
    "nickname",
    "phone",
    "telephone",
    "mobile",
    "email",
    "mail",
    "address",
    "street",
    "city",
    "postcode",
    "zip",
    "birth",
    "birthday",
    "born",
    "age",
    "gender",
    "sex",
    "nationality",
    "passport",
    "ssn",
    "identity",
    "national",
    "iban",
    "card",
    "employer",
    "salary",
    "income",
    "religion",
    "health",
    "photo",
    "face",
    "fingerprint",
    "ip",
    "latitude",
    "longitude",
    "location",
    "device",
    "note",
    "comment",
    "memo",
    "remark",
    "text",
    "description",
    "message",
];

/// Fields of the contract with such a word that hold nothing personal.
const FIELDS: &[(&str, &str)] = &[
    (
        "Validator.name",
        "a machine: lower-case letters, digits, hyphens",
    ),
    ("Tier.name", "a set of limits"),
    (
        "ParticipantRegister.name",
        "an organisation's legal name, in the public LEI register",
    ),
    (
        "Participant.name",
        "an organisation's legal name, in the public LEI register",
    ),
    (
        "GenesisParticipant.name",
        "an organisation's legal name, in the public LEI register",
    ),
    (
        "Modification.re_age",
        "sets a loan's days past due back: nobody's years",
    ),
];

/// Words that name what the law needs to know of a person.
const OF_PERSONS: &[&str] = &[
    "country",
    "subdivision",
    "zone",
    "zones",
    "language",
    "residence",
    "protection",
    "protections",
    "hours",
    "preferences",
];

const RESIDENCE: &str = "which law binds, and what time it is there: codes, no address (ADR 40)";
const WISHES: &str =
    "when and how the debtor lets itself be contacted: hours and switches (ADR 40)";
const PROTECTED: &str =
    "which protection holds: one of six words, its evidence a commitment (ADR 40)";
const LAW: &str = "what a rule is about: nobody's";

/// Fields of the contract with such a word: personal, and why the law needs it; or nobody's.
const NEEDED: &[(&str, &str)] = &[
    ("Residence.country", RESIDENCE),
    ("Residence.subdivision", RESIDENCE),
    ("Residence.time_zones", RESIDENCE),
    ("Residence.language", RESIDENCE),
    ("DebtorRegister.residence", RESIDENCE),
    ("DebtorRegistered.residence", RESIDENCE),
    ("ResidenceSet.residence", RESIDENCE),
    ("ResidenceChanged.residence", RESIDENCE),
    ("Debtor.residence", RESIDENCE),
    ("Event.residence_changed", RESIDENCE),
    ("Operation.residence_set", RESIDENCE),
    (
        "ContactPermit.language",
        "of a template that the collector uses",
    ),
    ("DebtorPreferences.refused_hours", WISHES),
    ("DebtorPreferences.agreed_hours", WISHES),
    ("PreferenceSet.preferences", WISHES),
    ("Debtor.preferences", WISHES),
    ("Debtor.preferences_at_ms", WISHES),
    ("Event.preferences_set", WISHES),
    ("ProtectionSet.protection", PROTECTED),
    ("ProtectionInForce.protection", PROTECTED),
    ("Debtor.protections", PROTECTED),
    ("Event.protection_changed", PROTECTED),
    ("Operation.protection_set", PROTECTED),
    ("PackApplies.residence", LAW),
    ("PackRule.residence", LAW),
    ("PackRule.quiet_hours", LAW),
    ("PackRule.debtor_hours_respected", LAW),
    ("PackRule.protection_suspends", LAW),
    ("ProtectionSuspends.protection", LAW),
];

/// Statements of the node with such a word that hold nothing personal: file, word, reason.
const STATEMENTS: &[(&str, &str, &str)] = &[
    (
        "node/src/driver/machine.rs",
        "name",
        "of a validator or another node",
    ),
    (
        "node/src/network/connections.rs",
        "name",
        "of a validator or another node",
    ),
    (
        "node/src/network/driver.rs",
        "name",
        "of a validator or another node",
    ),
    (
        "node/src/process/mod.rs",
        "address",
        "where this node itself listens",
    ),
    ("node/src/process/monitor.rs", "health", "of this node"),
    (
        "node/src/bootstrap/serving.rs",
        "name",
        "of a snapshot: its height and root",
    ),
    (
        "node/src/kept_evidence.rs",
        "name",
        "of a file: heights, rounds and a validator",
    ),
];

/// Metrics and labels of the node with such a word that hold nothing personal.
const METRICS: &[(&str, &str)] = &[("newest_block_age", "time since a block was committed")];

/// Macros that write a log.
const MACROS: &[&str] = &[
    "trace!(", "debug!(", "info!(", "warn!(", "error!(", "event!(", "span!(",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("an entry of a folder").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|one| one == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The first part of an identifier that is one of the words.
fn has_word<'i>(identifier: &'i str, words: &[&str]) -> Option<&'i str> {
    let mut parts = identifier.split('_');
    parts.find(|part| words.contains(part))
}

/// A word that has no place in a log or a metric: neither what names a person nor what the law needs to know.
fn personal_word(identifier: &str) -> Option<&str> {
    has_word(identifier, PERSONAL).or_else(|| has_word(identifier, OF_PERSONS))
}

/// `Message.field` of every field of a .proto.
fn fields(proto: &str) -> Vec<String> {
    let mut message = String::new();
    let mut fields = Vec::new();
    for line in proto.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        if let Some(rest) = line.strip_prefix("message ") {
            message = rest.trim_end_matches(['{', '}', ' ']).to_owned();
        }
        let Some((declaration, number)) = line.split_once(" = ") else {
            continue;
        };
        let words: Vec<&str> = declaration.split_whitespace().collect();
        let is_number = number
            .trim_end_matches(';')
            .bytes()
            .all(|byte| byte.is_ascii_digit());
        if let ([.., _, field], true) = (words.as_slice(), is_number) {
            fields.push(format!("{message}.{field}"));
        }
    }
    fields
}

/// Holds every field of the contract whose name has one of the words against a list.
fn check_fields(words: &[&str], list: &[(&str, &str)]) {
    let mut listed: BTreeSet<&str> = list.iter().map(|(field, _)| *field).collect();
    let mut violations = BTreeSet::new();
    let mut seen = 0;
    for path in files(&root().join("proto/talea/ledger"), "proto") {
        for field in fields(&fs::read_to_string(&path).expect("a contract")) {
            seen += 1;
            let name = field.rsplit('.').next().unwrap_or_default();
            let known = list.iter().any(|(known, _)| *known == field);
            listed.remove(field.as_str());
            if has_word(name, words).is_some() && !known {
                violations.insert(field);
            }
        }
    }
    assert!(seen > 200, "only {seen} fields were found");
    assert!(violations.is_empty(), "looks personal: {violations:?}");
    assert!(listed.is_empty(), "no longer there: {listed:?}");
}

#[test]
fn no_field_of_the_contract_is_personal() {
    check_fields(PERSONAL, FIELDS);
}

#[test]
fn what_the_ledger_knows_of_a_person_is_what_the_law_needs() {
    check_fields(OF_PERSONS, NEEDED);
}

/// The statements of a source that write a log: from the macro to its closing bracket.
fn statements(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for name in MACROS {
        for (start, _) in source.match_indices(name) {
            let rest = &source[start + name.len()..];
            let mut depth = 1;
            let end = rest.char_indices().find_map(|(at, character)| {
                match character {
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
                (depth == 0).then_some(at)
            });
            found.push(&rest[..end.unwrap_or(rest.len())]);
        }
    }
    found
}

/// The identifiers of a statement: what is inside of quotes is text, unless it is inlined in braces.
fn identifiers(statement: &str) -> Vec<&str> {
    let mut identifiers = Vec::new();
    for (number, part) in statement.split('"').enumerate() {
        let is_text = number % 2 == 1;
        let pieces: Vec<&str> = if is_text {
            let inlined = part.split('{').skip(1);
            inlined
                .filter_map(|one| one.split(['}', ':']).next())
                .collect()
        } else {
            vec![part]
        };
        for piece in pieces {
            let is_part = |character: char| character.is_alphanumeric() || character == '_';
            identifiers.extend(piece.split(|character| !is_part(character)));
        }
    }
    identifiers
}

#[test]
fn no_log_of_the_node_is_personal() {
    let mut violations = Vec::new();
    let mut unused: BTreeSet<usize> = (0..STATEMENTS.len()).collect();
    let mut seen = 0;
    for path in files(&root().join("node/src"), "rs") {
        let source = fs::read_to_string(&path).expect("a source");
        let shown = path.display().to_string();
        for statement in statements(&source) {
            seen += 1;
            for identifier in identifiers(statement) {
                let Some(word) = personal_word(identifier) else {
                    continue;
                };
                let listed = STATEMENTS
                    .iter()
                    .position(|(file, known, _)| shown.ends_with(file) && *known == word);
                match listed {
                    Some(entry) => {
                        unused.remove(&entry);
                    }
                    None => violations.push(format!("{shown}: {identifier} in {statement}")),
                }
            }
        }
    }
    assert!(seen > 20, "only {seen} statements were found");
    assert!(violations.is_empty(), "looks personal: {violations:#?}");
    assert!(unused.is_empty(), "no longer there: {unused:?}");
}

/// Calls that register a metric or describe one to a scraper; their first argument is its name.
const REGISTRATIONS: &[&str] = &[".register(", ".register_with_unit(", ".encode_descriptor("];

/// The names of the metrics of a source, as literals, or as variables that hold one.
fn metrics(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for call in REGISTRATIONS {
        for (start, _) in source.match_indices(call) {
            let argument = source[start + call.len()..].trim_start();
            let quoted = match argument.strip_prefix('"') {
                Some(quoted) => Some(quoted),
                None => argument.split(',').next().and_then(|variable| {
                    let binding = format!("let {variable} = \"");
                    let bound = source.find(&binding)?;
                    Some(&source[bound + binding.len()..])
                }),
            };
            // Other things than metrics have a method of this name.
            found.extend(quoted.and_then(|text| text.split('"').next()));
        }
    }
    found
}

/// The labels of a source: the fields of its sets of labels, and the values of those that are listed.
fn labels(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for part in source.split("#[derive(").skip(1) {
        let (derived, item) = part.split_once(")]").unwrap_or((part, ""));
        if !derived.contains("EncodeLabel") {
            continue;
        }
        let body = item.split_once('{').map_or("", |(_, body)| body);
        let body = body.split('}').next().unwrap_or_default();
        for line in body.lines().map(str::trim) {
            if line.is_empty() || line.starts_with("//") || line.starts_with('#') {
                continue;
            }
            let declared = line.split(&[':', ','][..]).next().unwrap_or_default();
            found.extend(declared.split_whitespace().last());
        }
    }
    found
}

/// A name as its words are written in a field: `PeerName` as `peer_name`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (at, character) in name.char_indices() {
        if at > 0 && character.is_uppercase() {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

#[test]
fn no_metric_of_the_node_is_personal() {
    let mut violations = Vec::new();
    let mut allowed: BTreeSet<&str> = METRICS.iter().map(|(name, _)| *name).collect();
    let (mut metrics_seen, mut labels_seen) = (0, 0);
    for path in files(&root().join("node/src"), "rs") {
        let source = fs::read_to_string(&path).expect("a source");
        let (metrics, labels) = (metrics(&source), labels(&source));
        metrics_seen += metrics.len();
        labels_seen += labels.len();
        for name in metrics.into_iter().chain(labels) {
            let snake = snake_case(name);
            let Some(word) = personal_word(&snake) else {
                continue;
            };
            if !allowed.remove(name) {
                violations.push(format!("{}: {word} in {name}", path.display()));
            }
        }
    }
    assert!(metrics_seen > 20, "only {metrics_seen} metrics were found");
    assert!(labels_seen > 10, "only {labels_seen} labels were found");
    assert!(violations.is_empty(), "looks personal: {violations:#?}");
    assert!(allowed.is_empty(), "no longer there: {allowed:?}");
}

#[test]
fn planted_personal_metrics_are_found() {
    let source = r#"
        registry.register("phone_calls", help, calls.clone());
        registry.register_with_unit(
            "age_of_block", help, Unit::Seconds, age);
        let name = "street_bytes";
        encoder.encode_descriptor(name, help, None, kind)?;
        pending.register(id, at, waiter);
        #[derive(Clone, EncodeLabelSet)]
        struct CallerLabels {
            /// Who.
            pub(super) debtor_email: String,
            kind: Kind,
        }
        #[derive(Clone, EncodeLabelValue)]
        enum Kind {
            HomeAddress,
        }
        #[derive(Clone)]
        struct Card { surname: String }
    "#;
    assert_eq!(
        metrics(source),
        ["phone_calls", "age_of_block", "street_bytes"]
    );
    assert_eq!(labels(source), ["debtor_email", "kind", "HomeAddress"]);
    assert_eq!(snake_case("HomeAddress"), "home_address");
}

#[test]
fn planted_personal_data_is_found() {
    let planted = "message Debtor {\n  // comment = 1;\n  string first_name = 1;\n  repeated bytes loans = 2;\n}\n";
    assert_eq!(fields(planted), ["Debtor.first_name", "Debtor.loans"]);
    assert_eq!(personal_word("first_name"), Some("name"));
    assert_eq!(personal_word("names"), None);
    let source = r#"fn f() { info!(peer, email = %x.email(), "said (hello) to {phone:?}"); }"#;
    let found: Vec<&str> = statements(source)
        .into_iter()
        .flat_map(identifiers)
        .filter_map(personal_word)
        .collect();
    assert_eq!(found, ["email", "email", "phone"]);
}
