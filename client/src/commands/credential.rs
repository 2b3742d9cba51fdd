//! `talea credential`: identities that a KYC provider attests.

use std::time::Duration;

use clap::{Args, Subcommand};
use talea_client::describe;
use talea_types::{
    AccountId, Hash, ParticipantId, Subject,
    operation::{CredentialAttest, CredentialRevoke},
    state::{Credential, StateKey},
};

use super::{context::Context, exit::Code, lookup, output, pay, signing::Signing, values};

/// Attest identities, take that back, look it up.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea credential attest acct1... --identity 77ab... --for 365d --as org1... --key kyc.key"
)]
pub(super) struct CredentialCommand {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Attest(Attest),
    Revoke(Revoke),
    Show(Show),
}

/// Attest that you checked the identity record behind a commitment. An active KYC provider signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea credential attest acct1... --identity 77ab... --for 365d --as org1... --key kyc.key"
)]
struct Attest {
    /// Whose.
    account: AccountId,
    /// Commitment to the identity record (see 'talea commitment new').
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    identity: Hash,
    /// How long it has effect.
    #[arg(long = "for", value_name = "DURATION", value_parser = values::duration)]
    lasting: Duration,
    /// The provider: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    provider: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// Take back what you attested. The provider signs.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea credential revoke acct1... --as org1... --key kyc.key")]
struct Revoke {
    /// Whose.
    account: AccountId,
    /// The provider: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    provider: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// Show what a provider attests of an account.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea credential show acct1... --provider org1...")]
struct Show {
    /// Whose.
    account: AccountId,
    /// The provider: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    provider: ParticipantId,
}

impl CredentialCommand {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Attest(attest) => {
                let operation = CredentialAttest {
                    account: attest.account,
                    commitment: attest.identity,
                    expires_at: pay::until(context, Some(attest.lasting)).await?,
                };
                let author = Subject::Participant(attest.provider);
                attest.signing.ask(context, author, operation).await
            }
            Which::Revoke(revoke) => {
                let author = Subject::Participant(revoke.provider);
                let account = revoke.account;
                let operation = CredentialRevoke { account };
                revoke.signing.ask(context, author, operation).await
            }
            Which::Show(show) => show.run(context).await,
        }
    }
}

impl Show {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let key = StateKey::Credential(self.account, self.provider);
        let what = format!(
            "an identity of {} attested by {}",
            self.account, self.provider
        );
        let found = lookup::object(context, &what, key, Credential::decode).await?;
        let fields = [
            output::field("account", self.account),
            output::field("provider", self.provider),
            output::field("identity", found.object.commitment),
            output::field("expires", describe::time(found.object.expires_at)),
            found.verified(),
        ];
        output::record(context.json(), &fields, Vec::new());
        Ok(Code::Done)
    }
}
