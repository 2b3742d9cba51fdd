//! Real power cuts: an ext4 image on a loop device, shut down under a writing process without its
//! journal being flushed (`EXT4_IOC_SHUTDOWN`), mounted again and opened.
//!
//! Needs root, a loop device, `mkfs.ext4` and `perl`; says so where they are missing.

mod storage_support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use storage_support::*;
use talea_node::storage::consensus_log::ConsensusLog;
use talea_node::storage::disk::{Disk, StdDisk};
use talea_node::storage::kv::{KeyValue, StoreOpened, open_or_quarantine};
use talea_node::storage::record_log::{RecordLog, RecordPlace};

const WRITER_DIRECTORY: &str = "TALEA_POWER_CUT_DIRECTORY";
const SEGMENT_BYTES: u32 = 20_000;
const CUTS: u64 = 5;

fn disk() -> Arc<dyn Disk> {
    Arc::new(StdDisk)
}

fn open_records(at: &Path) -> RecordLog {
    let place = RecordPlace {
        segment_bytes: SEGMENT_BYTES,
        ..RecordPlace::new(&disk(), &at.join("records"), [9; 16])
    };
    RecordLog::open(&place).expect("opens")
}

fn value(height: u64) -> Vec<u8> {
    let mut random = Random(height);
    (0..20_000 + height * 13 % 9000)
        .map(|_| random.next() as u8)
        .collect()
}

/// What runs in the process that loses power: writes, and says what is durable.
fn write_until_killed(at: &Path) {
    let (mut blocks, _) = open_blocks(&disk(), &at.join("blocks"), SEGMENT_BYTES).expect("opens");
    let (mut votes, _) =
        ConsensusLog::open_sized(&disk(), &at.join("votes"), [4; 16], 20_000).expect("opens");
    let (store, _) = open_or_quarantine(&at.join("sled")).expect("opens");
    let records = open_records(at);
    let mut said = std::io::stdout();
    let mut say = |what: &str, height: u64| {
        writeln!(said, "\ndurable {what} {height}")
            .and_then(|()| said.flush())
            .is_ok()
    };
    let first = blocks.last_committed().map_or(1, |(height, _)| height + 1);
    for height in first.. {
        let stored = votes
            .start_height(height)
            .and_then(|()| votes.append(height, &body(height, 9)))
            .and_then(|()| votes.sync())
            .is_ok()
            && say("vote", height)
            && append_block(&mut blocks, height, 0)
                .and_then(|()| blocks.sync())
                .is_ok()
            && say("block", height);
        if !stored {
            return;
        }
        if height % 5 == 0 {
            let key = height.to_be_bytes().to_vec();
            let flushed = store
                .apply(vec![(key, Some(value(height)))])
                .and_then(|()| store.flush());
            if flushed.is_err() || !say("value", height) {
                return;
            }
            // They lag behind the blocks, and are made again after a start.
            let from = records.complete_to().map_or(1, |last| last + 1);
            let synced = (from..=height)
                .try_for_each(|height| records.append(height, &value(height)))
                .and_then(|()| records.sync());
            if synced.is_err() || !say("record", height) {
                return;
            }
        }
    }
}

