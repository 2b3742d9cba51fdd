//! The bytes of every kind of message: what is signed and with which id, what happens, what is in the
//! state. A story has all of them; `golden/messages.txt` pins the first of each.

mod support;

use std::{collections::BTreeSet, fmt::Write as _};

use support::{
    messages::Messages,
    script::{cases, play_case},
};

const OPERATIONS: &str = include_str!("../../proto/talea/ledger/v1/transaction.proto");
const STATE: &str = include_str!("../../proto/talea/ledger/v1/state.proto");

/// Type, name and number of the fields of the first `oneof` with this name.
fn oneof(proto: &str, name: &str) -> Vec<(String, String, u64)> {
    let start = format!("oneof {name} {{");
    let (_, rest) = proto.split_once(&start).expect("a oneof");
    let (body, _) = rest.split_once('}').expect("its end");
    let lines = body.lines().map(str::trim);
    let fields = lines.filter(|line| line.ends_with(';') && !line.starts_with("//"));
    fields
        .map(|line| {
            let words: Vec<&str> = line.trim_end_matches(';').split_whitespace().collect();
            let [of, name, "=", number] = words[..] else {
                panic!("{line}")
            };
            (of.to_owned(), name.to_owned(), number.parse().unwrap())
        })
        .collect()
}

fn told() -> Messages {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/story.txt");
    let story = std::fs::read_to_string(path).unwrap();
    let cases = cases(&story);
    let [case] = &cases[..] else {
        panic!("the story is one case")
    };
    play_case("story.txt", case).0.messages
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[test]
fn the_story_has_every_operation_and_every_event() {
    let messages = told();
    let found: BTreeSet<String> = messages.operations.keys().cloned().collect();
    let expected = oneof(OPERATIONS, "kind").into_iter();
    assert_eq!(found, expected.map(|(of, _, _)| of).collect());
    let found: BTreeSet<u64> = messages.events.keys().copied().collect();
    let expected = oneof(STATE, "detail").into_iter();
    assert_eq!(found, expected.map(|(_, _, number)| number).collect());
}

#[test]
fn messages_have_these_bytes() {
    let messages = told();
    let mut found = String::new();
    for (name, transaction) in &messages.operations {
        writeln!(found, "signed {name} {}", hex(transaction.signed_message())).unwrap();
    }
    for (name, transaction) in &messages.operations {
        writeln!(found, "transaction {name} {}", hex(transaction.encoded())).unwrap();
        writeln!(found, "id {name} {}", transaction.id()).unwrap();
    }
    for (_, name, number) in oneof(STATE, "detail") {
        let bytes = messages.events.get(&number);
        writeln!(
            found,
            "event {name} {}",
            bytes.map_or_else(String::new, |one| hex(one))
        )
        .unwrap();
    }
    for ((_, name), bytes) in &messages.objects {
        writeln!(found, "object {name} {}", hex(bytes)).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/messages.txt");
    if std::env::var_os("TALEA_REGENERATE").is_some() {
        std::fs::write(path, found).unwrap();
        return;
    }
    let pinned = std::fs::read_to_string(path).unwrap();
    for (found, golden) in found.lines().zip(pinned.lines()) {
        assert_eq!(
            found, golden,
            "the bytes of a message changed; if that is meant, it is a new protocol version: run \
             TALEA_REGENERATE=1 cargo test --release -p talea-ledger --test messages"
        );
    }
    assert_eq!(found.lines().count(), pinned.lines().count());
}
