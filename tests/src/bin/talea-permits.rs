//! `talea-permits`: contact permits of four real validator processes against a checker written apart.

use std::process::ExitCode;

use clap::Parser;
use talea_tests::long_run::{EXIT_INTERRUPTED, Interrupt, Progress};
use talea_tests::permits::{Plan, run};

/// Starts four validators, and lets five agencies, each a client at a validator of its own, ask at random for
/// permits to contact the same debtors, while debtors change their wishes and the clock of the sandbox passes more
/// than a year with both changes of clocks. Every committed block is read, verified, and compared with a checker that
/// was written apart from the network's rules: each outcome, and each rule that refuses. In the end no cap may be
/// exceeded, and all validators have the same state. Exit code 0: all of it held; 1: something did not, and what is
/// said; 3: somebody ended it early (Ctrl-C), all held until then.
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
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::from(EXIT_INTERRUPTED),
        Err(error) => {
            eprintln!("talea-permits: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether it was ended early.
async fn permits(arguments: &Arguments) -> anyhow::Result<bool> {
    let plan = Plan {
        requests: arguments.requests,
        seed: arguments.seed,
    };
    let interrupt = Interrupt::listen()?;
    let mut progress = Progress::new(Some(arguments.requests));
    let mut tell = |what: &str, done, of| {
        progress.set_total(of);
        progress.at(done, what);
    };
    let report = run(plan, &mut tell, || interrupt.is_raised()).await?;
    drop(progress);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        report.print();
    }
    Ok(interrupt.is_raised())
}
