//! A bookkeeper: reads the whole history of an account, proves that it is complete, and goes on from
//! there as new events are committed.
//!
//! ```text
//! cargo run --release -p talea-client --example watch_events -- \
//!     --node http://127.0.0.1:4100 --genesis genesis.toml --account acct1... --key wallet.key --count 3
//! ```

use std::path::PathBuf;

use clap::Parser;
use talea_client::{
    Client, Options, Reader, Trust, describe,
    key_file::{self, Passphrase},
};
use talea_types::{AccountId, Subject};

#[derive(Parser)]
struct Arguments {
    #[arg(long = "node", required = true)]
    nodes: Vec<String>,
    #[arg(long)]
    genesis: PathBuf,
    #[arg(long)]
    account: AccountId,
    /// Key file of the account: its history is not for everybody.
    #[arg(long)]
    key: PathBuf,
    /// End after so many new events.
    #[arg(long, default_value_t = 0)]
    count: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let trust = Trust::load(&arguments.genesis)?;
    let subject = Subject::Account(arguments.account);
    let passphrase = Passphrase::from_variable("TALEA_PASSPHRASE")?;
    let key = key_file::load(&arguments.key, &passphrase)?;
    let client = Client::new(&Options::new(arguments.nodes))?.read_as(Reader::new(subject, key));

    // Whoever served them: no event can be missing, altered or invented.
    let history = client.history(&subject, &trust, |_, _| ()).await?;
    for event in &history.events {
        println!(
            "{:>6} {}",
            event.sequence,
            describe::event(event, trust.decimals())
        );
    }
    println!(
        "exactly these {} events up to height {}",
        history.events.len(),
        history.subject.header().height
    );

    let next = history.events.len() as u64;
    let mut watch = client.watch_events(subject, next);
    for _ in 0..arguments.count {
        let event = watch.next().await?;
        println!(
            "{:>6} {}",
            event.sequence,
            describe::event(&event, trust.decimals())
        );
    }
    Ok(())
}
