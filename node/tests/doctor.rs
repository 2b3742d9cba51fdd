//! What the doctor finds in the directory of a node, and what setting damage aside leaves.

use std::{
    fs::OpenOptions,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use talea_genesis::{GenesisDocument, key_file};
use talea_node::{
    doctor::{Finding, Severity, examine, set_damage_aside},
    home::{self, HomeError, VotingPast},
    kept_evidence::{KeptEvidence, Statement},
    localnet::{Localnet, LocalnetOptions},
    recovery::Stores,
    storage::{
        block_log::{BlockLog, BlockLogOptions},
        disk::{Disk, StdDisk},
        durable_file::DurableFile,
    },
};
use talea_types::{ChainId, Hash, ValidatorId};

fn disk() -> Arc<dyn Disk> {
    Arc::new(StdDisk)
}

/// A validator's directory that was never used.
fn directory() -> (tempfile::TempDir, PathBuf) {
    let network = tempfile::tempdir().unwrap();
    let options = LocalnetOptions {
        validators: 1,
        ..LocalnetOptions::default()
    };
    let made = Localnet::create(network.path(), Path::new("unused"), &options).unwrap();
    let directory = made.nodes()[0].directory().to_owned();
    (network, directory)
}

fn open(directory: &Path) -> BlockLog {
    let blocks = directory.join("data/blocks");
    BlockLog::open(&disk(), &blocks, BlockLogOptions::new([1; 16]))
        .unwrap()
        .0
}

/// Three blocks of recognisable bytes.
fn write_blocks(directory: &Path) {
    let mut log = open(directory);
    for height in 1..=3 {
        let hash = [u8::try_from(height).unwrap(); 32];
        log.append_body(height, hash, &[0xb0; 4_000]).unwrap();
        log.append_commit(height, hash, &[0xce; 100]).unwrap();
    }
    log.sync().unwrap();
}

fn found(directory: &Path, what: &str) -> Finding {
    let findings = examine(directory, &mut |_, _| ());
    findings
        .into_iter()
        .find(|finding| finding.what == what)
        .unwrap_or_else(|| panic!("no {what}"))
}

#[test]
fn a_new_directory_has_nothing_bad() {
    let (_network, directory) = directory();
    let findings = examine(&directory, &mut |_, _| ());
    let bad: Vec<_> = findings
        .iter()
        .filter(|one| one.severity == Severity::Bad)
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(
        found(&directory, "voting record").found,
        "the validator has never voted"
    );
    assert!(found(&directory, "keys").found.contains("validator-1"));
}

#[test]
fn damage_is_found_and_set_aside() {
    let (_network, directory) = directory();
    write_blocks(&directory);
    assert_eq!(found(&directory, "block log").severity, Severity::Good);

    let blocks = directory.join("data/blocks");
    let mut files: Vec<_> = std::fs::read_dir(&blocks)
        .unwrap()
        .flatten()
        .map(|one| one.path())
        .collect();
    files.sort();
    let segment = files
        .iter()
        .find(|path| path.metadata().unwrap().len() > 12_000)
        .unwrap();
    // In the middle of the second body.
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(segment)
        .unwrap();
    file.write_all_at(&[0x00], 6_000).unwrap();

    let finding = found(&directory, "block log");
    assert_eq!(finding.severity, Severity::Bad);
    assert!(finding.advice.unwrap().contains("--set-damage-aside"));

    let done = set_damage_aside(&directory).unwrap();
    assert!(done[0].starts_with("cut "), "{done:?}");
    assert_eq!(found(&directory, "block log").severity, Severity::Good);
    assert_eq!(
        open(&directory).last_committed().map(|(height, _)| height),
        Some(1)
    );
    assert_eq!(
        set_damage_aside(&directory).unwrap(),
        ["nothing is damaged"]
    );
}

#[test]
fn a_running_node_is_left_alone() {
    let (_network, directory) = directory();
    write_blocks(&directory);
    let _running = open(&directory);
    let finding = found(&directory, "block log");
    assert_eq!(
        (finding.severity, finding.found.as_str()),
        (Severity::Bad, "the node is running")
    );
    assert!(set_damage_aside(&directory).is_err());
}

#[test]
fn missing_and_exposed_keys_are_bad() {
    use std::os::unix::fs::PermissionsExt;
    let (_network, directory) = directory();
    let key = directory.join("keys/voting.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let finding = found(&directory, "keys");
    assert_eq!(finding.severity, Severity::Bad);
    assert!(finding.found.contains("chmod 600"), "{}", finding.found);
    std::fs::remove_file(key).unwrap();
    assert_eq!(found(&directory, "keys").severity, Severity::Bad);
}

#[test]
fn a_node_is_set_up_only_once() {
    let (_network, directory) = directory();
    let settings = home::HomeSettings {
        name: "again".to_owned(),
        role: talea_node::config::NodeRole::Observer,
        genesis: "genesis.toml".into(),
        keys: home::PassphraseSource::default(),
        p2p: talea_node::config::P2pConfig {
            listen: Vec::new(),
            peers: Vec::new(),
        },
        grpc: None,
        metrics: None,
    };
    let error = home::create(&directory, &settings, VotingPast::None).unwrap_err();
    assert!(matches!(error, HomeError::Exists { .. }));
}

/// The bytes of a file, changed.
fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_log_of_another_version_is_not_set_aside() {
    let (_network, directory) = directory();
    write_blocks(&directory);
    let segment = directory.join("data/blocks/0000000000.segment");
    edit(&segment, |bytes| {
        // A header that a later version might write, whole in itself.
        bytes[8] = 9;
        let mut hasher = blake3::Hasher::new_derive_key("talea framed log 2026 segment header");
        hasher.update(&bytes[..64]);
        let checksum = hasher.finalize();
        bytes[64..80].copy_from_slice(&checksum.as_bytes()[..16]);
    });
    let finding = found(&directory, "block log");
    assert_eq!((finding.severity, finding.advice), (Severity::Bad, None));
    assert!(finding.found.contains("format 9"), "{}", finding.found);
    assert!(set_damage_aside(&directory).is_err());
    assert!(segment.exists());
}

#[test]
fn missing_files_are_told() {
    let (_network, directory) = directory();
    write_blocks(&directory);
    std::fs::remove_file(directory.join("data/voting-record")).unwrap();
    let finding = found(&directory, "voting record");
    assert_eq!(finding.severity, Severity::Note);
    std::fs::remove_file(directory.join("data/blocks/0000000000.segment")).unwrap();
    let finding = found(&directory, "block log");
    assert_eq!(finding.severity, Severity::Bad);
    assert!(finding.found.contains("missing"), "{}", finding.found);
}

#[test]
fn a_damaged_voting_record_and_beginning_are_bad() {
    let (_network, directory) = directory();
    write_blocks(&directory);
    edit(&directory.join("data/voting-record"), |bytes| {
        bytes[41] ^= 1;
    });
    assert_eq!(found(&directory, "voting record").severity, Severity::Bad);
    std::fs::write(directory.join("data/base"), b"TALEAFIL").unwrap();
    let finding = found(&directory, "beginning");
    assert_eq!(finding.severity, Severity::Bad);
    assert!(finding.found.contains("damaged"), "{}", finding.found);
    let disk = found(&directory, "disk");
    assert!(disk.found.contains("MiB are free"), "{}", disk.found);
}

#[test]
fn a_snapshot_that_is_none_is_bad() {
    let (_network, directory) = directory();
    let snapshots = directory.join("data/snapshots");
    std::fs::create_dir(&snapshots).unwrap();
    let name = format!("{:012}-{}.snapshot", 7, "ab".repeat(32));
    std::fs::write(snapshots.join(name), b"something else").unwrap();
    let finding = found(&directory, "snapshot");
    assert_eq!(finding.severity, Severity::Bad);
    assert!(
        finding.found.contains("not a snapshot"),
        "{}",
        finding.found
    );
}

/// Opens the directory as a start of the validator does, and closes it.
fn start(directory: &Path) -> Stores {
    Stores::open(&directory.join("data"), [1; 16], true).unwrap()
}

#[test]
fn what_is_said_of_a_copy_is_what_the_start_does() {
    let (_network, directory) = directory();
    drop(start(&directory));
    let record = found(&directory, "voting record");
    assert_eq!(
        (record.severity, &*record.found),
        (Severity::Good, "the validator votes")
    );
    assert!(!start(&directory).rejoin);

    // The ordinary restore, into a directory that is made anew.
    let data = directory.join("data");
    let copied = std::process::Command::new("cp")
        .args([Path::new("-a"), &data.join("."), &directory.join("copy")])
        .status();
    assert!(copied.unwrap().success());
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(directory.join("copy"), &data).unwrap();
    for what in ["voting place", "voting record"] {
        let finding = found(&directory, what);
        assert_eq!(finding.severity, Severity::Note, "{finding:?}");
        assert!(finding.advice.unwrap().contains("hears from the others"));
    }
    assert!(start(&directory).rejoin);
}

#[test]
fn looking_at_a_lost_consensus_log_does_not_make_it_a_new_one() {
    let (_network, directory) = directory();
    drop(start(&directory));
    let log = directory.join("data/consensus");
    std::fs::remove_dir_all(&log).unwrap();
    std::fs::create_dir(&log).unwrap();
    for _ in 0..2 {
        assert_eq!(found(&directory, "consensus log").found, "there is none");
        let record = found(&directory, "voting record");
        assert_eq!(record.severity, Severity::Note, "{record:?}");
        set_damage_aside(&directory).unwrap();
    }
    assert!(start(&directory).rejoin);
}

#[test]
fn a_data_directory_that_was_set_back_is_told_before_the_start() {
    let (_network, directory) = directory();
    drop(start(&directory));
    let key = directory.join("keys/voting.key");
    let record = found(&directory, "signed record");
    // An older directory, or a key that came without its record.
    assert_eq!(record.severity, Severity::Note, "{record:?}");
    let public = key_file::public_key(&key).unwrap();
    let genesis = GenesisDocument::load_complete(&directory.join("../genesis.toml")).unwrap();
    let sign = |chain: ChainId| {
        let content = format!("{chain} {public} 7 0 prevote");
        let file = DurableFile::new(&disk(), &directory.join("keys/voting.key.signed"));
        file.replace(content.as_bytes()).unwrap();
    };
    sign(ChainId::new(Hash([1; 32])));
    let record = found(&directory, "signed record");
    assert!(record.found.contains("another network"), "{record:?}");
    sign(genesis.chain_id());
    let record = found(&directory, "signed record");
    assert_eq!(record.severity, Severity::Note, "{record:?}");
    assert_eq!(
        record.advice.unwrap(),
        "the validator votes from height 8 on"
    );
    edit(&directory.join("keys/voting.key.signed"), |bytes| {
        bytes[50] ^= 1;
    });
    assert_eq!(found(&directory, "signed record").severity, Severity::Bad);
}

#[test]
fn evidence_is_counted_and_a_file_that_cannot_be_read_is_told() {
    let (_network, directory) = directory();
    assert_eq!(found(&directory, "evidence").found, "there is none");
    let files = directory.join("data/evidence");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("7-0-x.json"), b"{").unwrap();
    let finding = found(&directory, "evidence");
    assert_eq!(finding.severity, Severity::Note);
    assert!(finding.found.contains("7-0-x.json"), "{}", finding.found);

    let kept = KeptEvidence {
        validator: ValidatorId::from_bytes([3; 16]),
        height: 8,
        round: 0,
        description: "it signed two different proposals in one round".to_owned(),
        statements: ["first", "second"].map(|signed| Statement {
            signed: signed.to_owned(),
            signature: String::new(),
        }),
    };
    std::fs::write(files.join("7-0-x.json"), serde_json::to_vec(&kept).unwrap()).unwrap();
    let finding = found(&directory, "evidence");
    assert_eq!(finding.severity, Severity::Note);
    let against = kept.validator.to_string();
    assert!(finding.found.contains(&against), "{}", finding.found);
}
