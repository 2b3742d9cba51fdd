//! Two wallets to go on with: their keys in files, and what to type.

use std::{fmt, path::PathBuf};

use anyhow::Context;
use talea_client::{Client, Reader, key_file};
use talea_genesis::key_file::Passphrase;
use talea_types::{AccountId, Subject, operation::AccountKind};

use super::{cast::Cast, plan::Plan};
use crate::localnet::Localnet;

/// What the example pays, minor units, and as it is typed.
const EXAMPLE: (u64, &str) = (1_000, "10.00 CZK");

/// A payer with money and a payee.
#[derive(Clone, Debug)]
pub struct Wallets {
    nodes: Vec<String>,
    genesis: PathBuf,
    passphrase_file: PathBuf,
    organisations: PathBuf,
    payer: AccountId,
    payer_key: PathBuf,
    payee: AccountId,
}

/// Writes the keys of two wallets beside those of the organisations.
///
/// # Errors
/// When a key cannot be written or no node answers.
pub(super) async fn store(
    plan: &Plan,
    cast: &Cast,
    client: &Client,
    localnet: &Localnet,
) -> anyhow::Result<Wallets> {
    let koruna = super::koruna()?;
    let wallets = plan.accounts.iter().enumerate();
    let wallets = wallets.filter(|(_, account)| account.kind == AccountKind::Wallet);
    let mut wallets = wallets.map(|(number, _)| number);
    let payee = wallets.next().context("the plan has no wallets")?;
    // The last one when none has enough: the ledger will say so.
    let mut payer = payee;
    for wallet in wallets {
        payer = wallet;
        let own = cast.account(wallet)?;
        let holder = Reader::new(Subject::Account(own), cast.key(wallet)?.clone());
        let account = client.read_as(holder).account(&own).await?;
        let balance = account.available(koruna);
        if balance.minor_units() >= EXAMPLE.0 {
            break;
        }
    }
    let keys = localnet.directory().join("keys");
    let passphrase = Passphrase::from_file(&localnet.passphrase_file())?;
    let payer_key = keys.join("wallet-2.key");
    key_file::store(&keys.join("wallet-1.key"), cast.key(payee)?, &passphrase)?;
    key_file::store(&payer_key, cast.key(payer)?, &passphrase)?;
    Ok(Wallets {
        nodes: localnet
            .nodes()
            .iter()
            .map(|node| node.endpoint())
            .collect(),
        genesis: localnet.genesis(),
        passphrase_file: localnet.passphrase_file(),
        organisations: keys.join("bank-1.key"),
        payer: cast.account(payer)?,
        payer_key,
        payee: cast.account(payee)?,
    })
}

impl fmt::Display for Wallets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "The network goes on until Ctrl-C. In another terminal:\n"
        )?;
        writeln!(f, "export TALEA_NODES={}", self.nodes.join(","))?;
        writeln!(f, "export TALEA_GENESIS={}", self.genesis.display())?;
        writeln!(f, "talea network")?;
        if let Some(directory) = self.genesis.parent() {
            // The regulator's desk, in a browser.
            writeln!(f, "talea-audit serve --demo {}", directory.display())?;
        }
        writeln!(
            f,
            "talea account show {} --reader-key {} --reader-passphrase-file {}",
            self.payer,
            self.payer_key.display(),
            self.passphrase_file.display()
        )?;
        writeln!(
            f,
            "talea pay {} --from {} --to {} --key {} --passphrase-file {}",
            EXAMPLE.1,
            self.payer,
            self.payee,
            self.payer_key.display(),
            self.passphrase_file.display()
        )?;
        write!(
            f,
            "\nKeys of the organisations are beside it ({} and others). talea and talea-audit are\n\
             built with cargo build --release --bin talea --bin talea-audit",
            self.organisations.display()
        )
    }
}
