//! The auditor's processes: one that follows, and one that serves.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde::Serialize;
use serde_json::Value;
use talea_node::demo::progress::Progress;
use talea_tests::faults::memory::{peak, resident};

use crate::{pages::get, report::Speed, stage::Stage};

/// How often the follower's memory is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// How often the index is asked how far it is.
const ASK: Duration = Duration::from_secs(2);
/// How long the desk may take to open.
const OPEN_MAX: Duration = Duration::from_secs(120);

/// What the programs are given.
pub struct Auditor {
    program: PathBuf,
    environment: Vec<(&'static str, String)>,
    passphrase: String,
    index: PathBuf,
}

/// How following went.
#[derive(Debug, Serialize)]
pub struct Followed {
    #[serde(flatten)]
    pub speed: Speed,
    /// Blocks.
    pub height: u64,
    /// Resident memory when a quarter of the transactions was written, bytes; none when it was too quick to be seen.
    pub quarter_bytes: Option<u64>,
    /// The most it ever had, bytes.
    pub peak_bytes: u64,
    /// Size of the index, bytes.
    pub index_bytes: u64,
}

/// A desk that runs. Dropping it ends the process.
pub struct Desk {
    process: Child,
    begun: Instant,
    /// Host and port.
    pub address: String,
    /// The regulator's session.
    pub secret: String,
}

impl Auditor {
    /// As the regulator, at the first validator, with an index in `directory`.
    pub fn of(stage: &Stage, program: &Path, directory: &Path) -> Self {
        let network = &stage.network;
        let organisations = network.file().organisations.iter();
        let regulator = organisations.filter(|one| one.id == stage.regulator);
        let key = regulator
            .map(|one| network.directory().join(&one.key))
            .next();
        let text = |path: &Path| path.display().to_string();
        Self {
            program: program.to_owned(),
            environment: vec![
                ("TALEA_GENESIS", text(&network.genesis())),
                ("TALEA_NODES", network.nodes()[0].endpoint()),
                ("TALEA_READER", stage.regulator.to_string()),
                (
                    "TALEA_READER_KEY",
                    key.map(|key| text(&key)).unwrap_or_default(),
                ),
                ("TALEA_INDEX", text(&directory.join("index.db"))),
            ],
            passphrase: text(&network.passphrase_file()),
            index: directory.join("index.db"),
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .arg("--json")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Follows to a height, with an index that is not there yet.
    pub async fn follow(&self, height: u64, total: u64) -> anyhow::Result<Followed> {
        let until = height.to_string();
        let begun = Instant::now();
        let mut command = self.command(&[
            "follow",
            "--until",
            &until,
            "--reader-passphrase-file",
            &self.passphrase,
        ]);
        let mut process = command.stdout(Stdio::null()).spawn()?;
        let id = process.id();
        let mut progress = Progress::new("followed", usize::try_from(total)?);
        let (mut quarter_bytes, mut peak_bytes, mut known, mut asked) = (None, 0, 0, begun);
        let status = loop {
            if let Some(status) = process.try_wait()? {
                break status;
            }
            peak_bytes = peak(id).unwrap_or(0).max(peak_bytes);
            if asked.elapsed() >= ASK {
                asked = Instant::now();
                let now = self.transactions().unwrap_or(known);
                if quarter_bytes.is_none() && now * 4 >= total {
                    quarter_bytes = resident(id);
                }
                let rate = now as f64 / begun.elapsed().as_secs_f64();
                progress.advance(
                    usize::try_from(now - known)?,
                    &format!("{rate:.0} a second"),
                );
                known = now;
            }
            tokio::time::sleep(LOOK).await;
        };
        let seconds = begun.elapsed().as_secs_f64();
        drop(progress);
        ensure!(status.success(), "talea-audit follow ended with {status}");
        let transactions = self.transactions().context("asking the index")?;
        ensure!(
            transactions == total,
            "{transactions} transactions are in the index, {total} were made"
        );
        Ok(Followed {
            speed: Speed {
                transactions,
                seconds,
            },
            height,
            quarter_bytes,
            peak_bytes,
            index_bytes: std::fs::metadata(&self.index)?.len(),
        })
    }

    /// How many are in the index; `None` before there is one.
    fn transactions(&self) -> Option<u64> {
        let output = self
            .command(&["status"])
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let value: Value = serde_json::from_slice(&output.stdout).ok()?;
        value["transactions"].as_u64()
    }

    /// Opens the desk.
    pub fn serve(&self) -> anyhow::Result<Desk> {
        let begun = Instant::now();
        let words = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--reader-passphrase-file",
            &self.passphrase,
        ];
        let mut process = self.command(&words).stdout(Stdio::piped()).spawn()?;
        let stdout = process.stdout.take().context("its output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let value: Value = serde_json::from_str(&line).context("the desk says no address")?;
        let link = value["address"]
            .as_str()
            .context("the desk says no address")?;
        let rest = link.trim_start_matches("http://");
        let (address, secret) = rest
            .split_once("/desk/#session=")
            .context("a link with a session")?;
        Ok(Desk {
            begun,
            address: address.to_owned(),
            secret: secret.to_owned(),
            process,
        })
    }
}

impl Desk {
    /// Waits for the first answer. Gives how long opening took, seconds.
    pub async fn until_open(&self) -> anyhow::Result<f64> {
        loop {
            if get(self, "/api/network").await.is_ok() {
                return Ok(self.begun.elapsed().as_secs_f64());
            }
            ensure!(self.begun.elapsed() < OPEN_MAX, "the desk does not open");
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
