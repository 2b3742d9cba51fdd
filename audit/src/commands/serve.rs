//! `talea-audit serve`.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;
use talea_audit::{
    IndexPlace,
    serve::{DeskOptions, serve},
};
use talea_client::{Client, Reader};
use talea_genesis::GenesisDocument;
use talea_types::{SecretKey, Subject};

use super::{demo::Demo, network::Reading, output};

/// Open the desk: follow a node with verification and show it in a browser.
///
/// The pages are at the address that it prints. With a reader's key the address opens them as that reader;
/// keep it to yourself.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  talea-audit serve --demo localnet\n  \
                  talea-audit serve --genesis genesis.toml --index network.db --node http://127.0.0.1:4100 \\\n    \
                  --reader org1... --reader-key regulator.key --listen 127.0.0.1:4190\n\n\
                  TALEA_GENESIS, TALEA_INDEX, TALEA_NODES, TALEA_READER and TALEA_READER_KEY stand for the options.\n\
                  Only this machine reaches the desk unless --listen says otherwise; put a server with TLS before it then.")]
pub(crate) struct Serve {
    /// Directory of a network on this machine, as 'talea-node demo --stay' and 'talea-node localnet' leave it: genesis
    /// document, nodes and the regulator's key are found there, the index is kept there.
    #[arg(long, value_name = "DIR")]
    demo: Option<PathBuf>,
    /// The network's genesis document: your own copy, whose hash you compared.
    #[arg(
        long,
        value_name = "FILE",
        env = "TALEA_GENESIS",
        required_unless_present = "demo"
    )]
    genesis: Option<PathBuf>,
    /// The index; it is made where there is none.
    #[arg(
        long,
        value_name = "PLACE",
        env = "TALEA_INDEX",
        required_unless_present = "demo"
    )]
    index: Option<IndexPlace>,
    /// Address of a node; repeat it to name several, best first. None is believed.
    #[arg(
        long = "node",
        value_name = "URL",
        env = "TALEA_NODES",
        value_delimiter = ',',
        required_unless_present = "demo"
    )]
    nodes: Vec<String>,
    #[command(flatten)]
    reading: Reading,
    /// The log of looks; beside the index by default, to be named where the index is on a server.
    #[arg(long, value_name = "FILE", env = "TALEA_LOOKS")]
    looks: Option<PathBuf>,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4190")]
    listen: SocketAddr,
}

/// What is known once the options are read.
struct Known {
    genesis: PathBuf,
    index: IndexPlace,
    nodes: Vec<String>,
    reader: Option<(Subject, SecretKey)>,
}

impl Serve {
    pub(crate) async fn run(self, json: bool) -> anyhow::Result<()> {
        let looks = self.looks.clone();
        let listen = self.listen;
        let (known, client) = self.known()?;
        let looks = match (looks, &known.index) {
            (Some(path), _) => path,
            (None, place) => beside(place).context(
                "an index on a server has no place beside it for the log of looks: name a file on this machine with \
                 --looks FILE, the same one at every start (TALEA_LOOKS stands for the option)",
            )?,
        };
        let path = &known.genesis;
        let named = || format!("the genesis document {}", path.display());
        let genesis = std::fs::read(path).with_context(named)?;
        let record = GenesisDocument::load_complete(path).with_context(named)?;
        let own = known.reader.as_ref();
        let own = own.map(|(subject, key)| (*subject, key.public_key()));
        let source = match known.reader {
            Some((subject, key)) => client.read_as(Reader::new(subject, key)),
            None => client.clone(),
        };
        let options = DeskOptions {
            genesis: genesis.into(),
            record,
            index: known.index,
            looks,
            listen,
            node: known.nodes.join(", "),
            network: Some(client),
            own,
        };
        let serving = serve(options, source).await?;
        let session = serving.own_session.as_ref();
        let session = session.map_or_else(String::new, |secret| format!("desk/#session={secret}"));
        let address = format!("http://{}/{session}", serving.address);
        if json {
            output::line(&json!({ "address": address }).to_string());
        } else {
            output::line(&format!("the desk is open: {address}"));
            output::complain("Ctrl-C closes it");
        }
        tokio::select! {
            stopped = stop_signal() => stopped?,
            // Nothing is finished first: an answer that is on its way may be of a look that is not on the disk.
            reason = serving.unwritten() => bail!(
                "{reason}; a look could not be written down, so that the desk shows nothing more. Make room or mend the \
                 disk, then start it again: 'talea-audit looks' says whether the log is whole"
            ),
        }
        serving.end().await;
        Ok(())
    }

    fn known(self) -> anyhow::Result<(Known, Client)> {
        let Some(directory) = &self.demo else {
            let known = Known {
                reader: self.reading.key()?,
                genesis: self.genesis.context("--genesis is missing")?,
                index: self.index.context("--index is missing")?,
                nodes: self.nodes,
            };
            let client = self.reading.client_as_nobody(&known.nodes)?;
            return Ok((known, client));
        };
        let demo = Demo::load(directory)?;
        let reader = match self.reading.key()? {
            Some(reader) => reader,
            None => demo.regulator,
        };
        let nodes = if self.nodes.is_empty() {
            demo.nodes
        } else {
            self.nodes
        };
        let client = self.reading.client_as_nobody(&nodes)?;
        let known = Known {
            genesis: self.genesis.unwrap_or(demo.genesis),
            index: self.index.unwrap_or(IndexPlace::File(demo.index)),
            nodes,
            reader: Some(reader),
        };
        Ok((known, client))
    }
}

/// The file beside an index that is a file.
pub(super) fn beside(index: &IndexPlace) -> Option<PathBuf> {
    match index {
        IndexPlace::File(path) => {
            let mut name = path.as_os_str().to_owned();
            name.push(".looks");
            Some(PathBuf::from(name))
        }
        IndexPlace::Server(_) => None,
    }
}

/// Waits until the process is told to end.
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = terminate.recv() => Ok(()),
    }
}
