//! `talea-permits`: contact permits of four real validator processes against a checker written apart.

use std::process::ExitCode;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use talea_tests::permits::{Plan, run};

/// Starts four validators, and lets five agencies, each a client at a validator of its own, ask at random for
/// permits to contact the same debtors, while debtors change their wishes and the clock of the sandbox passes more
/// than a year with both changes of clocks. Every committed block is read, verified, and compared with a checker that
/// was written apart from the network's rules: each outcome, and each rule that refuses. In the end no cap may be
/// exceeded, and all validators have the same state. Exit code 0: all of it held; 1: something did not, and what is
/// said.
#[derive(Parser)]
#[command(
    after_help = "Example: talea-permits --requests 20000\n         talea-permits --requests 1000000 --seed 7 --json"
)]
struct Arguments {
    /// How many requests for a permit.
    #[arg(long, default_value_t = 1_000_000)]
    requests: u64,
    /// From which everything random follows but the order in blocks.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(permits(&arguments)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("talea-permits: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn permits(arguments: &Arguments) -> anyhow::Result<()> {
    let plan = Plan {
        requests: arguments.requests,
        seed: arguments.seed,
    };
    let bar = ProgressBar::new(arguments.requests);
    let style = "{elapsed_precise} {msg} {pos} of {len} {wide_bar} {per_sec}";
    bar.set_style(ProgressStyle::with_template(style)?);
    let mut current = String::new();
    let report = run(plan, &mut |what, done, of| {
        if what != current {
            what.clone_into(&mut current);
            bar.reset_eta();
            bar.set_message(current.clone());
        }
        bar.set_length(of);
        bar.set_position(done);
    })
    .await?;
    bar.finish_and_clear();
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        report.print();
    }
    Ok(())
}
