//! One node process.

use std::{
    ffi::OsString,
    fs::OpenOptions,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use talea_proto::{LedgerClient, api};
use tonic::transport::{Channel, Endpoint};

use super::{LocalnetError, NodeEntry};
use crate::config::ENVIRONMENT_PREFIX;

/// A node that was asked to stop is killed after this.
const STOP_PATIENCE: Duration = Duration::from_secs(20);
/// Lines of a log that an error shows.
const TAIL_LINES: usize = 12;
/// A node on this machine answers within this, or does not.
const CALL_TIMEOUT: Duration = Duration::from_secs(2);

/// How processes of a node are started, where that is not simply as a child.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// A program, with its first arguments, that becomes the node's: `ip netns exec NAME`.
    pub through: Vec<OsString>,
    /// Variables of its environment.
    pub environment: Vec<(OsString, OsString)>,
}

/// A node and its process, if it runs.
#[derive(Debug)]
pub struct LocalnetNode {
    entry: NodeEntry,
    directory: PathBuf,
    binary: PathBuf,
    settings: Vec<String>,
    launch: Launch,
    child: Option<Child>,
    channel: Option<Channel>,
}

impl LocalnetNode {
    pub(super) fn new(
        entry: NodeEntry,
        network: &Path,
        binary: &Path,
        settings: &[String],
    ) -> Self {
        Self {
            directory: network.join(&entry.name),
            entry,
            binary: binary.to_owned(),
            settings: settings.to_vec(),
            launch: Launch::default(),
            child: None,
            channel: None,
        }
    }

    /// Its name, role and addresses.
    #[must_use]
    pub const fn entry(&self) -> &NodeEntry {
        &self.entry
    }

    /// Its directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Its log, of all its processes one after the other.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.directory.join("node.log")
    }

    /// Its data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// The id of its process.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Where a client connects.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.entry.grpc)
    }

    /// Starts its next processes so.
    pub fn launch(&mut self, launch: Launch) {
        self.launch = launch;
    }

    /// Starts the process unless it runs.
    ///
    /// # Errors
    /// [`LocalnetError::Spawn`], or when its log cannot be written.
    pub fn start(&mut self) -> Result<(), LocalnetError> {
        if self.is_running() {
            return Ok(());
        }
        let path = self.log();
        let log = OpenOptions::new().create(true).append(true).open(&path);
        let log = log.map_err(LocalnetError::file("write", &path))?;
        let mut words = self.launch.through.iter();
        let mut command = match words.next() {
            Some(program) => {
                let mut command = Command::new(program);
                command.args(words).arg(&self.binary);
                command
            }
            None => Command::new(&self.binary),
        };
        command
            .arg("run")
            .arg(&self.directory)
            .arg("--stop-with-parent");
        for setting in &self.settings {
            command.arg("--set").arg(setting);
        }
        // Settings of whoever runs this must not leak into every node.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with(ENVIRONMENT_PREFIX) {
                command.env_remove(name);
            }
        }
        let variables = self.launch.environment.iter();
        command.envs(variables.map(|(name, value)| (name, value)));
        // Whoever starts it says when it stops: Ctrl-C in a terminal goes to the whole foreground group.
        let child = command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        let child = child.map_err(|source| LocalnetError::Spawn {
            name: self.entry.name.clone(),
            binary: self.binary.clone(),
            source,
        })?;
        self.child = Some(child);
        Ok(())
    }

    /// Whether its process runs (also when it is paused).
    pub fn is_running(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    pub(super) const fn was_started(&self) -> bool {
        self.child.is_some()
    }

    /// Kills it without warning (SIGKILL) and waits until it is gone.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks it to stop (SIGTERM) and waits; it is killed when it takes too long.
    pub fn stop(&mut self) {
        self.terminate();
        self.wait_or_kill();
    }

    /// Kills it and starts it again.
    ///
    /// # Errors
    /// As [`LocalnetNode::start`].
    pub fn restart(&mut self) -> Result<(), LocalnetError> {
        self.kill();
        self.start()
    }

    /// Freezes it (SIGSTOP).
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets a frozen one go on (SIGCONT).
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    pub(super) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    fn signal(&self, signal: Signal) {
        if let Some(child) = &self.child {
            // One that has ended and was not waited for still has its id: nobody else can get it.
            let _ = kill_process(Pid::from_child(child), signal);
        }
    }

    pub(super) fn wait_or_kill(&mut self) {
        let asked = Instant::now();
        while self.is_running() && asked.elapsed() < STOP_PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.kill();
    }

    /// Waits until it ends by itself, so long at most.
    pub fn wait_for_exit(&mut self, patience: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        while self.is_running() {
            if begun.elapsed() > patience {
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.child.as_mut()?.wait().ok()
    }

    /// The height that it says it has committed; `None` when it does not answer.
    pub async fn height(&mut self) -> Option<u64> {
        let channel = match &self.channel {
            Some(channel) => channel.clone(),
            None => {
                let endpoint = Endpoint::from_shared(self.endpoint())
                    .ok()?
                    .timeout(CALL_TIMEOUT);
                self.channel.insert(endpoint.connect().await.ok()?).clone()
            }
        };
        match LedgerClient::new(channel)
            .get_network(api::GetNetworkRequest {})
            .await
        {
            Ok(network) => Some(network.into_inner().height),
            Err(_) => {
                self.channel = None;
                None
            }
        }
    }

    pub(super) fn check_alive(&mut self) -> Result<(), LocalnetError> {
        let Some(Ok(Some(status))) = self.child.as_mut().map(Child::try_wait) else {
            return Ok(());
        };
        let log = self.log();
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let mut tail: Vec<&str> = text.lines().rev().take(TAIL_LINES).collect();
        tail.reverse();
        let (name, status) = (self.entry.name.clone(), status.to_string());
        Err(LocalnetError::Ended {
            name,
            status,
            tail: tail.join("\n"),
            log,
        })
    }

    pub(super) fn not_in_time(
        &self,
        height: u64,
        seen: Option<u64>,
        patience: Duration,
    ) -> LocalnetError {
        let (name, log) = (self.entry.name.clone(), self.log());
        LocalnetError::NotInTime {
            name,
            height,
            seen,
            patience,
            log,
        }
    }
}
