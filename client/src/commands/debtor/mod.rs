//! `talea debtor`: who is a debtor, what a debtor wants, and what is done for one.

mod record;
mod remedies;
mod show;
mod wishes;

use clap::{Args, Subcommand};
use talea_types::{AccountId, ParticipantId, Subject};

use super::{context::Context, exit::Code};

/// Register debtors; as a debtor: say how you want to be contacted, report contacts, promise, dispute,
/// ask for protection, complain.
///
/// What a debtor says holds at once, also for contacts that were permitted before.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea debtor register acct1... --residence US-NY --time-zone America/New_York \
                  --language en --sponsor org1... --key bank.key --key wallet.key\n  \
                  talea debtor preferences acct1... --opt-out voice_call --key wallet.key\n  \
                  talea debtor dispute loan1... --debtor acct1... --reason 1 --commitment 77ab... --key wallet.key\n  \
                  talea debtor show acct1..."
)]
pub(super) struct DebtorCommand {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Register(record::Register),
    Residence(record::Residence),
    Preferences(Box<wishes::Preferences>),
    Report(Box<wishes::Report>),
    Promise(remedies::Promise),
    Dispute(remedies::Dispute),
    WithdrawDispute(remedies::WithdrawDispute),
    Protect(Box<remedies::Protect>),
    Unprotect(remedies::Unprotect),
    Complain(remedies::Complain),
    Show(show::Show),
}

impl DebtorCommand {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Register(command) => command.run(context).await,
            Which::Residence(command) => command.run(context).await,
            Which::Preferences(command) => command.run(context).await,
            Which::Report(command) => command.run(context).await,
            Which::Promise(command) => command.run(context).await,
            Which::Dispute(command) => command.run(context).await,
            Which::WithdrawDispute(command) => command.run(context).await,
            Which::Protect(command) => command.run(context).await,
            Which::Unprotect(command) => command.run(context).await,
            Which::Complain(command) => command.run(context).await,
            Which::Show(command) => command.run(context).await,
        }
    }
}

/// Who signs: the organisation that acts for the debtor, or else the debtor.
fn author_for(debtor: AccountId, organisation: Option<ParticipantId>) -> Subject {
    organisation.map_or(Subject::Account(debtor), Subject::Participant)
}
