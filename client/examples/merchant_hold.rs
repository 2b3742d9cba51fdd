//! A shop: the wallet places a hold at checkout, the shop captures less when it ships, the rest is
//! released.
//!
//! ```text
//! TALEA_PASSPHRASE=... cargo run --release -p talea-client --example merchant_hold -- \
//!     --node http://127.0.0.1:4100 --genesis genesis.toml \
//!     --wallet acct1... --wallet-key wallet.key --merchant acct1... --merchant-key merchant.key
//! ```

use std::{path::PathBuf, time::Duration};

use anyhow::ensure;
use clap::Parser;
use talea_client::{
    Author, Client, ClientError, Options, Reader, Trust,
    key_file::{self, Passphrase},
    operations,
};
use talea_types::{AccountId, Amount, Asset, HoldId, Subject, operation::HoldPlace};

const DEADLINE: Duration = Duration::from_secs(30);
const SEVEN_DAYS_MS: u64 = 7 * 86_400_000;

#[derive(Parser)]
struct Arguments {
    #[arg(long = "node", required = true)]
    nodes: Vec<String>,
    #[arg(long)]
    genesis: PathBuf,
    #[arg(long)]
    wallet: AccountId,
    #[arg(long)]
    wallet_key: PathBuf,
    #[arg(long)]
    merchant: AccountId,
    #[arg(long)]
    merchant_key: PathBuf,
    #[arg(long, default_value = "CZK")]
    asset: Asset,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let trust = Trust::load(&arguments.genesis)?;
    let client = Client::new(&Options::new(arguments.nodes))?;
    let open = async |account: AccountId, path: &PathBuf| {
        let passphrase = Passphrase::from_variable("TALEA_PASSPHRASE")?;
        let key = key_file::load(path, &passphrase)?;
        let author = Subject::Account(account);
        let reader = Reader::new(author, key.clone());
        let author = Author::open(&client, trust.chain(), author, vec![key]).await?;
        anyhow::Ok((author, client.read_as(reader)))
    };
    let (wallet, reading) = open(arguments.wallet, &arguments.wallet_key).await?;
    let (merchant, _) = open(arguments.merchant, &arguments.merchant_key).await?;

    // Checkout: three units are reserved, nothing has moved.
    let amount = |minor| Amount::new(minor).unwrap_or(Amount::ZERO);
    let hold = HoldPlace {
        end_to_end_id: "ORDER-1".to_owned(),
        ..operations::hold(
            arguments.wallet,
            arguments.merchant,
            arguments.asset,
            amount(300),
            wallet.ledger_time().plus_millis(SEVEN_DAYS_MS),
        )
    };
    let placed = wallet.submit(hold, &[], DEADLINE).await?;
    ensure!(placed.is_committed(), "not placed: {:?}", placed.finality);
    let hold = HoldId::placed_by(placed.id, 0);
    println!("placed {hold}: {:?}", reading.hold(&hold).await?);

    // Shipping: one item was out of stock.
    let captured = merchant
        .submit(operations::capture(hold, amount(280)), &[], DEADLINE)
        .await?;
    ensure!(
        captured.is_committed(),
        "not captured: {:?}",
        captured.finality
    );
    println!("captured 280 of 300 minor units");

    // The hold is gone, and its rest is available to the wallet again.
    let gone = reading.hold(&hold).await;
    ensure!(matches!(gone, Err(ClientError::NotFound { .. })));
    println!("released the rest");
    Ok(())
}
