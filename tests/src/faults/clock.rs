//! Clocks that are wrong: `libfaketime` moves a process's wall clock while it runs. Its monotonic clock stays,
//! as on a machine whose clock an administrator sets.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use talea_types::limits::CLOCK_DRIFT_MS_MAX;

use super::Skipped;
use super::field::{Field, VALIDATORS};

/// Where Debian and others put the library.
const LIBRARIES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
];
/// The library looks for a new setting this often, seconds.
const LOOKS_AFTER_SECONDS: u64 = 1;

/// The newest block is not older than this when payments go on, milliseconds.
const AGE_MS_MAX: u64 = 60_000;

/// A setting for each node's clock, in a file.
#[derive(Debug)]
pub struct Clocks {
    library: &'static str,
    settings: Vec<PathBuf>,
}

impl Clocks {
    /// All right at first.
    ///
    /// # Errors
    /// [`Skipped`] without the library.
    pub fn create(directory: &Path, count: usize) -> anyhow::Result<Self> {
        let found = LIBRARIES.into_iter().find(|path| Path::new(path).is_file());
        let library = found.ok_or_else(|| Skipped("wrong clocks need libfaketime".to_owned()))?;
        let settings = (0..count).map(|index| directory.join(format!("clock-{index}")));
        let clocks = Self {
            library,
            settings: settings.collect(),
        };
        for index in 0..count {
            clocks.set(index, 0)?;
        }
        Ok(clocks)
    }

    /// What a node's process needs in its environment.
    #[must_use]
    pub fn environment(&self, index: usize) -> Vec<(OsString, OsString)> {
        let variable = |name: &str, value: &str| (name.into(), value.into());
        vec![
            variable("LD_PRELOAD", self.library),
            variable("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            variable("FAKETIME_CACHE_DURATION", &LOOKS_AFTER_SECONDS.to_string()),
            // Times of files stay as they are.
            variable("NO_FAKE_STAT", "1"),
            (
                "FAKETIME_TIMESTAMP_FILE".into(),
                self.settings[index].clone().into(),
            ),
        ]
    }

    /// Sets a node's clock off by so many seconds.
    ///
    /// # Errors
    /// When the setting cannot be written.
    pub fn set(&self, index: usize, seconds: i64) -> anyhow::Result<()> {
        let path = &self.settings[index];
        let new = path.with_extension("new");
        std::fs::write(&new, format!("{seconds:+}s\n"))?;
        Ok(std::fs::rename(new, path)?)
    }
}

/// Sets one validator's clock wrong for a while, all at once or in jumps; blocks must go on, and their time must
/// stay near everybody else's.
pub(super) async fn event(field: &mut Field) -> anyhow::Result<String> {
    let victim = field.any_validator();
    let hour = 3_600;
    let (name, offsets) = match field.random.below(5) {
        0 => ("a clock an hour ahead", vec![hour]),
        1 => ("a clock an hour behind", vec![-hour]),
        2 => {
            let within = field.random.between(0, 16);
            ("a clock wrong by up to 8 s", vec![within.cast_signed() - 8])
        }
        3 => {
            let off = field.random.between(9, 3_600).cast_signed();
            ("a clock ahead by 9 s to an hour", vec![off])
        }
        _ => (
            "a clock that jumps by an hour to and fro",
            vec![hour, -hour, 60, -60],
        ),
    };
    for offset in offsets {
        clocks(field)?.set(victim, offset)?;
        tokio::time::sleep(Duration::from_secs(LOOKS_AFTER_SECONDS)).await;
        field.pause(500, 3_000).await;
        field.until_progress().await?;
        check_block_time(field).await?;
    }
    clocks(field)?.set(victim, 0)?;
    tokio::time::sleep(Duration::from_secs(LOOKS_AFTER_SECONDS)).await;
    field.until_progress().await?;
    check_block_time(field).await?;
    Ok(name.to_owned())
}

fn clocks(field: &Field) -> anyhow::Result<&Clocks> {
    field.clocks.as_ref().context("the run has clocks")
}

/// The newest block of every validator was made within the bound of this machine's clock.
async fn check_block_time(field: &Field) -> anyhow::Result<()> {
    for index in 0..VALIDATORS {
        let Ok(block) = field.client(index)?.block(0).await else {
            continue;
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let now = u64::try_from(now.as_millis())?;
        let (height, time) = (block.header.height, block.header.time.millis());
        let (ahead, behind) = (time.saturating_sub(now), now.saturating_sub(time));
        ensure!(
            ahead <= CLOCK_DRIFT_MS_MAX,
            "block {height} is {ahead} ms ahead"
        );
        ensure!(
            behind <= CLOCK_DRIFT_MS_MAX + AGE_MS_MAX,
            "block {height} is {behind} ms behind"
        );
    }
    Ok(())
}
