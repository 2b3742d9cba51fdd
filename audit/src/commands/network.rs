//! Which network, through which nodes, as whom.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use talea_audit::{Index, IndexPlace};
use talea_client::{
    Client, Options, Reader, Tls,
    key_file::{self, Passphrase},
};
use talea_genesis::{GenesisDocument, GenesisRecord};
use talea_types::{SecretKey, Subject, operation::DataPurpose};

/// The genesis document.
#[derive(Debug, Args)]
pub(crate) struct Genesis {
    /// The network's genesis document: your own copy, whose hash you compared.
    #[arg(long, value_name = "FILE", env = "TALEA_GENESIS")]
    genesis: PathBuf,
}

/// The genesis document and the index.
#[derive(Debug, Args)]
pub(crate) struct Known {
    #[command(flatten)]
    genesis: Genesis,
    /// The index: a file, or postgresql://USER@HOST/DATABASE.
    #[arg(long, value_name = "INDEX", env = "TALEA_INDEX")]
    pub(crate) index: IndexPlace,
}

impl Known {
    pub(crate) fn record(&self) -> anyhow::Result<GenesisRecord> {
        self.genesis.record()
    }
}

impl Genesis {
    pub(crate) fn record(&self) -> anyhow::Result<GenesisRecord> {
        let path = &self.genesis;
        GenesisDocument::load_complete(path)
            .with_context(|| format!("the genesis document {}", path.display()))
    }
}

/// Through which nodes, as whom.
#[derive(Debug, Args)]
pub(crate) struct Nodes {
    /// Address of a node; repeat it to name several, best first. None is believed.
    #[arg(
        long = "node",
        value_name = "URL",
        env = "TALEA_NODES",
        value_delimiter = ',',
        required = true
    )]
    nodes: Vec<String>,
    #[command(flatten)]
    reading: Reading,
}

impl Nodes {
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        self.reading.client(&self.nodes)
    }

    /// Each node by itself, with its address, read for a purpose: what is a debtor's is recorded on the ledger before
    /// an organisation reads it.
    pub(crate) fn each(&self, purpose: DataPurpose) -> anyhow::Result<Vec<(&str, Client)>> {
        let key = self.reading.key()?;
        let reach = |url: &String| {
            let client = self.reading.client_as_nobody(std::slice::from_ref(url))?;
            anyhow::Ok(match &key {
                Some((reader @ Subject::Participant(_), key)) => {
                    client.read_as(Reader::for_purpose(*reader, vec![key.clone()], purpose))
                }
                Some((reader, key)) => client.read_as(Reader::new(*reader, key.clone())),
                None => client,
            })
        };
        let nodes = self.nodes.iter();
        nodes.map(|url| Ok((url.as_str(), reach(url)?))).collect()
    }
}

/// As whom to read, and how nodes show who they are.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// As whom to read whole blocks: a regulator or an authority.
    #[arg(long, value_name = "ORGANISATION", env = "TALEA_READER")]
    reader: Option<Subject>,
    /// Key file of the reader.
    #[arg(
        long,
        value_name = "FILE",
        env = "TALEA_READER_KEY",
        requires = "reader"
    )]
    reader_key: Option<PathBuf>,
    /// File whose first line is the passphrase of the key file.
    #[arg(long, value_name = "FILE", conflicts_with = "reader_passphrase_env")]
    reader_passphrase_file: Option<PathBuf>,
    /// Environment variable that holds the passphrase of the key file.
    #[arg(long, value_name = "NAME")]
    reader_passphrase_env: Option<String>,
    /// Certificate of the authority that signed the nodes' certificates, PEM, for https.
    #[arg(long, value_name = "FILE")]
    tls_authority: Option<PathBuf>,
}

impl Reading {
    /// Reaches the network, as the reader if there is one.
    pub(crate) fn client(&self, nodes: &[String]) -> anyhow::Result<Client> {
        let client = self.client_as_nobody(nodes)?;
        Ok(match self.key()? {
            Some((reader, key)) => client.read_as(Reader::new(reader, key)),
            None => client,
        })
    }

    /// Reaches the network without showing who asks.
    pub(crate) fn client_as_nobody(&self, nodes: &[String]) -> anyhow::Result<Client> {
        let read = |path: &PathBuf| {
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
        };
        let options = Options {
            tls: Tls {
                authority: self.tls_authority.as_ref().map(read).transpose()?,
                identity: None,
            },
            ..Options::new(nodes.iter().map(|url| url.trim_end_matches('/')))
        };
        Ok(Client::new(&options)?)
    }

    /// The reader and its key, opened.
    pub(crate) fn key(&self) -> anyhow::Result<Option<(Subject, SecretKey)>> {
        let (Some(reader), Some(path)) = (self.reader, &self.reader_key) else {
            return Ok(None);
        };
        Ok(Some((
            reader,
            key_file::load(path, &self.passphrase(path)?)?,
        )))
    }

    fn passphrase(&self, key: &Path) -> anyhow::Result<Passphrase> {
        Ok(
            match (&self.reader_passphrase_file, &self.reader_passphrase_env) {
                (Some(path), _) => Passphrase::from_file(path)?,
                (None, Some(name)) => Passphrase::from_variable(name)?,
                (None, None) => Passphrase::prompt(&format!("Passphrase of {}: ", key.display()))?,
            },
        )
    }
}

/// An index that must not be there yet.
pub(crate) fn check_new(place: &IndexPlace) -> anyhow::Result<()> {
    if Index::is_there(place)? {
        bail!("{place} exists; give the name of a new file, or the URL of an empty database");
    }
    Ok(())
}
