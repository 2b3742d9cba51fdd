//! What every command is given: the network, the genesis document, how to report.

use std::{path::PathBuf, sync::OnceLock, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use talea_client::{Client, Options, Tls, Trust};
use talea_types::{SecretKey, Subject};

use super::{reading::Reading, values};

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Address of a node; repeat it to name several, best first.
    #[arg(
        long = "node",
        value_name = "URL",
        global = true,
        env = "TALEA_NODES",
        value_delimiter = ','
    )]
    nodes: Vec<String>,
    /// The network's genesis document: your own copy, whose hash you compared.
    #[arg(long, value_name = "FILE", global = true, env = "TALEA_GENESIS")]
    genesis: Option<PathBuf>,
    /// Report as JSON on standard output.
    #[arg(long, global = true)]
    json: bool,
    /// How long to wait for a final answer: 30s, 10m.
    #[arg(
        long,
        value_name = "DURATION",
        global = true,
        default_value = "30s",
        value_parser = values::duration
    )]
    timeout: Duration,
    /// Certificate of the authority that signed the nodes' certificates, PEM, for https.
    #[arg(
        long,
        visible_alias = "tls-ca",
        value_name = "FILE",
        global = true,
        hide_short_help = true
    )]
    tls_authority: Option<PathBuf>,
    /// Your own certificate, PEM, where a node asks for one.
    #[arg(
        long,
        visible_alias = "tls-cert",
        value_name = "FILE",
        global = true,
        hide_short_help = true,
        requires = "tls_key"
    )]
    tls_certificate: Option<PathBuf>,
    /// Key of your own certificate, PEM.
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        hide_short_help = true,
        requires = "tls_certificate"
    )]
    tls_key: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

/// What every command is given.
#[derive(Debug)]
pub(crate) struct Context {
    global: Global,
    /// Keys of who signs, once they were opened.
    signers: OnceLock<Vec<SecretKey>>,
}

impl Context {
    pub(crate) const fn new(global: Global) -> Self {
        Self {
            global,
            signers: OnceLock::new(),
        }
    }

    /// Keys of who signs, once they were opened.
    pub(crate) const fn signers(&self) -> &OnceLock<Vec<SecretKey>> {
        &self.signers
    }

    pub(crate) const fn json(&self) -> bool {
        self.global.json
    }

    pub(crate) const fn timeout(&self) -> Duration {
        self.global.timeout
    }

    /// The network, as the reader sees it if one is named.
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        self.global.reading.client(self.connect()?)
    }

    /// The same; without a name, the reader is whom the command asks about.
    pub(crate) fn reading(&self, about: Option<Subject>) -> anyhow::Result<Client> {
        match about {
            Some(about) => self.global.reading.client_about(self.connect()?, about),
            None => self.client(),
        }
    }

    /// The same for a command that signs: one of its keys shows who reads.
    pub(crate) fn client_signing(&self, keys: &[SecretKey]) -> anyhow::Result<Client> {
        let reading = &self.global.reading;
        reading.client_signing(self.connect()?, &self.trust()?, keys)
    }

    fn connect(&self) -> anyhow::Result<Client> {
        if self.global.nodes.is_empty() {
            bail!("no node is named; give --node URL or set TALEA_NODES");
        }
        let read = |path: &PathBuf| {
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
        };
        let authority = self.global.tls_authority.as_ref().map(read).transpose()?;
        let identity = match (&self.global.tls_certificate, &self.global.tls_key) {
            (Some(certificate), Some(key)) => Some((read(certificate)?, read(key)?)),
            _ => None,
        };
        let options = Options {
            tls: Tls {
                authority,
                identity,
            },
            ..Options::new(
                self.global
                    .nodes
                    .iter()
                    .map(|url| url.trim_end_matches('/')),
            )
        };
        Ok(Client::new(&options)?)
    }

    /// The genesis document, which signing and verifying need.
    pub(crate) fn trust(&self) -> anyhow::Result<Trust> {
        match &self.global.genesis {
            Some(path) => Ok(Trust::load(path)?),
            None => bail!(
                "this needs the network's genesis document; give --genesis FILE or set TALEA_GENESIS"
            ),
        }
    }

    /// The genesis document where one was named.
    pub(crate) fn trust_if_named(&self) -> anyhow::Result<Option<Trust>> {
        self.global
            .genesis
            .as_ref()
            .map(|path| Ok(Trust::load(path)?))
            .transpose()
    }
}
