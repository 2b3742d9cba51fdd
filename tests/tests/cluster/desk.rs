//! A desk with the `talea` program, a folder of key files and a network of four processes: what people do
//! by commands alone.

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use serde_json::Value;
use talea_client::{Client, NetworkInfo, Options};
use talea_node::localnet::{Localnet, LocalnetNode, LocalnetOptions};
use tokio::{process::Command, sync::SemaphorePermit};

use crate::network::{PATIENCE, TURNS, node_program};

/// The desk. Dropping it ends the network.
pub struct Desk {
    pub network: Localnet,
    folder: tempfile::TempDir,
    _turn: SemaphorePermit<'static>,
}

/// How a command ended.
pub struct Ended {
    pub code: i32,
    /// What it printed, with `--json`.
    pub value: Value,
    pub errors: String,
}

impl Ended {
    /// A text of the output.
    pub fn text(&self, name: &str) -> String {
        let value = &self.value[name];
        let text = value.as_str().map(str::to_owned);
        text.unwrap_or_else(|| panic!("no {name} in {} {}", self.value, self.errors))
    }

    /// The same; the command must have succeeded.
    pub fn done(self) -> Self {
        assert_eq!(self.code, 0, "{} {}", self.value, self.errors);
        self
    }

    /// The command must have been refused by the network with this outcome.
    pub fn refused(self, outcome: &str) -> Self {
        assert_eq!(self.code, 3, "{} {}", self.value, self.errors);
        assert_eq!(self.value["outcome"]["name"], outcome, "{}", self.value);
        self
    }

    /// Whether a rule is cited, with its legal source.
    pub fn cites(&self, rule: &str, source: &str) -> bool {
        let rules = self.value["rules"].as_array().cloned().unwrap_or_default();
        rules.iter().any(|one| {
            let says = |field: &str, part: &str| {
                let text = one[field].as_str();
                text.is_some_and(|text| text.contains(part))
            };
            says("rule", rule) && says("source", source)
        })
    }
}

impl Desk {
    /// A network with two agencies, a bureau and the law of contacts.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same, with settings of the nodes.
    pub async fn start_with(settings: &[&str]) -> Self {
        let turn = TURNS.acquire().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let options = LocalnetOptions {
            network: "desk".to_owned(),
            seed: Some([9; 32]),
            settings: settings.iter().map(|one| (*one).to_owned()).collect(),
            ..LocalnetOptions::default()
        };
        let options = options.with_collections().unwrap();
        let directory = folder.path().join("net");
        let mut network = Localnet::create(&directory, &node_program(), &options).unwrap();
        network.start().unwrap();
        network.until_height(1, PATIENCE).await.unwrap();
        Self {
            network,
            folder,
            _turn: turn,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// The Legal Entity Identifier of an organisation: `bank-1`, `agency-1`, `regulator`.
    pub fn lei(&self, name: &str) -> String {
        self.organisation(name).lei.clone()
    }

    /// Its id on the ledger.
    pub fn id(&self, name: &str) -> String {
        self.organisation(name).id.to_string()
    }

    /// Its key file.
    pub fn key(&self, name: &str) -> String {
        let key = &self.organisation(name).key;
        let path = self.network.directory().join(key);
        path.display().to_string()
    }

    fn organisation(&self, name: &str) -> &talea_node::localnet::OrganisationEntry {
        let all = &self.network.file().organisations;
        let found = all.iter().find(|one| one.name == name);
        found.unwrap_or_else(|| panic!("no organisation {name}"))
    }

    /// What the network says of itself.
    pub async fn info(&self) -> NetworkInfo {
        let endpoints = self.network.nodes().iter().map(LocalnetNode::endpoint);
        let client = Client::new(&Options::new(endpoints)).unwrap();
        client.network().await.unwrap()
    }

    /// Runs `talea`; words are separated by spaces.
    pub async fn talea(&self, words: &str) -> Ended {
        let endpoints = self.network.nodes().iter().map(LocalnetNode::endpoint);
        let nodes: Vec<String> = endpoints.collect();
        self.run(&nodes.join(","), words).await
    }

    /// Runs `talea` without any node.
    pub async fn offline(&self, words: &str) -> Ended {
        self.run("", words).await
    }

    async fn run(&self, nodes: &str, words: &str) -> Ended {
        let program = node_program().with_file_name("talea");
        let mut command = Command::new(&program);
        command
            .args(words.split_whitespace())
            .arg("--json")
            .current_dir(self.folder.path())
            .env("TALEA_GENESIS", self.network.genesis());
        if !nodes.is_empty() {
            command.env("TALEA_NODES", nodes);
        }
        let output: Output = command.output().await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        Ended {
            code: output.status.code().unwrap(),
            value: serde_json::from_str(&text).unwrap_or(Value::Null),
            errors: format!(
                "{words}: {text} {}",
                String::from_utf8_lossy(&output.stderr)
            ),
        }
    }

    /// Runs a command that these keys sign.
    pub async fn sign(&self, keys: &[&str], words: &str) -> Ended {
        let passphrase = self.passphrase();
        let keys: Vec<String> = keys.iter().map(|key| format!("--key {key}")).collect();
        let keys = keys.join(" ");
        self.talea(&format!("{words} {keys} --passphrase-file {passphrase}"))
            .await
    }

    /// Runs a command that reads as an organisation.
    pub async fn read(&self, organisation: &str, words: &str) -> Ended {
        let (lei, key) = (self.organisation(organisation).id, self.key(organisation));
        let passphrase = self.passphrase();
        self.talea(&format!(
            "{words} --reader {lei} --reader-key {key} --reader-passphrase-file {passphrase} \
             --reader-purpose supervision"
        ))
        .await
    }

    /// The file with the passphrase of all keys.
    pub fn passphrase(&self) -> String {
        self.network.passphrase_file().display().to_string()
    }

    /// Makes a key file; gives its public key.
    pub async fn new_key(&self, name: &str) -> String {
        let passphrase = self.passphrase();
        let made = format!("keys new {name} --passphrase-file {passphrase}");
        self.offline(&made).await.done().text("public_key")
    }

    /// Opens a wallet account at a bank; gives its id.
    pub async fn open_wallet(&self, bank: &str, key_file: &str) -> String {
        let (lei, key) = (self.lei(bank), self.key(bank));
        let public = self.new_key(key_file).await;
        let open = format!("account open --sponsor {lei} --holder {public} --tier 2");
        let opened = self.sign(&[&key, key_file], &open).await;
        opened.done().text("account")
    }

    /// Opens an account of a bank's own and puts money on it; gives its id.
    pub async fn open_own(&self, bank: &str, amount: &str) -> String {
        let (lei, key) = (self.lei(bank), self.key(bank));
        let shown = self.offline(&format!("keys show {key}")).await.done();
        let public = shown.text("public_key");
        let open = format!("account open --sponsor {lei} --kind own --holder {public} --tier 2");
        let account = self.sign(&[&key], &open).await.done().text("account");
        let issue = format!("issue {amount} --account {account} --as {lei}");
        self.sign(&[&key], &issue).await.done();
        account
    }

    /// Whether some bytes are in any file of the desk and the network.
    pub fn holds(&self, wanted: &[u8]) -> Option<PathBuf> {
        find(self.folder.path(), wanted)
    }
}

fn find(folder: &Path, wanted: &[u8]) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.into_iter().find_map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return find(&path, wanted);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        let holds = bytes.windows(wanted.len()).any(|part| part == wanted);
        holds.then_some(path)
    })
}
