//! `talea-node snapshot fetch`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use talea_node::{
    bootstrap::{self, FetchConfig, FetchError, FetchNews, Fetched},
    config::{LoadedConfig, NodeKeys},
    exit_code::{EXIT_FAILURE, EXIT_STORAGE},
    process::load_genesis,
};

use super::{failure::Failure, output};

/// Lines that tell how far it is.
const LINES: u64 = 20;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  talea-node snapshot fetch /var/lib/talea                 the newest that verifies, from whichever peer
  talea-node snapshot fetch /var/lib/talea --from bank-a

The node must be stopped and have no blocks. It connects as itself, so the peers must have it in their
registers, and asks those of its settings. Whatever they send is verified against the genesis document
before it is used; a peer that lies, or stops in the middle, is passed over. Interrupted, the same
command goes on where it was. Blocks at and below the height are not there afterwards: the node answers
PRUNED for them. A validator whose directory was lost hears from the others before it votes.")]
pub(super) struct Fetch {
    /// The node's directory, with its settings and genesis document and without blocks.
    directory: PathBuf,
    /// Ask this peer alone, by its name.
    #[arg(long, value_name = "PEER")]
    from: Option<String>,
}

impl Fetch {
    pub(super) fn execute(&self, json: bool) -> Result<(), Failure> {
        let config = LoadedConfig::load(&self.directory, &[])?.config;
        let (_, genesis) = load_genesis(&config)?;
        let keys = NodeKeys::load(&config)?;
        let fetch = FetchConfig::of(&config, &genesis, &keys.network, self.from.as_deref())
            .map_err(failure)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| Failure::other(format!("cannot start: {error}")))?;
        let mut lines = Lines::default();
        let tell = |news: &FetchNews| {
            if !json {
                lines.tell(news);
            }
        };
        let fetched = runtime
            .block_on(bootstrap::fetch(fetch, tell))
            .map_err(failure)?;
        if json {
            println!("{}", output::to_json(&as_json(&fetched)));
        } else {
            println!(
                "verified; the node begins after height {}\nrun it:  talea-node run {}",
                fetched.name.height,
                self.directory.display()
            );
        }
        Ok(())
    }
}

fn as_json(fetched: &Fetched) -> serde_json::Value {
    let passed_over = fetched.passed_over.iter();
    let passed_over: Vec<_> = passed_over
        .map(|one| json!({ "peer": one.peer, "reason": one.reason }))
        .collect();
    json!({
        "height": fetched.name.height,
        "state_root": fetched.name.root.to_string(),
        "bytes": fetched.bytes,
        "from": fetched.from,
        "passed_over": passed_over,
    })
}

fn failure(error: FetchError) -> Failure {
    let code = match error.is_of_the_disk() {
        true => EXIT_STORAGE,
        false => EXIT_FAILURE,
    };
    Failure::new(code, error)
}

/// What is told on standard error.
#[derive(Debug, Default)]
struct Lines {
    told: u64,
}

impl Lines {
    fn tell(&mut self, news: &FetchNews) {
        match news {
            FetchNews::Offered { peer, newest } => match newest {
                Some(offer) => eprintln!(
                    "{peer} has a snapshot of height {} ({})",
                    offer.name.height,
                    output::bytes(offer.bytes)
                ),
                None => eprintln!("{peer} has no snapshot"),
            },
            FetchNews::Begun { peer, offer, there } => {
                let (height, there) = (offer.name.height, output::bytes(*there));
                let all = output::bytes(offer.bytes);
                self.told = 0;
                eprintln!("fetching height {height} from {peer}: {there} of {all} are there");
            }
            FetchNews::Arrived { bytes, of } => {
                let line = bytes.saturating_mul(LINES).checked_div(*of).unwrap_or(0);
                if line > self.told {
                    self.told = line;
                    eprintln!("  {} of {}", output::bytes(*bytes), output::bytes(*of));
                }
            }
            FetchNews::NotDelivered(one) => eprintln!("did not deliver: {one}"),
            FetchNews::PassedOver(one) => eprintln!("passed over: {one}"),
            FetchNews::Verifying => eprintln!("verifying"),
        }
    }
}
