//! `talea-audit`: the regulator's desk, on the command line.

mod commands;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    commands::Arguments::parse().run().await
}
