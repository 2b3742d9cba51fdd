//! A wallet pays, and keeps a receipt that it has verified itself.
//!
//! ```text
//! TALEA_PASSPHRASE=... cargo run --release -p talea-client --example pay -- \
//!     --node http://127.0.0.1:4100 --genesis genesis.toml --key wallet.key \
//!     --from acct1... --to acct1... --asset CZK --amount 12.50
//! ```

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, ensure};
use clap::Parser;
use talea_client::{
    Author, Client, Options, ProofFile, Trust,
    key_file::{self, Passphrase},
    operations,
};
use talea_types::{AccountId, Amount, Asset, Subject};

#[derive(Parser)]
struct Arguments {
    #[arg(long = "node", required = true)]
    nodes: Vec<String>,
    #[arg(long)]
    genesis: PathBuf,
    #[arg(long)]
    key: PathBuf,
    #[arg(long)]
    from: AccountId,
    #[arg(long)]
    to: AccountId,
    #[arg(long, default_value = "CZK")]
    asset: Asset,
    #[arg(long, default_value = "1.00")]
    amount: String,
    /// Where the receipt goes.
    #[arg(long, default_value = "payment.proof")]
    receipt: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // All that is believed: the genesis document, and the wallet's own key.
    let trust = Trust::load(&arguments.genesis)?;
    let passphrase = Passphrase::from_variable("TALEA_PASSPHRASE")?;
    let key = key_file::load(&arguments.key, &passphrase)?;

    let client = Client::new(&Options::new(arguments.nodes))?;
    let payer = Subject::Account(arguments.from);
    let author = Author::open(&client, trust.chain(), payer, vec![key]).await?;

    let places = trust.decimals().get(&arguments.asset);
    let places = places.context("the network does not carry this asset")?;
    let amount = Amount::from_decimal(&arguments.amount, *places).context("not an amount")?;
    let transfer = operations::transfer(arguments.from, arguments.to, arguments.asset, amount);

    // Nodes may fail on the way; the same bytes go to the next one and never apply twice.
    let settlement = author
        .submit(transfer, &[], Duration::from_secs(30))
        .await?;
    println!("{}: {:?}", settlement.id, settlement.finality);
    ensure!(settlement.is_committed(), "the payment was not applied");

    // Verified against genesis before it is returned.
    let receipt = client.receipt(&settlement.id, &trust).await?;
    ProofFile::Receipt(receipt).save(&arguments.receipt)?;
    println!("receipt: {}", arguments.receipt.display());
    Ok(())
}