/// Not a test by itself: the test below starts this binary again to run it.
#[test]
fn writer() {
    if let Some(at) = std::env::var_os(WRITER_DIRECTORY) {
        write_until_killed(Path::new(&at));
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Durable {
    vote: u64,
    block: u64,
    record: u64,
    value: u64,
}

/// Cuts the power once the writer has made `blocks` more blocks durable, a moment later.
fn run_and_cut(volume: &Volume, blocks: u64, more: u64) -> Durable {
    let mut writer = start_writer(&volume.mounted);
    let output = writer.stdout.take().expect("piped");
    let mut durable = Durable::default();
    let mut seen = 0;
    let mut cut = false;
    for line in BufReader::new(output).lines() {
        let line = line.expect("text");
        let Some((what, height)) = line
            .strip_prefix("durable ")
            .and_then(|said| said.split_once(' '))
        else {
            continue;
        };
        let height = height.parse().expect("a height");
        match what {
            "vote" => durable.vote = height,
            "block" => {
                durable.block = height;
                seen += 1;
            }
            "record" => durable.record = height,
            _ => durable.value = height,
        }
        if !cut && seen >= blocks {
            std::thread::sleep(std::time::Duration::from_millis(more));
            volume.shut_down();
            cut = true;
        }
    }
    writer.wait().expect("ends by itself: its disk is gone");
    durable
}

fn start_writer(at: &Path) -> Child {
    Command::new(std::env::current_exe().expect("known"))
        .args(["--exact", "writer", "--nocapture"])
        .env(WRITER_DIRECTORY, at)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts")
}

#[test]
fn nothing_synced_is_lost_when_the_power_is_cut() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut volume = match Volume::create(directory.path()) {
        Ok(volume) => volume,
        Err(reason) => {
            // Past what the test harness captures, so that it is seen.
            let _ = writeln!(std::io::stderr(), "skipped: {reason}");
            return;
        }
    };
    let (mut kept, mut quarantined) = (0, 0);
    let mut random = Random(std::process::id().into());
    for _ in 0..CUTS {
        let durable = run_and_cut(&volume, 20 + random.below(60), random.below(30));
        volume.mount_again();
        let at = &volume.mounted;
        let (blocks, opened) =
            open_blocks(&disk(), &at.join("blocks"), SEGMENT_BYTES).expect("not damaged");
        let last = blocks.last_committed().map_or(0, |(height, _)| height);
        assert!(
            last >= durable.block,
            "block {} was synced, {last} is the last",
            durable.block
        );
        assert_intact(&blocks, last);
        let (mut votes, _) =
            ConsensusLog::open_sized(&disk(), &at.join("votes"), [4; 16], 20_000).expect("opens");
        assert!(votes.height() >= durable.vote);
        if votes.height() == durable.vote {
            let found = votes.records_for(durable.vote).expect("readable");
            assert_eq!(found, vec![body(durable.vote, 9)]);
        }
        let records = open_records(at);
        assert!(records.complete_to().unwrap_or(0) >= durable.record);
        if durable.record > 0 {
            let found = records.get(durable.record).expect("readable");
            assert!(found == Some(value(durable.record)));
        }
        let (store, how) = open_or_quarantine(&at.join("sled")).expect("opens or is set aside");
        match how {
            StoreOpened::Quarantined { reason, .. } => {
                println!("sled was set aside: {reason}");
                quarantined += 1;
            }
            _ if durable.value > 0 => {
                let found = store.get(&durable.value.to_be_bytes()).expect("readable");
                assert!(
                    found == Some(value(durable.value)),
                    "sled lost what it flushed"
                );
                kept += 1;
            }
            _ => {}
        }
        println!("{durable:?} before the cut, block {last} after it, {opened:?}");
    }
    println!("sled: kept {kept}, set aside {quarantined} of {CUTS}");
}

/// sled syncs its file when it is closed, and panics when that fails.
#[test]
fn a_store_is_closed_without_a_panic_when_its_disk_fails() {
    let directory = tempfile::tempdir().expect("a directory");
    let volume = match Volume::create(directory.path()) {
        Ok(volume) => volume,
        Err(reason) => {
            let _ = writeln!(std::io::stderr(), "skipped: {reason}");
            return;
        }
    };
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        before(panic);
    }));
    let open = |name| {
        let (store, _) = open_or_quarantine(&volume.mounted.join(name)).expect("opens");
        let changes = vec![(b"key".to_vec(), Some(value(1)))];
        store.apply(changes.clone()).expect("written");
        store.flush().expect("flushed");
        (store, changes)
    };
    let (flushed, _) = open("flushed");
    let (dirty, changes) = open("dirty");
    dirty.apply(changes).expect("written");
    volume.shut_down();
    drop((flushed, dirty));
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
}

/// A mounted ext4 image of its own.
struct Volume {
    image: PathBuf,
    mounted: PathBuf,
    /// What is unmounted under it is so for everybody: a process that got a view of its own meanwhile, as one in a network
    /// namespace does, would keep the file system alive that lost its power.
    shared: PathBuf,
}

impl Volume {
    fn create(directory: &Path) -> Result<Volume, String> {
        let volume = Volume {
            image: directory.join("image"),
            mounted: directory.join("mounted"),
            shared: directory.to_owned(),
        };
        if !fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
        {
            return Err("a loop device can be mounted only by root".to_owned());
        }
        let image = fs::File::create(&volume.image).map_err(|error| error.to_string())?;
        image
            .set_len(256 << 20)
            .map_err(|error| error.to_string())?;
        fs::create_dir(&volume.mounted).map_err(|error| error.to_string())?;
        run(Command::new("mkfs.ext4").arg("-q").arg(&volume.image))?;
        run(Command::new("perl").args(["-e", "1"]))?;
        let mut bind = Command::new("mount");
        run(bind.arg("--bind").args([&volume.shared, &volume.shared]))?;
        run(Command::new("mount")
            .arg("--make-shared")
            .arg(&volume.shared))?;
        run(&mut volume.mount_command())?;
        Ok(volume)
    }

    fn mount_command(&self) -> Command {
        let mut command = Command::new("mount");
        command
            .args(["-o", "loop"])
            .arg(&self.image)
            .arg(&self.mounted);
        command
    }

    /// `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`: nothing more reaches the image, the
    /// journal in memory neither.
    fn shut_down(&self) {
        let script = r#"open(my $d, "<", $ARGV[0]) or die "open: $!";
            my $flags = pack("L", 2);
            ioctl($d, 0x8004587d, $flags) or die "ioctl: $!";"#;
        run(Command::new("perl").args(["-e", script]).arg(&self.mounted)).expect("shuts down");
    }

    fn mount_again(&mut self) {
        run(Command::new("umount").arg(&self.mounted)).expect("nobody uses it any more");
        run(&mut self.mount_command()).expect("mounts again");
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Lazily: a failed assertion may still hold files open.
        for place in [&self.mounted, &self.shared] {
            let _ = run(Command::new("umount").arg("-l").arg(place));
        }
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    ))
}
