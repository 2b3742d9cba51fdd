//! `talea case plan`, `resolve-dispute`, `answer-complaint`: what lenders and collectors answer to debtors.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use talea_types::{
    AccountId, Asset, Hash, LoanId, ParticipantId, Subject,
    conduct::{ComplaintStep, DisputeResolution},
    operation::{ComplaintAnswer, DisputeResolve, RepaymentPlan},
};

use crate::commands::{context::Context, exit::Code, loan::schedule, signing::Signing, values};

/// Agree with a debtor on how what is owed is paid: instalments that sum to it. Interest and fees stop
/// until then. The lender and the borrower sign.
#[derive(Debug, Args)]
#[command(
    after_help = format!(
        "Example:\n  talea case plan loan1... plan.toml CZK --lender org1... --key bank.key --key wallet.key\n\n{}",
        schedule::EXAMPLE
    )
)]
pub(super) struct Plan {
    /// Which debt.
    loan: LoanId,
    /// The instalments.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Of which asset: CZK.
    asset: Asset,
    /// The lender: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    lender: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// End a dispute: upheld (the debtor is right) or rejected. The lender signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea case resolve-dispute loan1... rejected --answer 77ab... --lender org1... --key bank.key"
)]
pub(super) struct ResolveDispute {
    /// About which debt.
    loan: LoanId,
    /// How.
    resolution: DisputeResolution,
    /// Commitment to the answer (see 'talea commitment new').
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    answer: Hash,
    /// The lender: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    lender: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// Acknowledge or resolve a complaint: acknowledged or resolved. The organisation that it is about signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea case answer-complaint acct1... 1 acknowledged --answer 77ab... --as org1... --key agency.key"
)]
pub(super) struct AnswerComplaint {
    /// Account of the debtor who complained.
    debtor: AccountId,
    /// Number of the complaint, from 1.
    number: u32,
    /// What is done.
    step: ComplaintStep,
    /// Commitment to the answer (see 'talea commitment new').
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    answer: Hash,
    /// The organisation: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    by: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

impl Plan {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        let plan = RepaymentPlan {
            loan: self.loan,
            instalments: schedule::read(&self.file, self.asset, trust.decimals())?,
        };
        let author = Subject::Participant(self.lender);
        self.signing.ask(context, author, plan).await
    }
}

impl ResolveDispute {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        if self.resolution == DisputeResolution::Withdrawn {
            bail!("only the debtor withdraws a dispute: 'talea debtor withdraw-dispute'");
        }
        let resolve = DisputeResolve {
            loan: self.loan,
            resolution: self.resolution,
            answer: Some(self.answer),
        };
        let author = Subject::Participant(self.lender);
        self.signing.ask(context, author, resolve).await
    }
}

impl AnswerComplaint {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let answer = ComplaintAnswer {
            debtor: self.debtor,
            number: self.number,
            step: self.step,
            commitment: self.answer,
        };
        let author = Subject::Participant(self.by);
        self.signing.ask(context, author, answer).await
    }
}
