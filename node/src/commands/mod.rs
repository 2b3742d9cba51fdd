//! The command line. Each command is a file; what they print for machines (`--json`) and their exit
//! codes are public API.

mod config;
mod demo;
mod doctor;
mod failure;
mod fetch;
mod init;
mod keys;
mod localnet;
mod output;
mod run;
mod snapshot;
mod status;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

const EXIT_CODES: &str = "\
Exit codes:
  0  everything went well
  1  what was asked for failed; the message says why
  2  the command line is wrong
  3  the configuration, the genesis document or a key file is refused
  4  the data directory is damaged, or its disk fails
  5  consensus stopped this node: it disagrees with a quorum, or its key is in use elsewhere
  6  the node cannot be reached, or is not healthy
 70  a bug of this program

Start here:
  talea-node demo                         see everything once, in a minute
  talea-node localnet /tmp/talea          a network of four validators on this machine";

/// Runs a validator or an observer of a Talea network.
#[derive(Debug, Parser)]
#[command(name = "talea-node", version, about, after_help = EXIT_CODES)]
struct Cli {
    /// Print JSON, for programs.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set up a node's directory: configuration, keys, data.
    Init(init::Init),
    /// Run a node until SIGINT or SIGTERM.
    Run(run::Run),
    /// Make a sandbox network on this machine and run it.
    Localnet(localnet::LocalnetCommand),
    /// Start four validators here, play a day of wallet life and verify it as an outsider.
    Demo(demo::DemoCommand),
    /// Show how a running node is.
    Status(status::Status),
    /// Show the public keys of a node, as its peers and genesis name them.
    Keys(keys::Keys),
    /// Show settings and where each came from.
    Config(config::Config),
    /// Examine a stopped node's directory and say what to do.
    Doctor(doctor::Doctor),
    /// Make, list, verify, restore and fetch snapshots of the state.
    #[command(subcommand)]
    Snapshot(snapshot::Snapshot),
    /// Drop old blocks of a stopped node.
    Prune(snapshot::Prune),
}

/// Runs the command line of the process.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    match execute(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(json),
    }
}

fn execute(cli: Cli) -> Result<(), Failure> {
    let json = cli.json;
    match cli.command {
        Command::Init(command) => command.execute(json),
        Command::Run(command) => command.execute(),
        Command::Localnet(command) => command.execute(json),
        Command::Demo(command) => command.execute(json),
        Command::Status(command) => command.execute(json),
        Command::Keys(command) => command.execute(json),
        Command::Config(command) => command.execute(json),
        Command::Doctor(command) => command.execute(json),
        Command::Snapshot(command) => command.execute(json),
        Command::Prune(command) => command.execute(json),
    }
}

/// A runtime for commands that only ask.
fn small_runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::other(format!("cannot start: {error}")))
}
