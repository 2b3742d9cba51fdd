//! `talea legal-hold`: nothing of an account is erased while one is in place.

use clap::{Args, Subcommand};
use talea_client::describe;
use talea_types::{
    AccountId, ParticipantId, Subject,
    operation::{LegalHoldLift, LegalHoldPlace},
    state::{LegalHolds, StateKey},
};

use super::{context::Context, exit::Code, lookup, output, signing::Signing, values};

/// Forbid the erasure of what is known of somebody, allow it again, look it up.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea legal-hold place acct1... --reason 1 --as org1... --key authority.key"
)]
pub(super) struct LegalHoldCommand {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Place(Place),
    Lift(Lift),
    Show(Show),
}

/// Forbid erasure. An authority signs, a regulator, or the account's sponsor.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea legal-hold place acct1... --reason 1 --as org1... --key authority.key"
)]
struct Place {
    /// The account.
    account: AccountId,
    /// Code of the published list of reasons.
    #[arg(long)]
    reason: u32,
    /// Who places it: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    by: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// No longer forbid erasure. Who placed the hold signs, or a regulator.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea legal-hold lift acct1... --as org1... --key authority.key"
)]
struct Lift {
    /// The account.
    account: AccountId,
    /// Who placed it; without it, who lifts it: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    placed_by: Option<ParticipantId>,
    /// Who lifts it: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    by: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// Show the legal holds on an account.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea legal-hold show acct1...")]
struct Show {
    /// The account.
    account: AccountId,
}

impl LegalHoldCommand {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Place(place) => {
                let operation = LegalHoldPlace {
                    account: place.account,
                    reason: place.reason,
                };
                let author = Subject::Participant(place.by);
                place.signing.ask(context, author, operation).await
            }
            Which::Lift(lift) => {
                let operation = LegalHoldLift {
                    account: lift.account,
                    placed_by: lift.placed_by.unwrap_or(lift.by),
                };
                let author = Subject::Participant(lift.by);
                lift.signing.ask(context, author, operation).await
            }
            Which::Show(show) => show.run(context).await,
        }
    }
}

impl Show {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let key = StateKey::LegalHolds(self.account);
        let found = lookup::find(context, key, LegalHolds::decode).await?;
        let mut fields = vec![output::field("account", self.account)];
        let holds = found.as_ref().map(|found| &found.object.holds);
        let count = holds.map_or(0, Vec::len);
        fields.push(output::field("legal holds", count));
        fields.extend(found.as_ref().map(lookup::Found::verified));
        let rows = holds.into_iter().flatten().map(|hold| {
            vec![
                hold.placed_by.to_string(),
                hold.reason.to_string(),
                describe::time(hold.placed_at),
            ]
        });
        let list = output::List {
            name: "placed",
            header: &["by", "reason", "since"],
            rows: rows.collect(),
        };
        output::record(context.json(), &fields, vec![list]);
        Ok(Code::Done)
    }
}
