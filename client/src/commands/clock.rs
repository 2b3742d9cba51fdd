//! `talea clock`: the ledger's time and the business date.

use std::time::Duration;

use clap::{Args, Subcommand};
use talea_client::{
    describe,
    operations::{credit, governance},
};
use talea_types::{ParticipantId, Subject};

use super::{context::Context, exit::Code, output, signing::Signing, values};

/// Show the ledger's time and the business date; move them on.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  talea clock show\n  \
                  talea clock business-date 2026-11-23 --as org1... --key operator.key")]
pub(super) struct Clock {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Show(Show),
    Advance(Advance),
    BusinessDate(BusinessDate),
}

/// Show the ledger's time and the business date, as the node tells them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea clock show")]
struct Show {}

/// Move the clock of a sandbox forward. An operator signs; other networks refuse it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea clock advance 30d --as org1... --key operator.key")]
struct Advance {
    /// How far: 12h, 30d.
    #[arg(value_parser = values::duration)]
    by: Duration,
    #[command(flatten)]
    operator: Operator,
}

/// Move the business date on, at most one day ahead of ledger time. An operator signs. Loans age by it.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea clock business-date 2026-11-23 --as org1... --key operator.key"
)]
struct BusinessDate {
    /// The new business date.
    #[arg(value_parser = values::day)]
    to: u32,
    #[command(flatten)]
    operator: Operator,
}

#[derive(Debug, Args)]
struct Operator {
    /// The operator: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    organisation: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

impl Clock {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Show(Show {}) => {
                let network = context.client()?.network().await?;
                let fields = [
                    output::field("ledger time", describe::time(network.ledger_time)),
                    output::field("business date", describe::day(network.business_date)),
                    output::field("height", network.height),
                ];
                output::record(context.json(), &fields, Vec::new());
                Ok(Code::Done)
            }
            Which::Advance(Advance { by, operator }) => {
                let advance = governance::advance_clock(u64::try_from(by.as_millis())?);
                let author = Subject::Participant(operator.organisation);
                operator.signing.ask(context, author, advance).await
            }
            Which::BusinessDate(BusinessDate { to, operator }) => {
                let advance = credit::advance_business_date(to);
                let author = Subject::Participant(operator.organisation);
                operator.signing.ask(context, author, advance).await
            }
        }
    }
}
