//! A loan book on the network: who funds it, how it is paid and goes late, who may collect it, what its
//! debtors can do, and what a regulator can prove.
//!
//! | to find | look in |
//! | --- | --- |
//! | where loans come from | [`source`] |
//! | what happens to them, decided beforehand | [`plan`], [`mirror`], [`consumer_book`], [`czech_book`] |
//! | who signs and how it is sent | [`stage`] |
//! | how it is played, and whether the ledger says the same | [`play`] |
//! | debtors with a story: permits, a race, remedies, a loss, a proof | [`story`] |
//! | what is told in the end | [`report`] |

pub mod consumer_book;
pub mod czech_book;
pub mod mirror;
pub mod plan;
pub mod play;
pub mod report;
pub mod source;
mod stage;
pub mod story;

use std::path::Path;

use talea_client::Client;

use consumer_book::consumer_book;
use czech_book::{Penalties, czech_book};
use play::Lending;
use report::{BookReport, PortfolioReport};
use source::{ConsumerLoan, CzechLoan};
use stage::Stage;
use story::Story;

use crate::localnet::Localnet;

/// The loans that are played.
#[derive(Clone, Debug)]
pub struct Loans {
    /// What they are, for people.
    pub name: &'static str,
    /// Of a consumer lender.
    pub consumer: Vec<ConsumerLoan>,
    /// Of a bank, played after the story.
    pub czech: Vec<CzechLoan>,
    /// Of that bank's accounts.
    pub penalties: Penalties,
}

/// Plays the loans on a running network, and the story of four debtors among them.
///
/// # Errors
/// When anything is not as it should be.
pub async fn run(
    loans: &Loans,
    localnet: &Localnet,
    client: &Client,
) -> anyhow::Result<BookReport> {
    let mut stage = Stage::open(localnet, client).await?;
    let today = stage.today().await?;
    let mut book = consumer_book(&loans.consumer, today)?;
    let people = story::people(&mut book)?;
    let lending = Lending::play(&book, "loans", &mut stage).await?;
    let mut portfolios = vec![PortfolioReport::of(loans.name, &lending)];

    let bundle: &Path = &localnet.directory().join("regulator.talea");
    let story = Story::play(&people, &lending, &mut stage, bundle).await?;

    if !loans.czech.is_empty() {
        let today = stage.today().await?;
        let book = czech_book(&loans.czech, &loans.penalties, today)?;
        let lending = Lending::play(&book, "loans of the Czech bank", &mut stage).await?;
        portfolios.push(PortfolioReport::of(
            "a Czech bank (PKDD'99), 1993 to 1998",
            &lending,
        ));
    }
    Ok(BookReport::new(portfolios, story))
}
