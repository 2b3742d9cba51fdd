//! `talea account`: open, show, restrict and close accounts, and read their history.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use talea_client::operations;
use talea_types::{
    AccountId, Hash, KeyPolicy, Operation, ParticipantId, PublicKey, Subject, Timestamp,
    operation::{AccountKind, AccountOpen, AccountRestrict, Restriction},
};

use super::{context::Context, exit::Code, money, signing::Signing, values};

pub(crate) mod events;
mod show;

/// Open, show, restrict and close accounts, and read their history.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea account open --sponsor org1... --holder 5f2e... --key bank.key --key wallet.key\n  \
                  talea account show acct1..."
)]
pub(crate) struct Account {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Open(Open),
    Show(show::Show),
    Events(events::Events),
    Restrict(Restrict),
    Close(Close),
}

/// Open an account. Its sponsor (a bank or the operator) and its holder sign. Shows its id.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea account open --sponsor org1... --holder 5f2e... --key bank.key --key wallet.key\n  \
                  talea account open --sponsor org1... --kind merchant --tier 2 --holder 5f2e... --holder 9a01... \
                  --threshold 2 --key bank.key --signer 5f2e... --signer 9a01... --out open.tx.json"
)]
struct Open {
    /// The bank or operator whose liability the balances are: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    sponsor: ParticipantId,
    /// Public key of the holder; repeat it for several.
    #[arg(long = "holder", value_name = "PUBLIC_KEY", required = true)]
    holders: Vec<PublicKey>,
    /// How many of the holder's keys must sign.
    #[arg(long, default_value_t = 1)]
    threshold: u32,
    /// wallet, merchant or own (of an organisation, for itself).
    #[arg(long, default_value = "wallet")]
    kind: String,
    /// Number of the limit tier in the genesis document, from 0.
    #[arg(long, default_value_t = 0)]
    tier: u32,
    /// Commitment to the holder's identity record.
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    identity: Option<Hash>,
    #[command(flatten)]
    signing: Signing,
}

/// Restrict an account, or lift a restriction. The sponsor, a monitor or an authority signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea account restrict acct1... debits --reason 4 --notice 77ab... \
                  --until 2027-01-31T00:00:00Z --key bank.key\n  \
                  talea account restrict acct1... none --key bank.key"
)]
struct Restrict {
    /// The account.
    account: AccountId,
    /// debits (nothing may leave), all (nothing may leave or enter), or none (lifts it).
    restriction: String,
    /// Code of the published list of reasons.
    #[arg(long, default_value_t = 0)]
    reason: u32,
    /// Commitment to the notice that the holder was sent.
    #[arg(long, value_name = "HASH", value_parser = values::commitment)]
    notice: Option<Hash>,
    /// When it lapses by itself.
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    until: Option<Timestamp>,
    /// Who restricts; without it, the account's sponsor: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    by: Option<ParticipantId>,
    #[command(flatten)]
    signing: Signing,
}

/// Close an empty account for ever. The holder and the sponsor sign.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea account close acct1... --key wallet.key --key bank.key")]
struct Close {
    /// The account.
    account: AccountId,
    #[command(flatten)]
    signing: Signing,
}

impl Account {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Open(open) => open.run(context).await,
            Which::Show(show) => show.run(context).await,
            Which::Events(events) => events.run(context).await,
            Which::Restrict(restrict) => restrict.run(context).await,
            Which::Close(close) => close.run(context).await,
        }
    }
}

impl Open {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let kinds = [
            ("wallet", AccountKind::Wallet),
            ("merchant", AccountKind::Merchant),
            ("own", AccountKind::Own),
        ];
        let kind = values::one_of(&self.kind, &kinds)?;
        let policy = KeyPolicy::new(self.threshold, self.holders)?;
        let open = AccountOpen {
            holder_commitment: self.identity,
            ..operations::open(kind, policy, self.tier)
        };
        let author = Subject::Participant(self.sponsor);
        self.signing.ask(context, author, open).await
    }
}

impl Restrict {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let restrictions = [
            ("none", Restriction::None),
            ("debits", Restriction::Debits),
            ("all", Restriction::All),
        ];
        let operation = Operation::AccountRestrict(AccountRestrict {
            account: self.account,
            restriction: values::one_of(&self.restriction, &restrictions)?,
            reason: self.reason,
            notice_commitment: self.notice,
            review_by: self.until.unwrap_or_default(),
        });
        let by = money::sponsor(context, &self.signing, self.by, &self.account).await?;
        self.signing
            .run(context, Subject::Participant(by), operation, |_| Vec::new())
            .await
    }
}

impl Close {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let operation = Operation::AccountClose(operations::close(self.account));
        self.signing
            .run(context, Subject::Account(self.account), operation, |_| {
                Vec::new()
            })
            .await
    }
}

/// A file that a proof is saved in.
#[derive(Debug, Args)]
struct SaveProof {
    /// Save the proof in this file, for others to verify.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
}
