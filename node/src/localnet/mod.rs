//! A network of real node processes on this machine, for trials, demos, benchmarks and tests.
//!
//! Everything is in one directory, readable by its owner only: keys of all organisations and nodes,
//! data, logs. The network is a sandbox. Node processes end when the process that started them does.

mod error;
mod law;
mod layout;
mod node;
mod ports;

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

pub use error::LocalnetError;
pub use layout::{LOCALNET_FILE_NAME, LocalnetFile, LocalnetOptions, NodeEntry, OrganisationEntry};
pub use node::{Launch, LocalnetNode};
pub use ports::free_ports;

/// Polls this often while it waits.
const POLL: Duration = Duration::from_millis(50);

/// The network.
#[derive(Debug)]
pub struct Localnet {
    directory: PathBuf,
    file: LocalnetFile,
    nodes: Vec<LocalnetNode>,
    /// Held while the network runs, so that it does not run twice.
    lock: Option<File>,
}

impl Localnet {
    /// Makes a network in a directory that holds none. No process is started yet.
    ///
    /// `binary` is the `talea-node` program that the nodes run.
    ///
    /// # Errors
    /// [`LocalnetError`].
    pub fn create(
        directory: &Path,
        binary: &Path,
        options: &LocalnetOptions,
    ) -> Result<Self, LocalnetError> {
        let file = layout::create(directory, options)?;
        Ok(Self::new(directory, binary, file))
    }

    /// Opens a network that was made before.
    ///
    /// # Errors
    /// [`LocalnetError`].
    pub fn open(directory: &Path, binary: &Path) -> Result<Self, LocalnetError> {
        let file = LocalnetFile::load(directory)?;
        Ok(Self::new(directory, binary, file))
    }

    fn new(directory: &Path, binary: &Path, file: LocalnetFile) -> Self {
        let node =
            |entry: &NodeEntry| LocalnetNode::new(entry.clone(), directory, binary, &file.settings);
        let nodes = file.nodes.iter().map(node).collect();
        Self {
            directory: directory.to_owned(),
            file,
            nodes,
            lock: None,
        }
    }

    /// Its directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Its genesis document.
    #[must_use]
    pub fn genesis(&self) -> PathBuf {
        self.directory.join(&self.file.genesis)
    }

    /// The passphrase of all its key files.
    #[must_use]
    pub fn passphrase_file(&self) -> PathBuf {
        self.directory.join(&self.file.passphrase_file)
    }

    /// What it is made of.
    #[must_use]
    pub const fn file(&self) -> &LocalnetFile {
        &self.file
    }

    /// Its nodes: validators, then observers.
    #[must_use]
    pub fn nodes(&self) -> &[LocalnetNode] {
        &self.nodes
    }

    /// A node, to start, stop, kill, pause.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn node(&mut self, index: usize) -> &mut LocalnetNode {
        &mut self.nodes[index]
    }

    /// Starts every node that does not run.
    ///
    /// # Errors
    /// [`LocalnetError::Spawn`]; [`LocalnetError::Running`] when somebody else runs this network.
    pub fn start(&mut self) -> Result<(), LocalnetError> {
        if self.lock.is_none() {
            let path = self.directory.join(LOCALNET_FILE_NAME);
            let file = File::open(&path).map_err(LocalnetError::file("open", &path))?;
            file.try_lock().map_err(|_| LocalnetError::Running {
                path: self.directory.clone(),
            })?;
            self.lock = Some(file);
        }
        self.nodes.iter_mut().try_for_each(LocalnetNode::start)
    }

    /// Stops every node and waits for them.
    pub fn stop(&mut self) {
        for node in &mut self.nodes {
            node.terminate();
        }
        for node in &mut self.nodes {
            node.wait_or_kill();
        }
        self.lock = None;
    }

    /// Waits until every running node has committed `height`.
    ///
    /// # Errors
    /// [`LocalnetError`] when one ends by itself, or after `patience`.
    pub async fn until_height(
        &mut self,
        height: u64,
        patience: Duration,
    ) -> Result<(), LocalnetError> {
        let deadline = tokio::time::Instant::now() + patience;
        for node in &mut self.nodes {
            if !node.was_started() {
                continue;
            }
            loop {
                node.check_alive()?;
                let seen = node.height().await;
                if seen.is_some_and(|seen| seen >= height) {
                    break;
                }
                if tokio::time::Instant::now() > deadline {
                    return Err(node.not_in_time(height, seen, patience));
                }
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(())
    }
}

impl Drop for Localnet {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            node.kill();
        }
    }
}
