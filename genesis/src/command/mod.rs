//! The commands. Each reads files, asks the library, and reports either to a person or, with `--json`,
//! to a program.
//!
//! Exit codes: 0 done, 1 refused, 2 the command line is not understood.

mod approve;
mod assemble;
mod contribute;
mod diff;
mod hash;
mod init;
mod keys;
mod merge;
mod report;
mod rule_pack;
mod secret;
mod show;
mod sign;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use report::Report;

/// Founds a Talea network: keys, contributions, the genesis document, approvals.
#[derive(Parser)]
#[command(name = "talea-genesis", version, after_help = CEREMONY)]
pub(crate) struct Arguments {
    /// Report as JSON on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const CEREMONY: &str = "\
The ceremony, in order:
  coordinator   init --network talea-cz --out terms.toml       then edit the terms
  coordinator   rule-pack terms.toml us-reg-f.toml             the law from the first block
  organisation  keys new --out bank.key                        also voting and network keys
  organisation  contribute ... --out bank.toml                 holders of other keys: sign
  coordinator   assemble --terms terms.toml --contribution bank.toml ... --out genesis.toml
  everybody     show genesis.toml                              compare the chain id
  organisation  approve genesis.toml --chain-id ID --key bank.key --out approved.toml
  coordinator   merge approved-1.toml approved-2.toml --out genesis.toml
  everybody     validate genesis.toml --complete";

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    RulePack(rule_pack::RulePack),
    Keys(keys::Keys),
    Contribute(Box<contribute::Contribute>),
    Sign(sign::Sign),
    Assemble(assemble::Assemble),
    Validate(validate::Validate),
    Hash(hash::HashOf),
    Approve(approve::Approve),
    Merge(merge::Merge),
    Show(show::Show),
    Diff(diff::Diff),
}

impl Arguments {
    pub(crate) fn run(self) -> ExitCode {
        let result = match self.command {
            Command::Init(command) => command.run(),
            Command::RulePack(command) => command.run(),
            Command::Keys(command) => command.run(),
            Command::Contribute(command) => command.run(),
            Command::Sign(command) => command.run(),
            Command::Assemble(command) => command.run(),
            Command::Validate(command) => command.run(),
            Command::Hash(command) => command.run(),
            Command::Approve(command) => command.run(),
            Command::Merge(command) => command.run(),
            Command::Show(command) => command.run(),
            Command::Diff(command) => command.run(),
        };
        report::print(self.json, result)
    }
}

type Outcome = anyhow::Result<Report>;
