//! `talea-node localnet`.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use talea_node::{
    localnet::{LOCALNET_FILE_NAME, Localnet, LocalnetError, LocalnetOptions},
    process,
};

use super::{failure::Failure, output, run::parse, small_runtime};

/// A machine that runs everything at once may be slow to start.
const START_PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  talea-node localnet /tmp/talea
  talea-node localnet /tmp/talea --collections
  talea-node localnet /tmp/talea --validators 7 --observers 1 --first-port 7700
  talea-node localnet /tmp/talea              again: the same network goes on")]
pub(super) struct LocalnetCommand {
    /// Directory of the network. One that holds a network goes on with it.
    directory: PathBuf,
    /// Validators, each of an organisation of its own.
    #[arg(long, default_value_t = 4)]
    validators: usize,
    /// Observers.
    #[arg(long, default_value_t = 0)]
    observers: usize,
    /// With two agencies, an adviser, a credit bureau, and the packs of rules in force.
    #[arg(long)]
    collections: bool,
    /// First of the ports, three for each node; any free ones otherwise.
    #[arg(long)]
    first_port: Option<u16>,
    /// A setting of every node: KEY=VALUE.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// Make the directory, start nothing.
    #[arg(long)]
    no_start: bool,
}

impl LocalnetCommand {
    pub(super) fn execute(self, json: bool) -> Result<(), Failure> {
        // What every node would refuse is refused here.
        parse(&self.settings)?;
        let mut network = self.open_or_create()?;
        if self.no_start {
            print(&network, json);
            return Ok(());
        }
        small_runtime()?.block_on(async {
            network.start()?;
            let ready = network.until_height(1, START_PATIENCE);
            tokio::select! {
                ready = ready => ready?,
                _ = process::stop_signal() => {
                    network.stop();
                    return Ok(());
                }
            }
            print(&network, json);
            if !json {
                println!("\nCtrl-C stops the network; the same command goes on with it.");
            }
            let ended = watch(&mut network).await;
            network.stop();
            ended
        })
    }

    fn open_or_create(&self) -> Result<Localnet, Failure> {
        let binary = std::env::current_exe()
            .map_err(|error| Failure::other(format!("cannot find this program: {error}")))?;
        if self.directory.join(LOCALNET_FILE_NAME).exists() {
            return Ok(Localnet::open(&self.directory, &binary)?);
        }
        let mut options = LocalnetOptions {
            validators: self.validators,
            observers: self.observers,
            first_port: self.first_port,
            settings: self.settings.clone(),
            ..LocalnetOptions::default()
        };
        if self.collections {
            options = options.with_collections()?;
        }
        Ok(Localnet::create(&self.directory, &binary, &options)?)
    }
}

/// Waits for a signal. A node that ends is told of; the others go on, as a network does.
async fn watch(network: &mut Localnet) -> Result<(), Failure> {
    let stop = process::stop_signal();
    tokio::pin!(stop);
    let mut ended = vec![false; network.nodes().len()];
    loop {
        tokio::select! {
            heard = &mut stop => return heard.map_err(Failure::other),
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
        }
        for (index, ended) in ended.iter_mut().enumerate() {
            let node = network.node(index);
            if !*ended && !node.is_running() {
                *ended = true;
                eprintln!("{} ended; see {}", node.entry().name, node.log().display());
            }
        }
        if ended.iter().all(|ended| *ended) {
            let name = "every node".to_owned();
            let log = network.directory().to_owned();
            let (status, tail) = ("an error".to_owned(), String::new());
            return Err(LocalnetError::Ended {
                name,
                status,
                log,
                tail,
            }
            .into());
        }
    }
}

fn print(network: &Localnet, json: bool) {
    let file = network.file();
    if json {
        println!("{}", output::to_json(file));
        return;
    }
    let mut table = output::table(&["node", "gRPC", "metrics", "peers", "log"]);
    for node in network.nodes() {
        let entry = node.entry();
        table.add_row([
            entry.name.clone(),
            node.endpoint(),
            format!("http://{}/metrics", entry.metrics),
            entry.p2p.to_string(),
            node.log().display().to_string(),
        ]);
    }
    println!(
        "SANDBOX network {} ({})\n{table}",
        file.network, file.chain_id
    );
    println!("genesis     {}", network.genesis().display());
    println!("passphrase  {}", network.passphrase_file().display());
    for organisation in &file.organisations {
        let key = network.directory().join(&organisation.key);
        println!(
            "{:<11} {}  {}",
            organisation.name,
            organisation.id,
            key.display()
        );
    }
    if let Some(first) = network.nodes().first() {
        println!("\nAsk a node:    talea-node status {}", first.endpoint());
        println!(
            "As a client:   talea --help   (node {}, the genesis document above)",
            first.endpoint()
        );
    }
}
