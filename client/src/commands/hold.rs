//! `talea hold`: reserve money for a payee, capture it, void it.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;
use talea_client::{describe, operations};
use talea_types::{
    AccountId, Asset, HoldId, Operation, ParticipantId, Subject, operation::HoldPlace,
};

use super::{context::Context, exit::Code, output, pay, signing::Signing, values};

/// Reserve money for a payee, capture it, void it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea hold place 300 CZK --from acct1... --to acct1... --for 7d --key wallet.key\n  \
                  talea hold capture hold1... 280.00 --key merchant.key"
)]
pub(crate) struct HoldCommand {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Place(Place),
    Capture(Capture),
    Void(Void),
    Show(Show),
}

/// Reserve money for a payee. Shows the id of the hold.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea hold place 300 CZK --from acct1... --to acct1... --for 7d \
                  --reference ORDER-9 --key wallet.key"
)]
struct Place {
    /// How much, with decimals: 300.00.
    amount: String,
    /// Of which asset: CZK.
    asset: Asset,
    /// Payer.
    #[arg(long, value_name = "ACCOUNT")]
    from: AccountId,
    /// Who may capture.
    #[arg(long, value_name = "ACCOUNT")]
    to: AccountId,
    /// How long; then it is released by itself. At most 400d.
    #[arg(long = "for", value_name = "DURATION", default_value = "7d", value_parser = values::duration)]
    lasting: Duration,
    /// Reference that both sides see, at most 35 characters.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reference: String,
    #[command(flatten)]
    signing: Signing,
}

/// Take money out of a hold; what is left of it is released. The payee signs.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea hold capture hold1... 280.00 --key merchant.key")]
struct Capture {
    /// The hold.
    hold: HoldId,
    /// How much, with decimals; at most what is held.
    amount: String,
    #[command(flatten)]
    signing: Signing,
}

/// Release a hold. The payee signs, or the payer's bank.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea hold void hold1... --key merchant.key\n  \
                  talea hold void hold1... --as org1... --key bank.key"
)]
struct Void {
    /// The hold.
    hold: HoldId,
    /// The payer's bank, when it signs: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    sponsor: Option<ParticipantId>,
    #[command(flatten)]
    signing: Signing,
}

/// Show a hold that is open.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea hold show hold1...")]
struct Show {
    /// The hold.
    hold: HoldId,
}

impl HoldCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Place(place) => place.run(context).await,
            Which::Capture(capture) => capture.run(context).await,
            Which::Void(void) => void.run(context).await,
            Which::Show(show) => show.run(context).await,
        }
    }
}

impl Place {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        let amount = values::amount(&self.amount, self.asset, trust.decimals())?;
        let expires_at = pay::until(context, Some(self.lasting)).await?;
        let hold = HoldPlace {
            end_to_end_id: self.reference,
            ..operations::hold(self.from, self.to, self.asset, amount, expires_at)
        };
        let author = Subject::Account(self.from);
        self.signing.ask(context, author, hold).await
    }
}

impl Capture {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        let hold = self.signing.client(context)?.hold(&self.hold).await?;
        let amount = values::amount(&self.amount, hold.asset, trust.decimals())?;
        let operation = Operation::HoldResolve(operations::capture(self.hold, amount));
        self.signing
            .run(context, Subject::Account(hold.to), operation, |_| {
                Vec::new()
            })
            .await
    }
}

impl Void {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let author = match self.sponsor {
            Some(sponsor) => Subject::Participant(sponsor),
            None => Subject::Account(self.signing.client(context)?.hold(&self.hold).await?.to),
        };
        let operation = Operation::HoldResolve(operations::void(self.hold));
        self.signing
            .run(context, author, operation, |_| Vec::new())
            .await
    }
}

impl Show {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let client = context.client()?;
        let hold = client.hold(&self.hold).await?;
        let decimals = client.network().await?.decimals;
        if context.json() {
            let value = json!({
                "hold": self.hold,
                "from": hold.from,
                "to": hold.to,
                "asset": hold.asset,
                "amount_minor_units": hold.amount,
                "expires_at_ms": hold.expires_at,
                "reference": hold.end_to_end_id,
            });
            output::line(&value.to_string());
        } else {
            let fields = [
                ("hold", self.hold.to_string()),
                ("from", hold.from.to_string()),
                ("to", hold.to.to_string()),
                (
                    "amount",
                    describe::money(hold.amount, hold.asset, &decimals),
                ),
                ("released by itself", describe::time(hold.expires_at)),
                ("reference", hold.end_to_end_id),
            ];
            output::fields(&fields.map(|(name, value)| (name.to_owned(), value)));
        }
        Ok(Code::Done)
    }
}
