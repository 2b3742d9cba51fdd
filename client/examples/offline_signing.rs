//! A treasury: the transaction is built on a machine with a network, signed on machines without one, and
//! submitted by anybody. With a policy of two of three, two of these files make a transaction.
//!
//! ```text
//! TALEA_PASSPHRASE=... cargo run --release -p talea-client --example offline_signing -- \
//!     --node http://127.0.0.1:4100 --genesis genesis.toml --from acct1... --to acct1... \
//!     --key first.key --key second.key
//! ```

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, ensure};
use clap::Parser;
use talea_client::{
    Client, Envelope, Options, Trust, describe,
    key_file::{self, Passphrase},
    operations,
};
use talea_types::{AccountId, Amount, Asset, Operation, PublicKey, Subject, TransactionBody};

#[derive(Parser)]
struct Arguments {
    #[arg(long = "node", required = true)]
    nodes: Vec<String>,
    #[arg(long)]
    genesis: PathBuf,
    #[arg(long)]
    from: AccountId,
    #[arg(long)]
    to: AccountId,
    #[arg(long, default_value = "CZK")]
    asset: Asset,
    /// Key files, as many as the account's policy requires.
    #[arg(long = "key", required = true)]
    keys: Vec<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let trust = Trust::load(&arguments.genesis)?;
    let client = Client::new(&Options::new(arguments.nodes))?;
    let author = Subject::Account(arguments.from);

    // With a network: which nonce is free, what time it is. Only public keys are needed.
    let nonces = client.nonces(&author).await?;
    let public = arguments.keys.iter().map(|path| key_file::public_key(path));
    let mut signers = public.collect::<Result<Vec<PublicKey>, _>>()?;
    signers.sort_unstable();
    let amount = Amount::new(100).context("an amount")?;
    let body = TransactionBody {
        signers,
        author,
        nonce: nonces.next,
        expires_at: nonces.ledger_time.plus_millis(3_600_000),
        operation: Operation::Transfer(operations::transfer(
            arguments.from,
            arguments.to,
            arguments.asset,
            amount,
        )),
    };
    let unsigned = Envelope::new(*trust.chain(), &body)?.to_text();

    // Without a network, each signer alone: read, review, sign, hand back.
    let mut copies = Vec::new();
    for path in &arguments.keys {
        let mut copy = Envelope::from_text(&unsigned)?;
        for (name, value) in describe::body(copy.body(), trust.decimals()) {
            println!("{name:>20}  {value}");
        }
        let passphrase = Passphrase::from_variable("TALEA_PASSPHRASE")?;
        copy.sign(&key_file::load(path, &passphrase)?)?;
        copies.push(copy.to_text());
    }

    // Anybody: assemble and submit.
    let mut assembled = Envelope::from_text(&unsigned)?;
    for copy in &copies {
        assembled.merge(&Envelope::from_text(copy)?)?;
    }
    let transaction = assembled.assemble()?;
    let settlement = client.submit(&transaction, Duration::from_secs(30)).await?;
    println!("{}: {:?}", settlement.id, settlement.finality);
    ensure!(settlement.is_committed(), "the payment was not applied");
    Ok(())
}
