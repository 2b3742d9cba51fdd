//! `talea-node`: sets up and runs a validator or an observer.

mod commands;

use std::process::ExitCode;

use talea_node::allocator;

fn main() -> ExitCode {
    allocator::set_up();
    commands::main()
}
