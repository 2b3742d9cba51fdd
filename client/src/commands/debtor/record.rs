//! `talea debtor register` and `residence`.

use clap::Args;
use talea_client::operations::collections;
use talea_types::{AccountId, ParticipantId, Subject, operation::ResidenceSet};

use crate::commands::{context::Context, exit::Code, money, signing::Signing, values};

/// Where somebody lives.
#[derive(Debug, Args)]
struct Home {
    /// Country (ISO 3166-1) or a part of it (ISO 3166-2): CZ, US-NY. Unknown parts are bound by the rules of all.
    #[arg(long, value_name = "PLACE")]
    residence: String,
    /// IANA name of the time zone; two when the debtor may be in either: then both have to allow a contact.
    #[arg(long = "time-zone", value_name = "ZONE", required = true)]
    time_zones: Vec<String>,
    /// Language in which to write and speak (BCP 47): cs, en-US.
    #[arg(long, value_name = "TAG")]
    language: String,
}

impl Home {
    fn residence(self) -> talea_types::Residence {
        values::residence(&self.residence, self.time_zones, self.language)
    }
}

/// Register the holder of a wallet account as a debtor. The sponsor and the account sign.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea debtor register acct1... --residence US-NY --time-zone America/New_York \
                  --language en --sponsor org1... --key bank.key --key wallet.key"
)]
pub(super) struct Register {
    /// The account.
    account: AccountId,
    #[command(flatten)]
    home: Home,
    /// The account's sponsor; without it, a node is asked: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    sponsor: Option<ParticipantId>,
    #[command(flatten)]
    signing: Signing,
}

/// Change where a debtor lives, at once. The debtor signs, or the account's sponsor.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea debtor residence acct1... --residence CZ --time-zone Europe/Prague \
                  --language cs --key wallet.key\n  \
                  talea debtor residence acct1... --residence CZ --time-zone Europe/Prague --language cs \
                  --as org1... --key bank.key"
)]
pub(super) struct Residence {
    /// Account of the debtor.
    debtor: AccountId,
    #[command(flatten)]
    home: Home,
    /// The account's sponsor, when it signs: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    sponsor: Option<ParticipantId>,
    #[command(flatten)]
    signing: Signing,
}

impl Register {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let sponsor = money::sponsor(context, &self.signing, self.sponsor, &self.account).await?;
        let register = collections::register_debtor(self.account, self.home.residence());
        let author = Subject::Participant(sponsor);
        self.signing.ask(context, author, register).await
    }
}

impl Residence {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let author = super::author_for(self.debtor, self.sponsor);
        let set = ResidenceSet {
            debtor: self.debtor,
            residence: self.home.residence(),
        };
        self.signing.ask(context, author, set).await
    }
}
