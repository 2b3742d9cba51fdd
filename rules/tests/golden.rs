//! Pins the canonical bytes of the shipped packs and their hashes, which networks vote on and headers commit to.
//!
//! After a change that is meant, of a pack or of the encoding:
//! `TALEA_REGENERATE=1 cargo test --release -p talea-rules --test golden`.

use std::fmt::Write as _;

use talea_rules::packs;

#[test]
fn shipped_packs_have_these_bytes_and_hashes() {
    let mut found = String::new();
    for pack in packs::all().unwrap() {
        writeln!(found, "hash {} {}", pack.id, pack.hash()).unwrap();
        write!(found, "bytes {} ", pack.id).unwrap();
        for byte in pack.encode() {
            write!(found, "{byte:02x}").unwrap();
        }
        found.push('\n');
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/packs.txt");
    if std::env::var_os("TALEA_REGENERATE").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let pinned = std::fs::read_to_string(path).unwrap();
    for (found, pinned) in found.lines().zip(pinned.lines()) {
        assert!(
            found == pinned,
            "the bytes of a pack changed; networks that adopted it keep the old one, so its version is a new \
             one; if that is meant, run TALEA_REGENERATE=1 cargo test --release -p talea-rules --test golden\n\
             found  {found}\npinned {pinned}"
        );
    }
    assert_eq!(found.lines().count(), pinned.lines().count());
}
