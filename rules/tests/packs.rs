//! The packs that come with Talea: form, canonical bytes, sense.

use std::fs;

use bytes::Bytes;
use talea_rules::{Pack, TZ_VERSION, lint, lint::Severity, packs};

#[test]
fn every_file_is_shipped_and_named_as_its_pack() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/packs");
    let mut files: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let ids: Vec<String> = packs::all()
        .unwrap()
        .iter()
        .map(|pack| format!("{}.toml", pack.id))
        .collect();
    assert_eq!(files, ids);
    for (name, text) in packs::TEXTS {
        assert_eq!(Pack::from_toml(text).unwrap().id, name);
        assert_eq!(packs::text(name), Some(text));
    }
}

#[test]
fn no_shipped_pack_has_a_fault() {
    for (name, text) in packs::TEXTS {
        let (pack, findings) = lint(text);
        assert_eq!(pack.unwrap().tz_version, TZ_VERSION);
        let errors: Vec<String> = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(ToString::to_string)
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn canonical_bytes_read_back_and_every_other_is_refused() {
    for pack in packs::all().unwrap() {
        let bytes = pack.encode();
        assert_eq!(Pack::decode(&Bytes::from(bytes.clone())).unwrap(), pack);
        for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            assert!(Pack::decode(&Bytes::copy_from_slice(&bytes[..cut])).is_err());
        }
        let mut longer = bytes.clone();
        longer.extend([0xf8, 0x07, 0x01]);
        assert!(Pack::decode(&Bytes::from(longer)).is_err());
        assert_ne!(
            Pack {
                version: pack.version + 1,
                ..pack.clone()
            }
            .hash(),
            pack.hash()
        );
    }
}

/// Figures that the design marks as doubtful, and only these and what was added to them.
#[test]
fn doubtful_rules_are_marked() {
    let all = packs::all().unwrap();
    let marked: Vec<&str> = all
        .iter()
        .flat_map(|pack| &pack.rules)
        .filter(|rule| rule.unverified)
        .map(|rule| rule.id.as_str())
        .collect();
    assert_eq!(
        marked,
        [
            "eu-credit-servicing/2021-2167-4",
            "eu-credit-servicing/2023-2225-35",
            "hk-code-of-banking/unreasonable-hours",
            "hk-code-of-banking/persistent-calls",
            "hk-code-of-banking/bankruptcy",
            "in-rbi/2026-recording",
            "uk-conc7/7.9.4R-hours",
            "uk-conc7/7.3-hardship",
            "uk-conc7/disp-1.6.2R",
        ]
    );
}
