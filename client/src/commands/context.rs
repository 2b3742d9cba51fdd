//! What every command is given: the network, the genesis document, how to report.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use talea_client::{Client, Options, Tls, Trust};
use talea_types::Subject;

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
    #[arg(long, value_name = "FILE", global = true, hide_short_help = true)]
    tls_authority: Option<PathBuf>,
    /// Your own certificate, PEM, where a node asks for one.
    #[arg(
        long,
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
pub(crate) struct Context(Global);

impl Context {
    pub(crate) const fn new(global: Global) -> Self {
        Self(global)
    }

    pub(crate) const fn json(&self) -> bool {
        self.0.json
    }

    pub(crate) const fn timeout(&self) -> Duration {
        self.0.timeout
    }

    /// The network.
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        if self.0.nodes.is_empty() {
            bail!("no node is named; give --node URL or set TALEA_NODES");
        }
        let read = |path: &PathBuf| {
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
        };
        let authority = self.0.tls_authority.as_ref().map(read).transpose()?;
        let identity = match (&self.0.tls_certificate, &self.0.tls_key) {
            (Some(certificate), Some(key)) => Some((read(certificate)?, read(key)?)),
            _ => None,
        };
        let options = Options {
            tls: Tls {
                authority,
                identity,
            },
            ..Options::new(self.0.nodes.iter().map(|url| url.trim_end_matches('/')))
        };
        Ok(Client::new(&options)?)
    }

    /// The network as the reader sees it, if one is named; `about` is whom the command asks about.
    pub(crate) fn reading(&self, about: Option<Subject>) -> anyhow::Result<Client> {
        self.0.reading.client(&self.client()?, about)
    }

    /// The genesis document, which signing and verifying need.
    pub(crate) fn trust(&self) -> anyhow::Result<Trust> {
        match &self.0.genesis {
            Some(path) => Ok(Trust::load(path)?),
            None => bail!(
                "this needs the network's genesis document; give --genesis FILE or set TALEA_GENESIS"
            ),
        }
    }

    /// The genesis document where one was named.
    pub(crate) fn trust_if_named(&self) -> anyhow::Result<Option<Trust>> {
        self.0
            .genesis
            .as_ref()
            .map(|path| Ok(Trust::load(path)?))
            .transpose()
    }
}
