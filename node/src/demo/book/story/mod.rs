//! Four debtors with a story, told line by line: each line is a transaction, with what the network said.

mod bundle;
mod collecting;
mod evaluation;
mod people;
mod remedies;
mod teller;

use std::path::Path;

pub use bundle::Bundle;
pub use people::{OF_THE_STORY, People, people};
pub use teller::{Cited, Line, Permits};

use super::{play::Lending, stage::Stage};
use collecting::Race;
use teller::Teller;

/// What was told.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Story {
    /// In order.
    pub lines: Vec<Line>,
    /// What was asked of the rules.
    pub permits: Permits,
    /// Who won the last permitted call.
    pub race: Race,
    /// How a loss was shared.
    pub loss: Vec<remedies::Part>,
    /// Interest that a debtor in a breathing space owed on its first day and 30 days later, minor units.
    pub breathing_space_interest: [u64; 2],
    /// What the regulator holds.
    pub bundle: Bundle,
}

impl Story {
    /// Plays it after the book, whose last day is today.
    ///
    /// # Errors
    /// When the network says something else than the story needs.
    pub(super) async fn play(
        people: &People,
        lending: &Lending,
        stage: &mut Stage,
        bundle: &Path,
    ) -> anyhow::Result<Self> {
        let mut teller = Teller::new(stage, people, lending)?;
        teller.agencies_are_evaluated().await?;
        let race = teller.ada_is_called().await?;
        teller.bo_is_called().await?;
        teller.desks_at_work().await?;
        teller.days_pass().await?;
        teller.ada_disputes().await?;
        let breathing_space_interest = teller.dee_breathes().await?;
        teller.dee_pays_by_plan().await?;
        let loss = teller.eli_is_given_up().await?;
        let bundle = teller.regulator_proves(bundle).await?;
        Ok(Self {
            lines: teller.lines,
            permits: teller.permits,
            race,
            loss,
            breathing_space_interest,
            bundle,
        })
    }
}
