//! `talea loan modify`, `charge-off`, `share-loss`, `assign`: what changes a loan or ends it badly.

use clap::{Args, Subcommand};
use talea_client::operations::credit;
use talea_types::{
    AccountId, Asset, Hash, LoanId, ParticipantId, Subject,
    credit::{Modification, ResidualFate, SettlementOffer},
    operation::DebtAssign,
};

use crate::commands::{context::Context, exit::Code, signing::Signing, values};

/// Change the terms of a loan. The lender and the borrower sign; for a new schedule or a settlement
/// every funder too.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea loan modify forbear loan1... --until 2027-01-31 --lender org1... \
                  --key bank.key --key wallet.key\n  \
                  talea loan modify settle loan1... 4000.00 CZK --pay-by 2027-01-31 --waive \
                  --lender org1... --key bank.key --key wallet.key --key funder.key"
)]
pub(super) struct Modify {
    #[command(subcommand)]
    how: How,
}

#[derive(Debug, Subcommand)]
enum How {
    Forbear(Forbear),
    PauseInterest(PauseInterest),
    ReAge(ReAge),
    ReAmortise(ReAmortise),
    Settle(Settle),
}

/// Which loan, who lends, and who signs.
#[derive(Debug, Args)]
struct Target {
    /// The loan.
    loan: LoanId,
    /// Its lender: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    lender: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// No ageing and no fees until a day.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea loan modify forbear loan1... --until 2027-01-31 --no-interest \
                  --lender org1... --key bank.key --key wallet.key"
)]
struct Forbear {
    /// First day on which it no longer holds.
    #[arg(long, value_name = "DAY", value_parser = values::day)]
    until: u32,
    /// Interest stops too.
    #[arg(long)]
    no_interest: bool,
    #[command(flatten)]
    target: Target,
}

/// No interest until a day.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea loan modify pause-interest loan1... --until 2027-01-31 \
                  --lender org1... --key bank.key --key wallet.key"
)]
struct PauseInterest {
    /// First day on which it no longer holds.
    #[arg(long, value_name = "DAY", value_parser = values::day)]
    until: u32,
    #[command(flatten)]
    target: Target,
}

/// What is unpaid falls due anew, month by month.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea loan modify re-age loan1... --first-due 2027-01-31 \
                  --lender org1... --key bank.key --key wallet.key"
)]
struct ReAge {
    /// Day of the first.
    #[arg(long, value_name = "DAY", value_parser = values::day)]
    first_due: u32,
    #[command(flatten)]
    target: Target,
}

/// A new schedule for the principal that is owed.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea loan modify re-amortise loan1... --rate 8% --instalments 24 \
                  --first-due 2027-01-31 --lender org1... --key bank.key --key wallet.key --key funder.key"
)]
struct ReAmortise {
    /// Interest a year: 8%.
    #[arg(long, value_parser = values::percent)]
    rate: u32,
    /// How many instalments.
    #[arg(long, value_name = "COUNT")]
    instalments: u32,
    /// Day of the first.
    #[arg(long, value_name = "DAY", value_parser = values::day)]
    first_due: u32,
    #[command(flatten)]
    target: Target,
}

/// A part settles the loan, if it is paid by a day.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea loan modify settle loan1... 4000.00 CZK --pay-by 2027-01-31 --waive \
                  --lender org1... --key bank.key --key wallet.key --key funder.key"
)]
struct Settle {
    #[command(flatten)]
    target: Target,
    /// How much, with decimals.
    amount: String,
    /// Of which asset: CZK.
    asset: Asset,
    /// Last day.
    #[arg(long, value_name = "DAY", value_parser = values::day)]
    pay_by: u32,
    /// Nothing more is owed then; without it, the rest is owed as before.
    #[arg(long)]
    waive: bool,
}

/// Give a loan up as an asset; it is owed as before, without further interest. The lender signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea loan charge-off loan1... --lender org1... --key bank.key"
)]
pub(super) struct ChargeOff {
    #[command(flatten)]
    target: Target,
}

/// Share the loss of a loan that was charged off. The lender and the guarantor sign.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea loan share-loss loan1... --lender org1... --key bank.key --key guarantor.key"
)]
pub(super) struct ShareLoss {
    #[command(flatten)]
    target: Target,
}

/// Sell a debt. The lender, every funder, the buyer and the new lender sign.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea loan assign loan1... 3000.00 CZK --to org1... --buyer acct1... \
                  --notice 77ab... --lender org1... --key bank.key --key buyer.key --key new-lender.key"
)]
pub(super) struct Assign {
    #[command(flatten)]
    target: Target,
    /// What the buyer pays to the funders together, with decimals.
    price: String,
    /// Of which asset: CZK.
    asset: Asset,
    /// Lender from now on: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    to: ParticipantId,
    /// Account that pays, and receives what is repaid.
    #[arg(long, value_name = "ACCOUNT")]
    buyer: AccountId,
    /// Commitment to the notice to the debtor.
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    notice: Hash,
}

impl Modify {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let (target, modification) = match self.how {
            How::Forbear(forbear) => (
                forbear.target,
                Modification::Forbear {
                    until: forbear.until,
                    interest_stops: forbear.no_interest,
                },
            ),
            How::PauseInterest(pause) => {
                let until = pause.until;
                (pause.target, Modification::InterestPause { until })
            }
            How::ReAge(again) => {
                let first_due = again.first_due;
                (again.target, Modification::ReAge { first_due })
            }
            How::ReAmortise(again) => (
                again.target,
                Modification::ReAmortise {
                    rate_ppm: again.rate,
                    instalments: again.instalments,
                    first_due: again.first_due,
                },
            ),
            How::Settle(settle) => {
                let decimals = context.trust()?.decimals().clone();
                let offer = SettlementOffer {
                    amount: values::amount(&settle.amount, settle.asset, &decimals)?,
                    pay_by: settle.pay_by,
                    residual: if settle.waive {
                        ResidualFate::Waived
                    } else {
                        ResidualFate::Remains
                    },
                };
                (settle.target, Modification::Settlement(offer))
            }
        };
        let modify = credit::modify(target.loan, modification);
        let author = Subject::Participant(target.lender);
        target.signing.ask(context, author, modify).await
    }
}

impl ChargeOff {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let target = self.target;
        let author = Subject::Participant(target.lender);
        let off = credit::charge_off(target.loan);
        target.signing.ask(context, author, off).await
    }
}

impl ShareLoss {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let target = self.target;
        let author = Subject::Participant(target.lender);
        let share = credit::share_loss(target.loan);
        target.signing.ask(context, author, share).await
    }
}

impl Assign {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let assign = DebtAssign {
            loan: self.target.loan,
            lender: self.to,
            buyer: self.buyer,
            price: values::amount(&self.price, self.asset, context.trust()?.decimals())?,
            notice_commitment: self.notice,
        };
        let author = Subject::Participant(self.target.lender);
        self.target.signing.ask(context, author, assign).await
    }
}
