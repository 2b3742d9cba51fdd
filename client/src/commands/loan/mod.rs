//! `talea loan`: lend, repay, change and show loans.

mod agreement;
mod change;
mod originate;
mod product;
pub(super) mod schedule;
mod servicing;
mod show;

use clap::{Args, Subcommand};

use super::{context::Context, exit::Code};

/// Lend: products, agreements between funders, loans from their origination to their end.
///
/// The lender's word opens most of these operations; who else signs is said with each. Sign with all keys
/// at once (--key, repeated), or write a file for the others (--out, see 'talea tx --help').
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea loan product example > product.toml\n  \
                  talea loan originate 12000.00 CZK --product product1... --agreement agreement1... \
                  --lender org1... --borrower acct1... --rate 12.9% --instalments 12 --first-due 2026-12-22 \
                  --law CZ --key bank.key --key funder.key --key wallet.key\n  \
                  talea loan repay loan1... 1069.00 CZK --from acct1... --key wallet.key\n  \
                  talea loan show loan1..."
)]
pub(super) struct LoanCommand {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Product(product::ProductCommand),
    Agreement(agreement::AgreementCommand),
    Originate(Box<originate::Originate>),
    Disburse(servicing::Disburse),
    Repay(servicing::Repay),
    Inquiry(servicing::Inquiry),
    Fee(servicing::Fee),
    Furnish(servicing::Furnish),
    Modify(change::Modify),
    ChargeOff(change::ChargeOff),
    ShareLoss(change::ShareLoss),
    Assign(Box<change::Assign>),
    Show(show::Show),
}

impl LoanCommand {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Product(command) => command.run(context).await,
            Which::Agreement(command) => command.run(context).await,
            Which::Originate(command) => command.run(context).await,
            Which::Disburse(command) => command.run(context).await,
            Which::Repay(command) => command.run(context).await,
            Which::Inquiry(command) => command.run(context).await,
            Which::Fee(command) => command.run(context).await,
            Which::Furnish(command) => command.run(context).await,
            Which::Modify(command) => command.run(context).await,
            Which::ChargeOff(command) => command.run(context).await,
            Which::ShareLoss(command) => command.run(context).await,
            Which::Assign(command) => command.run(context).await,
            Which::Show(command) => command.run(context).await,
        }
    }
}
