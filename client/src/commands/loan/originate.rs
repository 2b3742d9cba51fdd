//! `talea loan originate`.

use std::path::PathBuf;

use clap::Args;
use talea_types::{
    AccountId, AgreementId, Asset, ParticipantId, ProductId, Subject, operation::LoanOriginate,
};

use super::schedule;
use crate::commands::{context::Context, exit::Code, signing::Signing, values};

/// Agree on a loan. The lender, the borrower and every funder sign. Shows the id of the loan.
#[derive(Debug, Args)]
#[command(
    after_help = format!(
        "Examples:\n  talea loan originate 12000.00 CZK --product product1... --agreement agreement1... \
         --lender org1... --borrower acct1... --rate 12.9% --instalments 12 --first-due 2026-12-22 \
         --law CZ --key bank.key --key funder.key --key wallet.key\n  \
         talea loan originate 12000.00 CZK --product product1... --agreement agreement1... \
         --lender org1... --borrower acct1... --rate 12.9% --schedule plan.toml --law CZ \
         --key bank.key --signer 5f2e... --out loan.tx.json\n\n{}",
        schedule::EXAMPLE
    )
)]
pub(super) struct Originate {
    /// How much is lent, with decimals: 12000.00.
    amount: String,
    /// Of which asset: CZK.
    asset: Asset,
    /// Its published terms.
    #[arg(long)]
    product: ProductId,
    /// Who funds it.
    #[arg(long)]
    agreement: AgreementId,
    /// Who lends: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    lender: ParticipantId,
    /// Account of a registered debtor.
    #[arg(long, value_name = "ACCOUNT")]
    borrower: AccountId,
    /// Interest a year: 12.9%.
    #[arg(long, value_parser = values::percent)]
    rate: u32,
    /// How many instalments.
    #[arg(
        long,
        value_name = "COUNT",
        requires = "first_due",
        required_unless_present = "schedule"
    )]
    instalments: Option<u32>,
    /// Day of the first instalment, not counting a down payment.
    #[arg(long, value_name = "DAY", value_parser = values::day)]
    first_due: Option<u32>,
    /// The lender's own schedule, where the product says so.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["instalments", "first_due"])]
    schedule: Option<PathBuf>,
    /// Country whose law governs the contract (ISO 3166-1): CZ.
    #[arg(long, value_name = "COUNTRY")]
    law: String,
    #[command(flatten)]
    signing: Signing,
}

impl Originate {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        let schedule = match &self.schedule {
            Some(path) => schedule::read(path, self.asset, trust.decimals())?,
            None => Vec::new(),
        };
        let first = schedule.first().map(|instalment| instalment.due);
        let originate = LoanOriginate {
            product: self.product,
            agreement: self.agreement,
            borrower: self.borrower,
            principal: values::amount(&self.amount, self.asset, trust.decimals())?,
            rate_ppm: self.rate,
            instalments: self.instalments.unwrap_or_default(),
            first_due: self.first_due.or(first).unwrap_or_default(),
            schedule,
            governing_law: self.law,
        };
        let author = Subject::Participant(self.lender);
        self.signing.ask(context, author, originate).await
    }
}
