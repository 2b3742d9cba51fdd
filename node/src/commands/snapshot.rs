//! `talea-node snapshot` and `talea-node prune`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::json;
use talea_genesis::{GenesisDocument, GenesisRecord};
use talea_node::{
    config::{LoadedConfig, NodeConfig},
    exit_code::{EXIT_CONFIG, EXIT_STORAGE},
    process::load_genesis,
    snapshot::{self, SNAPSHOTS_DIRECTORY, SnapshotName, SnapshotReader},
    storage::{
        disk::{Disk, StdDisk},
        rebuildable::RebuildableStore,
    },
    upkeep::{Retention, StoppedNode, restore},
};

use super::{failure::Failure, fetch::Fetch, output};

/// Snapshots of the state, each a file that anybody can verify against the genesis document.
#[derive(Debug, Subcommand)]
pub(super) enum Snapshot {
    /// Make a snapshot of a stopped node's state. A running one makes them when storage.snapshot_blocks is set.
    Create(Create),
    /// List the snapshots of a node.
    List(List),
    /// Verify a snapshot against a genesis document and say what is in it.
    Show(Show),
    /// Let a node without blocks begin after a snapshot, which is verified first.
    Restore(Restore),
    /// Fetch a snapshot from peers and let a node without blocks begin after it.
    Fetch(Fetch),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  talea-node snapshot create /var/lib/talea")]
pub(super) struct Create {
    /// The node's directory. Stop the node first.
    directory: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  talea-node snapshot list /var/lib/talea")]
pub(super) struct List {
    /// The node's directory.
    directory: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  talea-node snapshot show 000000500000-5f0c.snapshot --genesis genesis.toml")]
pub(super) struct Show {
    /// The snapshot.
    file: PathBuf,
    /// The network's genesis document.
    #[arg(long, value_name = "FILE")]
    genesis: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example, a new observer that need not fetch years of blocks:
  talea-node init /var/lib/talea --name archive --role observer --genesis genesis.toml
  talea-node snapshot restore 000000500000-5f0c.snapshot /var/lib/talea
  talea-node run /var/lib/talea

Blocks at and below the height are not there: the node answers PRUNED for them. A validator whose
directory was lost hears from the others before it votes, as after any loss.")]
pub(super) struct Restore {
    /// The snapshot.
    file: PathBuf,
    /// The node's directory, with its settings and genesis document and without blocks.
    directory: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  talea-node prune /var/lib/talea                          as storage.retention_blocks and _days say
  talea-node prune /var/lib/talea --keep-blocks 100000

Blocks are dropped up to the newest snapshot that is old enough, and it is verified before. A running
node does the same after every snapshot, by its settings. What is dropped is gone from this node: it
answers PRUNED, and auditors need a node that keeps everything.")]
pub(super) struct Prune {
    /// The node's directory. Stop the node first.
    directory: PathBuf,
    /// Newest blocks to keep.
    #[arg(long, value_name = "COUNT")]
    keep_blocks: Option<u64>,
    /// Blocks of so many last days of ledger time to keep.
    #[arg(long, value_name = "DAYS")]
    keep_days: Option<u64>,
}

impl Snapshot {
    pub(super) fn execute(self, json: bool) -> Result<(), Failure> {
        match self {
            Self::Create(command) => command.execute(json),
            Self::List(command) => command.execute(json),
            Self::Show(command) => command.execute(json),
            Self::Restore(command) => command.execute(json),
            Self::Fetch(command) => command.execute(json),
        }
    }
}

impl Create {
    fn execute(&self, json: bool) -> Result<(), Failure> {
        let config = LoadedConfig::load(&self.directory, &[])?.config;
        let node = open(&config)?;
        let retention = Retention::of(&config.storage);
        let path = node.snapshot(retention).map_err(storage)?;
        let bytes = size(&path);
        if json {
            println!(
                "{}",
                output::to_json(&json!({ "height": node.height(), "file": path, "bytes": bytes }))
            );
        } else {
            println!(
                "{} ({}), verified\ncopy it to where it is needed; check it there: talea-node snapshot show FILE \
                 --genesis {}",
                path.display(),
                output::bytes(bytes),
                config.genesis.display()
            );
        }
        Ok(())
    }
}

impl List {
    fn execute(&self, json: bool) -> Result<(), Failure> {
        let data = LoadedConfig::load(&self.directory, &[])?.config.data_dir;
        let directory = data.join(SNAPSHOTS_DIRECTORY);
        let names = snapshot::list(&StdDisk, &directory).map_err(storage)?;
        let path = |name: &SnapshotName| directory.join(name.to_string());
        if json {
            let list: Vec<_> = names
                .iter()
                .map(|name| {
                    let path = path(name);
                    json!({ "height": name.height, "state_root": name.root.to_string(), "bytes": size(&path), "file": path })
                })
                .collect();
            println!("{}", output::to_json(&list));
            return Ok(());
        }
        if names.is_empty() {
            println!("no snapshots; make one: talea-node snapshot create DIR");
            return Ok(());
        }
        let mut table = output::table(&["height", "state root", "size", "file"]);
        for name in &names {
            let path = path(name);
            table.add_row([
                name.height.to_string(),
                name.root.to_string(),
                output::bytes(size(&path)),
                path.display().to_string(),
            ]);
        }
        println!("{table}");
        Ok(())
    }
}

impl Show {
    fn execute(&self, json: bool) -> Result<(), Failure> {
        let genesis = load_document(&self.genesis)?;
        let verified = SnapshotReader::open(&StdDisk, &self.file)
            .and_then(|reader| reader.verify(&genesis.chain_id(), genesis.validator_set()))
            .map_err(storage)?;
        let signatures = verified.head().certificate().signatures.len();
        let (head, ledger) = verified.restore().map_err(storage)?;
        let header = head.header();
        let objects = ledger.objects().count();
        if json {
            let value = json!({
                "network": genesis.network(),
                "chain": genesis.chain_id().to_string(),
                "height": header.height,
                "block_hash": head.hash().to_string(),
                "state_root": header.state_root.to_string(),
                "ledger_time_ms": header.time.millis(),
                "business_date": header.business_date,
                "objects": objects,
                "validator_set_changes": head.finality.set_changes.len(),
                "signatures": signatures,
                "bytes": size(&self.file),
            });
            println!("{}", output::to_json(&value));
            return Ok(());
        }
        let mut table = output::table(&["", ""]);
        for (what, is) in [
            ("network", genesis.network().to_owned()),
            ("height", header.height.to_string()),
            ("block", head.hash().to_string()),
            ("state root", header.state_root.to_string()),
            ("objects", objects.to_string()),
            (
                "decided by",
                format!(
                    "{signatures} signatures, {} changes of the validators since genesis",
                    head.finality.set_changes.len()
                ),
            ),
            ("size", output::bytes(size(&self.file))),
        ] {
            table.add_row([what, &is]);
        }
        println!("{table}\nverified: this is what the network decided, and all of it");
        Ok(())
    }
}

impl Restore {
    fn execute(&self, json: bool) -> Result<(), Failure> {
        let config = LoadedConfig::load(&self.directory, &[])?.config;
        let (_, genesis) = load_genesis(&config)?;
        let disk: Arc<dyn Disk> = Arc::new(StdDisk);
        let (chain, set) = (genesis.chain_id(), genesis.validator_set());
        let name = restore(&disk, &self.file, &config.data_dir, &chain, set).map_err(storage)?;
        if json {
            let value = json!({ "height": name.height, "state_root": name.root.to_string() });
            println!("{}", output::to_json(&value));
        } else {
            println!(
                "verified; the node begins after height {}\nrun it:  talea-node run {}",
                name.height,
                self.directory.display()
            );
        }
        Ok(())
    }
}

impl Prune {
    pub(super) fn execute(&self, json: bool) -> Result<(), Failure> {
        let config = LoadedConfig::load(&self.directory, &[])?.config;
        let retention = match (self.keep_blocks, self.keep_days) {
            (None, None) => Retention::of(&config.storage).ok_or_else(|| {
                Failure::new(
                    EXIT_CONFIG,
                    "the settings keep everything; say --keep-blocks or --keep-days, or set storage.retention_blocks",
                )
            })?,
            (blocks, days) => Retention {
                blocks: blocks.unwrap_or(0),
                days: days.unwrap_or(0),
            },
        };
        let mut node = open(&config)?;
        let pruned = node.prune(retention).map_err(storage)?;
        let (first, height) = (node.first_height(), node.height());
        if json {
            let blocks = pruned.map_or(0, |pruned| pruned.blocks);
            let value =
                json!({ "dropped_blocks": blocks, "first_height": first, "height": height });
            println!("{}", output::to_json(&value));
            return Ok(());
        }
        match pruned {
            Some(pruned) => println!(
                "dropped {} blocks; heights {first} to {height} are kept, the state at {} is in the snapshot {}",
                pruned.blocks, pruned.base.height, pruned.base
            ),
            None => println!(
                "nothing was dropped: no snapshot is as old as what may go (talea-node snapshot list); blocks are \
                 dropped up to a snapshot only. Heights {first} to {height} are kept"
            ),
        }
        Ok(())
    }
}

fn open(config: &NodeConfig) -> Result<StoppedNode, Failure> {
    let (_, genesis) = load_genesis(config)?;
    let disk: Arc<dyn Disk> = Arc::new(StdDisk);
    let data = &config.data_dir;
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(Failure::other)?;
    StoppedNode::open(&disk, data, salt, &genesis.to_ledger(), || {
        Ok(RebuildableStore::open(data, salt)?.0)
    })
    .map_err(storage)
}

fn load_document(path: &Path) -> Result<GenesisRecord, Failure> {
    GenesisDocument::load_complete(path)
        .map_err(|error| Failure::new(EXIT_CONFIG, format!("{}: {error}", path.display())))
}

fn storage(error: impl std::fmt::Display) -> Failure {
    Failure::new(EXIT_STORAGE, error)
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}
