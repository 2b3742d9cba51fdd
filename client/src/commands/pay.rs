//! `talea pay`: move money from one account to another.

use std::time::Duration;

use clap::Args;
use talea_client::{Trust, operations};
use talea_types::{
    AccountId, Asset, Hash, Operation, Subject, Timestamp,
    operation::{Purpose, Transfer},
};

use super::{context::Context, exit::Code, signing::Signing, values};

/// Pay from one account to another.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea pay 12.50 CZK --from acct1... --to acct1... --key wallet.key\n  \
                  talea pay 990 CZK --from acct1... --to acct1... --purpose purchase \
                  --reference INV-2026-17 --refundable 30d --key wallet.key --receipt paid.proof"
)]
pub(crate) struct Pay {
    /// How much, with decimals: 12.50.
    amount: String,
    /// Of which asset: CZK.
    asset: Asset,
    /// Payer.
    #[arg(long, value_name = "ACCOUNT")]
    from: AccountId,
    /// Payee.
    #[arg(long, value_name = "ACCOUNT")]
    to: AccountId,
    /// person-to-person, purchase, bill, salary, loan-payment, tax or other.
    #[arg(long, default_value = "person-to-person", value_parser = values::purpose)]
    purpose: Purpose,
    /// Reference that both sides see, at most 35 characters.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reference: String,
    /// How long the payee may refund, at most 400d.
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    refundable: Option<Duration>,
    /// Commitment to originator and beneficiary data (travel rule).
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    travel_rule: Option<Hash>,
    #[command(flatten)]
    signing: Signing,
}

impl Pay {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        let refundable_until = until(context, self.refundable).await?;
        let transfer = self.transfer(&trust, refundable_until)?;
        let author = Subject::Account(self.from);
        self.signing
            .run(context, author, Operation::Transfer(transfer), |_| {
                Vec::new()
            })
            .await
    }

    fn transfer(&self, trust: &Trust, refundable_until: Timestamp) -> anyhow::Result<Transfer> {
        let amount = values::amount(&self.amount, self.asset, trust.decimals())?;
        Ok(Transfer {
            purpose: self.purpose,
            end_to_end_id: self.reference.clone(),
            travel_rule_commitment: self.travel_rule,
            refundable_until,
            ..operations::transfer(self.from, self.to, self.asset, amount)
        })
    }
}

/// The ledger time so long from now; zero for not at all.
pub(super) async fn until(
    context: &Context,
    duration: Option<Duration>,
) -> anyhow::Result<Timestamp> {
    Ok(match duration {
        Some(duration) => {
            let now = context.client()?.network().await?.ledger_time;
            now.plus_millis(u64::try_from(duration.as_millis())?)
        }
        None => Timestamp::from_millis(0),
    })
}
