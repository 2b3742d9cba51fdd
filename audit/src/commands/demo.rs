//! The directory of a network on this machine, as `talea-node demo` and `talea-node localnet` leave it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::Value;
use talea_client::key_file::{self, Passphrase};
use talea_types::{SecretKey, Subject};

/// What a desk needs of it.
pub(super) struct Demo {
    pub(super) genesis: PathBuf,
    pub(super) index: PathBuf,
    pub(super) nodes: Vec<String>,
    pub(super) regulator: (Subject, SecretKey),
}

impl Demo {
    pub(super) fn load(directory: &Path) -> anyhow::Result<Self> {
        let path = directory.join("localnet.json");
        let text = fs::read(&path).with_context(|| {
            format!(
                "{} is no network of this machine; 'talea-node demo --stay --dir DIR' makes one",
                directory.display()
            )
        })?;
        let file: Value = serde_json::from_slice(&text)?;
        Self::read(directory, &file)
            .with_context(|| format!("{} does not describe a network", path.display()))?
    }

    fn read(directory: &Path, file: &Value) -> Option<anyhow::Result<Self>> {
        let nodes = file.get("nodes")?.as_array()?.iter();
        let addresses = nodes.map(|node| Some(format!("http://{}", node.get("grpc")?.as_str()?)));
        let mut organisations = file.get("organisations")?.as_array()?.iter();
        let is_regulator =
            |one: &&Value| one.get("role").and_then(Value::as_str) == Some("regulator");
        let regulator = organisations.find(is_regulator)?;
        let under = |name: &Value| Some(directory.join(name.as_str()?));
        let (key, passphrase) = (
            under(regulator.get("key")?)?,
            under(file.get("passphrase_file")?)?,
        );
        let open = || anyhow::Ok(key_file::load(&key, &Passphrase::from_file(&passphrase)?)?);
        let (genesis, nodes) = (
            under(file.get("genesis")?)?,
            addresses.collect::<Option<_>>()?,
        );
        let id = regulator.get("id")?.as_str()?.parse().ok()?;
        Some(open().map(|key| Self {
            genesis,
            index: directory.join("desk.db"),
            nodes,
            regulator: (id, key),
        }))
    }
}
