//! `talea-node demo`: a network of real processes, a day of wallet life or the books of a real bank,
//! a validator that dies and comes back, a loan book with its debtors and collectors, and an outsider who
//! verifies what is left.
//!
//! | to find | look in |
//! | --- | --- |
//! | loans and the law of collection | [`book`] |
//! | what will happen, decided beforehand | [`plan`], [`day`], [`berka`], [`funding`] |
//! | who signs | [`cast`] |
//! | how it is played and counted | [`play`], [`submitter`], [`tally`] |
//! | who verifies it | [`outsider`], [`audit`] |
//! | what is told in the end | [`report`] |
//! | what one can go on with | [`wallets`] |

pub mod audit;
pub mod berka;
pub mod book;
pub mod cast;
pub mod day;
pub mod funding;
pub mod outsider;
pub mod plan;
pub mod play;
pub mod progress;
pub mod random;
pub mod report;
pub mod signer;
pub mod submitter;
pub mod tally;
pub mod wallets;

use std::time::Duration;

use anyhow::Context;
use talea_client::{Client, Options, Reader, key_file};
use talea_genesis::key_file::Passphrase;
use talea_types::{Asset, DecodeError, Subject, state::Role};

use audit::Audit;
use berka::{BerkaPlan, Dataset};
use book::Loans;
use cast::{Cast, Organisations};
use outsider::Outsider;
use plan::Plan;
use play::Play;
use report::Report;
use signer::Organisation;

use crate::localnet::Localnet;

/// Four processes that start at once on a busy machine.
const START_PATIENCE: Duration = Duration::from_secs(120);
/// Height that shows that the network decides.
const FIRST_HEIGHT: u64 = 1;

/// What is played.
#[derive(Debug)]
pub enum Scenario {
    /// A day of wallet life.
    Day(Plan),
    /// The books of a bank.
    Berka(BerkaPlan, Dataset),
}

impl Scenario {
    /// Its plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        match self {
            Self::Day(plan) => plan,
            Self::Berka(berka, _) => &berka.plan,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Day(_) => "a day of wallet life",
            Self::Berka(..) => "the books of a bank (PKDD'99)",
        }
    }
}

/// The currency of the data set, and of most payments of the day.
///
/// # Errors
/// Never: the code is one.
pub fn koruna() -> Result<Asset, DecodeError> {
    Asset::new("CZK")
}

/// Starts the network, plays the scenario and verifies it. The network goes on running, with key files
/// of two wallets beside those of the organisations.
///
/// # Errors
/// When anything is not as it should be.
pub async fn run(
    scenario: &Scenario,
    loans: Option<&Loans>,
    localnet: &mut Localnet,
) -> anyhow::Result<(Report, wallets::Wallets)> {
    eprintln!(
        "starting {} validators as processes",
        localnet.nodes().len()
    );
    localnet.start()?;
    localnet.until_height(FIRST_HEIGHT, START_PATIENCE).await?;
    let nodes: Vec<(String, String)> = localnet
        .nodes()
        .iter()
        .map(|node| (node.entry().name.clone(), node.endpoint()))
        .collect();
    let client = Client::new(&Options::new(nodes.iter().map(|node| node.1.clone())))?;

    let plan = scenario.plan();
    let time = client.network().await?.ledger_time;
    let cast = Cast::new(
        localnet.file().chain_id,
        organisations(localnet)?,
        plan,
        time,
    )?;
    // Not the one that the client talks to first: that it turns to another is tested elsewhere.
    let victim = nodes.len() - 1;
    let played = Play::new(plan, cast, &client)
        .run(localnet, &client, victim)
        .await?;

    let outsider = Outsider::new(&localnet.genesis(), &nodes, &regulator(localnet)?)?;
    let mut audit = Audit::run(scenario, &played, &outsider).await?;
    // After the audit of the payments: loans bring money of their own.
    let book = match loans {
        Some(loans) => {
            let book = book::run(loans, localnet, &client).await?;
            audit.roots = outsider.compare_roots().await?;
            Some(book)
        }
        None => None,
    };
    let wallets = wallets::store(plan, &played.cast, &client, localnet).await?;
    let report = Report::new(scenario, &played, book, audit, outsider.trust());
    Ok((report, wallets))
}

/// Reads as the regulator of the network.
fn regulator(localnet: &Localnet) -> anyhow::Result<Reader> {
    let passphrase = Passphrase::from_file(&localnet.passphrase_file())?;
    let mut organisations = localnet.file().organisations.iter();
    let entry = organisations.find(|entry| entry.role == Role::Regulator);
    let entry = entry.context("the network has no regulator")?;
    let key = key_file::load(&localnet.directory().join(&entry.key), &passphrase)?;
    Ok(Reader::new(Subject::Participant(entry.id), key))
}

fn organisations(localnet: &Localnet) -> anyhow::Result<Organisations> {
    let passphrase = Passphrase::from_file(&localnet.passphrase_file())?;
    let mut operator = None;
    let mut banks = Vec::new();
    for entry in &localnet.file().organisations {
        let key = || key_file::load(&localnet.directory().join(&entry.key), &passphrase);
        match entry.role {
            Role::Operator => {
                operator = Some(Organisation {
                    id: entry.id,
                    key: key()?,
                });
            }
            Role::Bank => banks.push(Organisation {
                id: entry.id,
                key: key()?,
            }),
            _ => {}
        }
    }
    Ok(Organisations {
        operator: operator.context("the network has no operator")?,
        banks,
    })
}
