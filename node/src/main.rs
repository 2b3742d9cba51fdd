//! `talea-node`: sets up and runs a validator or an observer.

mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::main()
}
