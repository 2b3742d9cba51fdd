//! `talea-genesis`: the genesis document and its ceremony, on the command line.

mod command;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    command::Arguments::parse().run()
}
