//! `talea loan disburse`, `repay`, `inquiry`, `fee`, `furnish`: what happens while a loan runs.

use anyhow::bail;
use clap::Args;
use talea_client::operations::credit;
use talea_types::{
    AccountId, Asset, LoanId, ParticipantId, Subject, credit::ReportKind, operation::CreditFurnish,
};

use super::product::GROUNDS;
use crate::commands::{context::Context, exit::Code, signing::Signing, values};

/// Pay a loan out, from the accounts of the funders to that of the borrower. The lender signs.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea loan disburse loan1... --lender org1... --key bank.key")]
pub(super) struct Disburse {
    /// The loan.
    loan: LoanId,
    /// Its lender: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    lender: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// Pay a loan back, in part or whole. The payer signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea loan repay loan1... 1069.00 CZK --from acct1... --key wallet.key"
)]
pub(super) struct Repay {
    /// The loan.
    loan: LoanId,
    /// How much, with decimals; never more than is owed.
    amount: String,
    /// Of which asset: CZK.
    asset: Asset,
    /// Whose money it is.
    #[arg(long, value_name = "ACCOUNT")]
    from: AccountId,
    #[command(flatten)]
    signing: Signing,
}

/// Allow a lender one credit inquiry. The borrower signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea loan inquiry --borrower acct1... --lender org1... \
                  --until 2026-12-31 --key wallet.key"
)]
pub(super) struct Inquiry {
    /// Who allows it.
    #[arg(long, value_name = "ACCOUNT")]
    borrower: AccountId,
    /// Who may inquire: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    lender: ParticipantId,
    /// Last business date.
    #[arg(long, value_name = "DAY", value_parser = values::day)]
    until: u32,
    #[command(flatten)]
    signing: Signing,
}

/// Charge a fee of the product's table. The lender signs; for a service the borrower too.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea loan fee loan1... LATE --ground late-payment --lender org1... --key bank.key"
)]
pub(super) struct Fee {
    /// The loan.
    loan: LoanId,
    /// Code of the fee table.
    code: String,
    /// late-payment, inquiry or service. There is no fee for collection.
    #[arg(long)]
    ground: String,
    /// Its lender: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    lender: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// Report a loan to a credit bureau. The lender signs; the report has to say what the ledger says.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea loan furnish loan1... --bureau org1... --lender org1... --key bank.key\n  \
                  talea loan furnish loan1... --bureau org1... --days-past-due 34 --lender org1... --key bank.key\n  \
                  talea loan furnish loan1... --bureau org1... --corrects 1 --lender org1... --key bank.key"
)]
pub(super) struct Furnish {
    /// The loan.
    loan: LoanId,
    /// The credit bureau: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    bureau: ParticipantId,
    /// On the business date of the report; 0 makes it a positive one.
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    days_past_due: u32,
    /// Number of the report that this one replaces.
    #[arg(long, value_name = "NUMBER", conflicts_with = "disputes")]
    corrects: Option<u32>,
    /// Number of the report that the debtor disputes.
    #[arg(long, value_name = "NUMBER")]
    disputes: Option<u32>,
    /// The lender: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    lender: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

impl Disburse {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let author = Subject::Participant(self.lender);
        let disburse = credit::disburse(self.loan);
        self.signing.ask(context, author, disburse).await
    }
}

impl Repay {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let amount = values::amount(&self.amount, self.asset, context.trust()?.decimals())?;
        let author = Subject::Account(self.from);
        let repay = credit::repay(self.loan, self.from, amount);
        self.signing.ask(context, author, repay).await
    }
}

impl Inquiry {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let author = Subject::Account(self.borrower);
        let authorise = credit::authorise_inquiry(self.lender, self.until);
        self.signing.ask(context, author, authorise).await
    }
}

impl Fee {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        if self.ground == "collection" {
            bail!("no fee is charged because of collection; every network refuses it");
        }
        let ground = values::one_of(&self.ground, &GROUNDS)?;
        let author = Subject::Participant(self.lender);
        let fee = credit::fee(self.loan, &self.code, ground);
        self.signing.ask(context, author, fee).await
    }
}

impl Furnish {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let plain = credit::furnish(self.loan, self.bureau, self.days_past_due);
        let furnish = match (self.corrects, self.disputes) {
            (Some(of_report), _) => CreditFurnish {
                kind: ReportKind::Correction,
                of_report,
                ..plain
            },
            (None, Some(of_report)) => CreditFurnish {
                kind: ReportKind::DisputeFlag,
                of_report,
                ..plain
            },
            (None, None) => plain,
        };
        let author = Subject::Participant(self.lender);
        self.signing.ask(context, author, furnish).await
    }
}
