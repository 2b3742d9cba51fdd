//! `talea-node`: sets up and runs a validator or an observer.

mod allocator;
mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    allocator::set_up();
    commands::main()
}
