//! `talea issue` and `talea redeem`: a bank puts its liability on an account, or takes it back.

use clap::Args;
use talea_client::operations;
use talea_types::{
    AccountId, Amount, Asset, Operation, ParticipantId, Subject,
    operation::{Issue, Redeem},
};

use super::{context::Context, exit::Code, signing::Signing, values};

/// What both have.
#[derive(Debug, Args)]
struct Terms {
    /// How much, with decimals: 500.00.
    amount: String,
    /// Of which asset: CZK.
    asset: Asset,
    /// The account.
    #[arg(long, value_name = "ACCOUNT")]
    account: AccountId,
    /// Reference that both sides see, at most 35 characters.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reference: String,
    /// The bank, id or Legal Entity Identifier; without it, the account's sponsor is looked up.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    sponsor: Option<ParticipantId>,
    #[command(flatten)]
    signing: Signing,
}

/// A bank puts money on an account that it sponsors.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea issue 500.00 CZK --account acct1... --key bank.key --reference WIRE-17"
)]
pub(crate) struct IssueMoney {
    #[command(flatten)]
    terms: Terms,
}

/// A bank takes money back from an account that it sponsors. The account's holder signs too.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea redeem 500.00 CZK --account acct1... --key bank.key --key wallet.key"
)]
pub(crate) struct RedeemMoney {
    #[command(flatten)]
    terms: Terms,
}

impl IssueMoney {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let terms = self.terms;
        let amount = terms.amount(context)?;
        let operation = Operation::Issue(Issue {
            end_to_end_id: terms.reference.clone(),
            ..operations::issue(terms.account, terms.asset, amount)
        });
        terms.run(context, operation).await
    }
}

impl RedeemMoney {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let terms = self.terms;
        let amount = terms.amount(context)?;
        let operation = Operation::Redeem(Redeem {
            end_to_end_id: terms.reference.clone(),
            ..operations::redeem(terms.account, terms.asset, amount)
        });
        terms.run(context, operation).await
    }
}

impl Terms {
    fn amount(&self, context: &Context) -> anyhow::Result<Amount> {
        values::amount(&self.amount, self.asset, context.trust()?.decimals())
    }

    async fn run(self, context: &Context, operation: Operation) -> anyhow::Result<Code> {
        let sponsor = sponsor(context, &self.signing, self.sponsor, &self.account).await?;
        let author = Subject::Participant(sponsor);
        self.signing
            .run(context, author, operation, |_| Vec::new())
            .await
    }
}

/// The organisation that was named, or else the account's sponsor as a node tells it.
pub(super) async fn sponsor(
    context: &Context,
    signing: &Signing,
    named: Option<ParticipantId>,
    account: &AccountId,
) -> anyhow::Result<ParticipantId> {
    match named {
        Some(sponsor) => Ok(sponsor),
        None => Ok(signing.client(context)?.account(account).await?.sponsor),
    }
}
