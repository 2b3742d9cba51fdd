//! `talea case`: collect debts within the law.

mod answers;
mod contact;
mod place;
mod show;

use clap::{Args, Subcommand};

use super::{context::Context, exit::Code};

/// Collect: place cases with collectors, ask for permission for each contact, say what came of it.
///
/// Nobody may contact a debtor without a permit. A refusal names each rule that forbids the contact, with
/// its legal source.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea case place --debtor acct1... --loan loan1... --collector org1... --lender org1... --key bank.key\n  \
                  talea case permit case1... --loan loan1... --channel voice_call --point 77ab... \
                  --for 10m --collector org1... --key agency.key\n  \
                  talea case show case1..."
)]
pub(super) struct CaseCommand {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Place(place::Place),
    Recall(place::Recall),
    Notice(place::Notice),
    Permit(Box<contact::Permit>),
    Outcome(Box<contact::Outcome>),
    Plan(answers::Plan),
    ResolveDispute(answers::ResolveDispute),
    AnswerComplaint(answers::AnswerComplaint),
    Show(show::Show),
}

impl CaseCommand {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Place(command) => command.run(context).await,
            Which::Recall(command) => command.run(context).await,
            Which::Notice(command) => command.run(context).await,
            Which::Permit(command) => command.run(context).await,
            Which::Outcome(command) => command.run(context).await,
            Which::Plan(command) => command.run(context).await,
            Which::ResolveDispute(command) => command.run(context).await,
            Which::AnswerComplaint(command) => command.run(context).await,
            Which::Show(command) => command.run(context).await,
        }
    }
}
