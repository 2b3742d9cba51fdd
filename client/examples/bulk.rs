//! A bank pays salaries: thousands of transactions over one stream, none lost and none doubled, whatever
//! happens to connections.
//!
//! ```text
//! TALEA_PASSPHRASE=... cargo run --release -p talea-client --example bulk -- \
//!     --node http://127.0.0.1:4100 --node http://127.0.0.1:4101 --genesis genesis.toml \
//!     --key wallet.key --from acct1... --to acct1... --count 10000
//! ```

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Parser;
use talea_client::{
    Author, Client, ClientError, Finality, Options, Trust,
    bulk::BulkOptions,
    key_file::{self, Passphrase},
    operations,
};
use talea_types::{
    AccountId, Amount, Asset, Subject,
    operation::{Purpose, Transfer},
};

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
    #[arg(long, default_value_t = 1_000)]
    count: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let trust = Trust::load(&arguments.genesis)?;
    let passphrase = Passphrase::from_variable("TALEA_PASSPHRASE")?;
    let key = key_file::load(&arguments.key, &passphrase)?;
    let client = Client::new(&Options::new(arguments.nodes.clone()))?;
    let payer = Subject::Account(arguments.from);
    let author = Author::open(&client, trust.chain(), payer, vec![key]).await?;
    let author = Arc::new(author.with_expiry(Duration::from_secs(600)));

    // One author can have 1,024 nonces in flight; a payroll of several accounts has several authors.
    let (sender, mut results) = client.bulk(BulkOptions {
        in_flight: 500,
        ..BulkOptions::default()
    });
    let started = Instant::now();
    let producer = tokio::spawn({
        let author = Arc::clone(&author);
        async move {
            for number in 0..arguments.count {
                let amount = Amount::new(1 + number % 100).unwrap_or(Amount::ZERO);
                let salary = Transfer {
                    purpose: Purpose::Salary,
                    end_to_end_id: format!("PAYROLL-{number}"),
                    ..operations::transfer(arguments.from, arguments.to, arguments.asset, amount)
                };
                let transaction = loop {
                    match author.sign(salary.clone(), &[]) {
                        // As many in flight as may be: some end while we wait.
                        Err(ClientError::NoncesInFlight { .. }) => {
                            tokio::time::sleep(Duration::from_millis(5)).await;
                        }
                        signed => break signed?,
                    }
                };
                if sender.send(transaction).await.is_err() {
                    break;
                }
            }
            Ok::<_, ClientError>(())
        }
    });

    let (mut applied, mut rejected, mut open) = (0, 0, 0);
    while let Some(one) = results.next().await {
        author.note(&one.transaction, &one.result);
        match one.result {
            Ok(settlement) if settlement.is_committed() => applied += 1,
            Ok(settlement) => {
                rejected += 1;
                if let Finality::Rejected { rejection, .. } = settlement.finality {
                    eprintln!("{}: {}", settlement.id, rejection.name);
                }
            }
            Err(error) => {
                open += 1;
                eprintln!("{}: {error}", one.transaction.id());
            }
        }
    }
    producer.await??;
    let seconds = started.elapsed().as_secs_f64();
    println!("{applied} applied, {rejected} rejected or expired, {open} without an end");
    println!("{:.0} a second", f64::from(applied) / seconds);
    Ok(())
}
