//! `talea proposal`: what concerns the whole network is proposed by one organisation and approved by others.

mod change;
mod show;

use std::{path::PathBuf, time::Duration};

use anyhow::bail;
use clap::{Args, Subcommand};
use talea_client::operations::governance;
use talea_types::{ParticipantId, ProposalId, Subject};

use super::{context::Context, exit::Code, output, signing::Signing, values};

/// Propose, approve and veto what concerns the whole network: organisations, validators, rule packs,
/// limits, the governance policy.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea proposal example register > agency.toml\n  \
                  talea proposal propose agency.toml --as org1... --key regulator.key --key agency.key\n  \
                  talea proposal approve prop1... --as org1... --key bank.key\n  \
                  talea proposal list"
)]
pub(super) struct ProposalCommand {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Example(Example),
    Propose(Propose),
    Approve(Approve),
    Veto(Veto),
    Withdraw(Withdraw),
    Show(show::Show),
    List(show::List),
}

/// Print a document that can be proposed: register, status, validators, activate_pack, retire_pack,
/// policy or limits.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea proposal example activate_pack > pack-change.toml")]
struct Example {
    /// Of which change.
    change: String,
}

/// Propose a change. An active operator, a regulator, or an organisation that runs a validator signs; for
/// a registration the new organisation too. Shows the id of the proposal.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea proposal propose agency.toml --as org1... --key regulator.key --key agency.key\n  \
                  talea proposal propose pack-change.toml --in-blocks 700000 --approve-within 20d \
                  --as org1... --key bank.key"
)]
struct Propose {
    /// The change: TOML, or JSON (*.json); see 'talea proposal example'.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Height at whose start it takes effect; for validators, the first that they decide.
    #[arg(long, value_name = "HEIGHT", conflicts_with = "in_blocks")]
    at_height: Option<u64>,
    /// The same, counted from the newest block.
    #[arg(long, value_name = "BLOCKS", default_value_t = 20)]
    in_blocks: u64,
    /// How long it waits for its approvals, at most 90d.
    #[arg(long, value_name = "DURATION", default_value = "7d", value_parser = values::duration)]
    approve_within: Duration,
    #[command(flatten)]
    by: By,
}

/// Which proposal, and who signs.
#[derive(Debug, Args)]
struct Target {
    /// The proposal.
    proposal: ProposalId,
    #[command(flatten)]
    by: By,
}

/// Who signs.
#[derive(Debug, Args)]
struct By {
    /// The organisation: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::organisation)]
    organisation: ParticipantId,
    #[command(flatten)]
    signing: Signing,
}

/// Approve a proposal of another organisation. An organisation that runs a validator signs.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea proposal approve prop1... --as org1... --key bank.key")]
struct Approve {
    #[command(flatten)]
    target: Target,
}

/// Stop a proposal about a rule pack. A regulator signs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea proposal veto prop1... --reason 3 --as org1... --key regulator.key"
)]
struct Veto {
    #[command(flatten)]
    target: Target,
    /// Code of the published list of reasons.
    #[arg(long)]
    reason: u32,
}

/// Take a proposal back. The initiator signs.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea proposal withdraw prop1... --as org1... --key bank.key")]
struct Withdraw {
    #[command(flatten)]
    target: Target,
}

impl ProposalCommand {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Example(Example { change }) => {
                output::line(change::example(&change)?.trim_end());
                Ok(Code::Done)
            }
            Which::Propose(propose) => propose.run(context).await,
            Which::Approve(Approve { target }) => {
                let approve = governance::approve(target.proposal);
                target.by.ask(context, approve).await
            }
            Which::Veto(Veto { target, reason }) => {
                let veto = governance::veto(target.proposal, reason);
                target.by.ask(context, veto).await
            }
            Which::Withdraw(Withdraw { target }) => {
                let withdraw = governance::withdraw(target.proposal);
                target.by.ask(context, withdraw).await
            }
            Which::Show(show) => show.run(context).await,
            Which::List(list) => list.run(context).await,
        }
    }
}

impl By {
    async fn ask(
        &self,
        context: &Context,
        operation: impl talea_client::operations::IntoOperation,
    ) -> anyhow::Result<Code> {
        let author = Subject::Participant(self.organisation);
        self.signing.ask(context, author, operation).await
    }
}

impl Propose {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let change = change::load(&self.file, context.trust()?.decimals())?;
        let network = context.client()?.network().await?;
        let height = match self.at_height {
            Some(height) => height,
            None => network.height.saturating_add(self.in_blocks),
        };
        if height <= network.height {
            bail!("the network is at height {} already", network.height);
        }
        let waits = u64::try_from(self.approve_within.as_millis())?;
        let propose = governance::propose(change, height, network.ledger_time.plus_millis(waits));
        let author = Subject::Participant(self.by.organisation);
        self.by.signing.ask(context, author, propose).await
    }
}
