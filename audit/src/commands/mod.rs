//! The commands, one file each.

mod compare;
mod demo;
mod digest;
mod export;
mod follow;
mod looks;
mod network;
mod output;
mod reindex;
mod serve;
mod statement;
mod status;
mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde_json::json;
use talea_audit::{FollowError, LooksError, ReindexError, export::VerifyError};

use self::{compare::AnswersDiffer, reindex::RowsDiffer};

/// Follow a Talea network, verify and execute every block again, keep an index.
#[derive(Debug, Parser)]
#[command(name = "talea-audit", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Report as JSON on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  talea-audit serve --demo localnet
  talea-audit follow --genesis genesis.toml --index network.db \\
    --node http://127.0.0.1:4100 --reader org1... --reader-key regulator.key
  talea-audit status --index network.db
  talea-audit reindex --genesis genesis.toml --index network.db again.db

Exit codes:
  0  done
  1  an error of this machine or in what was asked
  2  the command line is not understood
  6  something does not verify: a block, a node's answer, the rows of an index, an export, or the log of looks; the
     error names what differs";

/// Something does not verify.
const UNPROVED: u8 = 6;

#[derive(Debug, Subcommand)]
enum Command {
    Serve(Box<serve::Serve>),
    Follow(follow::Follow),
    Compare(compare::Compare),
    Statement(statement::Statement),
    Export(export::Export),
    VerifyExport(export::VerifyExport),
    Status(status::Status),
    Digest(digest::DigestCommand),
    Reindex(reindex::Reindex),
    Looks(looks::LooksCommand),
    Token(token::Token),
}

impl Arguments {
    /// Runs the command and tells how it ended.
    pub(crate) async fn run(self) -> ExitCode {
        let json = self.json;
        let result = match self.command {
            Command::Serve(command) => command.run(json).await,
            Command::Follow(command) => command.run(json).await,
            Command::Compare(command) => command.run(json).await,
            Command::Statement(command) => command.run(json),
            Command::Export(command) => command.run(json),
            Command::VerifyExport(command) => command.run(json),
            Command::Status(command) => command.run(json),
            Command::Digest(command) => command.run(json),
            Command::Reindex(command) => command.run(json),
            Command::Looks(command) => command.run(json),
            Command::Token(command) => command.run(json).await,
        };
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => report(&error, json),
        }
    }
}

fn report(error: &anyhow::Error, json: bool) -> ExitCode {
    let difference = error.chain().find_map(difference_of);
    let code = if difference.is_some() { UNPROVED } else { 1 };
    if json {
        let value = json!({
            "error": format!("{error:#}"),
            "difference": difference,
            "exit_code": code,
        });
        output::complain(&value.to_string());
    } else {
        output::complain(&format!("error: {error:#}"));
    }
    ExitCode::from(code)
}

/// The name of what does not verify, where that is the cause.
fn difference_of(cause: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    if let Some(error) = cause.downcast_ref::<FollowError>() {
        return match error {
            FollowError::Difference(difference) => Some(difference.name()),
            FollowError::Rewound { .. } => Some("REWOUND"),
            FollowError::Source(_) | FollowError::Index(_) => None,
        };
    }
    if let Some(ReindexError::Difference(difference)) = cause.downcast_ref() {
        return Some(difference.name());
    }
    if let Some(LooksError::Altered { .. } | LooksError::Missing { .. }) = cause.downcast_ref() {
        return Some("LOOKS_ALTERED");
    }
    if let Some(differ) = cause.downcast_ref::<AnswersDiffer>() {
        return Some(differ.name);
    }
    if cause.is::<RowsDiffer>() {
        return Some(RowsDiffer::NAME);
    }
    cause
        .downcast_ref::<VerifyError>()
        .and_then(VerifyError::name)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use talea_types::{AccountId, ParticipantId};

    use super::Arguments;

    #[test]
    fn every_command_explains_itself_with_examples_that_parse() {
        let root = Arguments::command();
        root.clone().debug_assert();
        let organisation = ParticipantId::from_lei("315700REGULATOR00001").to_string();
        let account = AccountId::from_bytes([1; 16]).to_string();
        for command in root.get_subcommands().chain([&root]) {
            assert!(command.get_about().is_some());
            let help = command.get_after_help().map(ToString::to_string);
            let help = help.unwrap_or_default().replace("\\\n", " ");
            let lines = help.lines().map(str::trim);
            let examples: Vec<&str> = lines
                .filter(|line| line.starts_with("talea-audit "))
                .collect();
            assert!(examples.len() >= 2, "{}", command.get_name());
            for example in examples {
                let words = example
                    .replace("org1...", &organisation)
                    .replace("acct1...", &account)
                    .replace("HASH", &"0".repeat(64))
                    .replace("KEY", &"A".repeat(43));
                Arguments::try_parse_from(words.split_whitespace())
                    .unwrap_or_else(|error| panic!("{example}: {error}"));
            }
        }
    }
}
