//! What the linter finds in documents with planted faults, and how an explanation reads.

mod support;

use support::{World, contact, times};
use talea_rules::{
    Collector, Contact, Pack, Zone, explain, lint,
    lint::{Finding, Severity},
    packs,
};
use talea_types::conduct::{Channel, ContactResult};

const SOUND: &str = r#"id = "test"
version = 1
title = "A test"
tz_version = "2026e"
applies_to = { residence = ["ZZ"] }
[[rule]]
number = 1
id = "test/hours"
title = "Nights are quiet"
source = "A law"
provision = { quiet_hours = { from = "21:00", until = "08:00" } }

[[rule]]
number = 2
id = "test/calls"
title = "At most three calls a day"
source = "A law"
channels = ["voice_call"]

[rule.provision.frequency_cap]
counted = "attempts"
max = 3
window = { local_days = 1 }
scope = "person"
initiator = "collector"
"#;

#[test]
fn a_sound_pack_has_no_faults() {
    let (pack, findings) = lint(SOUND);
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(pack, Pack::from_toml(SOUND).ok());
}

#[test]
fn planted_faults_are_found_where_they_are() {
    let long = "x".repeat(600);
    let faults: [(&str, &str, usize, &str); 29] = [
        ("id = \"test\"", "id = \"Test\"", 1, "id"),
        ("version = 1", "version = 0", 1, "version"),
        ("2026e", "2020a", 1, "tz_version"),
        ("[\"ZZ\"]", "[]", 1, "applies_to"),
        (
            "residence = [\"ZZ\"]",
            "third_party_collectors_only = true",
            1,
            "applies_to",
        ),
        ("\"A test\"", "\"\"", 1, "title"),
        ("number = 2", "number = 1", 13, "number"),
        ("number = 1", "number = 0", 6, "number"),
        ("test/calls", "test/hours", 6, "id"),
        ("test/calls", "other/calls", 13, "id"),
        ("\"Nights are quiet\"", "\"\"", 6, "title"),
        ("source = \"A law\"", "source = \"\"", 6, "source"),
        ("Nights are quiet", &long, 6, "title"),
        ("\"08:00\"", "\"21:00\"", 6, "quiet_hours"),
        ("max = 3", "max = 0", 13, "max"),
        ("max = 3", "max = 17", 13, "max"),
        ("local_days = 1", "local_days = 0", 13, "window"),
        ("local_days = 1", "rolling_days = 400", 13, "window"),
        (
            "[\"voice_call\"]",
            "[\"voice_call\", \"email\"]",
            13,
            "channels",
        ),
        (
            "[\"voice_call\"]",
            "[\"voice_call\", \"voice_call\"]",
            13,
            "channels, parties or purposes",
        ),
        (
            "\"collector\"",
            "\"collector\"\nconsent_days = 3",
            13,
            "consent_days",
        ),
        (
            "quiet_hours = { from = \"21:00\", until = \"08:00\" }",
            "complaint_suspends = { fees = true, interest = true }",
            6,
            "interest",
        ),
        // What is not of the form of a pack is refused at its own line.
        ("version = 1", "version = 1.5", 2, "document"),
        ("max = 3", "max = 3.0", 22, "document"),
        ("max = 3", "most = 3", 22, "document"),
        ("\"21:00\"", "\"25:00\"", 11, "document"),
        ("\"person\"", "\"family\"", 24, "document"),
        ("source = \"A law\"", "", 6, "document"),
        ("quiet_hours", "loud_hours", 11, "document"),
    ];
    for (sound, faulty, line, field) in faults {
        let document = SOUND.replacen(sound, faulty, 1);
        assert_ne!(document, SOUND, "{sound}");
        let (_, findings) = lint(&document);
        let is_it = |finding: &&Finding| finding.field == field;
        let found = findings.iter().find(is_it);
        let found = found.unwrap_or_else(|| panic!("{faulty}: {findings:?}"));
        assert_eq!(found.severity, Severity::Error, "{found}");
        let near = if field == "document" { 5 } else { 0 };
        assert!(found.line.abs_diff(line) <= near, "{faulty}: {found}");
        assert!(!found.to_string().is_empty());
    }
}

#[test]
fn doubtful_figures_are_warned_about() {
    let document = SOUND.replacen("number = 1", "number = 1\nunverified = true", 1);
    let (_, findings) = lint(&document);
    let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        ["line 6: warning: test/hours: unverified: a figure or source is not verified"]
    );
}

#[test]
fn an_explanation_says_who_refuses_why_and_until_when() {
    let mut world = World::new();
    world.zones = vec![Zone::find("America/New_York").unwrap()];
    world.residence = "US".parse().unwrap();
    world.collector = Collector::ThirdParty;
    let zone = times::zone("America/New_York");
    let time = |text: &str| times::time(text, &zone);
    let call = |at| -> Contact {
        let from = time(at);
        contact(Channel::VoiceCall, from, from.plus_millis(60_000))
    };
    let conversation = (ContactResult::Conversation, time("2026-03-02T10:00"));
    world.count(&call("2026-03-02T10:00"), true, Some(conversation));
    let chosen: Vec<Pack> = packs::all()
        .unwrap()
        .into_iter()
        .filter(|pack| ["us-reg-f", "in-rbi"].contains(&pack.id.as_str()))
        .collect();
    let text = explain(&chosen, &call("2026-03-07T22:00"), &world.facts()).to_string();
    let expected = "\
deny
possible from 2026-03-09T12:00:00Z = 2026-03-09T08:00:00 America/New_York
  refuses (deny): us-reg-f/1006.6(b)(1)(i)
    No contact before 08:00 or after 21:00 at the consumer's location; for electronic messages the time of sending counts
    12 CFR 1006.6(b)(1)(i)
    would allow it from 2026-03-08T12:00:00Z = 2026-03-08T08:00:00 America/New_York
  allows: us-reg-f/1006.14(b)(2)(i)(A)
  refuses (needs override): us-reg-f/1006.14(b)(2)(i)(B)
    A call within 7 consecutive days of a conversation about the debt is presumed to harass; the day of the conversation is the first
    12 CFR 1006.14(b)(2)(i)(B)
    would allow it from 2026-03-09T04:00:00Z = 2026-03-09T00:00:00 America/New_York
";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.ends_with("  does not bind: in-rbi\n"), "{text}");
}
