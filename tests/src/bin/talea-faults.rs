//! `talea-faults`: real faults of networks of real `talea-node` processes under load.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use talea_tests::faults::{Kind, Plan, Report, Skipped, run, run_liar};
use talea_tests::long_run::{EXIT_INTERRUPTED, Interrupt, Progress};

/// Runs four validators under load, lets one kind of fault happen again and again, and compares in the end what
/// clients were told with what every validator says. Exit code 0: every promise was kept; 1: one was broken, or
/// the run did not come to its end; 3: somebody ended it early (Ctrl-C), all kept until then; 4: this machine cannot
/// do it.
#[derive(Parser)]
#[command(
    after_help = "Example: talea-faults kill --count 200\n         talea-faults soak --minutes 60 --json"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// kill -9 of random validators at random moments.
    Kill(Options),
    /// SIGSTOP and SIGCONT, also for longer than a silence is borne.
    Stop(Options),
    /// A disk that fills up, fails to write, loses power, is slow. Needs root and loop devices.
    Disk(Options),
    /// Partitions, loss and slow links between network namespaces. Needs root, ip, nft, tc.
    Partition(Options),
    /// Delayed, stalled and broken connections, through proxies.
    Delay(Options),
    /// Clocks that are wrong by up to an hour, or jump. Needs libfaketime.
    Clock(Options),
    /// A validator restored from an old copy of its data.
    Backup(Options),
    /// A validator whose disk is lost while the network runs: all but its key.
    Lose(Options),
    /// A validator that lies.
    Byzantine(Options),
    /// All of these as they come. Needs what each of them needs.
    Soak(Options),
    /// The process of a validator that lies; what stands after it starts an honest one.
    #[command(hide = true)]
    Liar {
        /// From which its lies follow.
        #[arg(long)]
        seed: u64,
        /// `talea-node run DIRECTORY`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        node: Vec<OsString>,
    },
}

#[derive(Args)]
struct Options {
    /// How many faults.
    #[arg(long, default_value_t = 20)]
    count: u64,
    /// From which everything random follows.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Ends after so many minutes, whatever is left; a soak runs this long.
    #[arg(long)]
    minutes: Option<u64>,
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
}

/// This machine lacks something.
const EXIT_SKIPPED: u8 = 4;
/// Of a soak that nobody gave a time.
const SOAK_MINUTES: u64 = 10;

fn main() -> ExitCode {
    let (kind, options) = match Arguments::parse().command {
        Command::Kill(options) => (Kind::Kill, options),
        Command::Stop(options) => (Kind::Stop, options),
        Command::Disk(options) => (Kind::Disk, options),
        Command::Partition(options) => (Kind::Partition, options),
        Command::Delay(options) => (Kind::Delay, options),
        Command::Clock(options) => (Kind::Clock, options),
        Command::Backup(options) => (Kind::Backup, options),
        Command::Lose(options) => (Kind::Lose, options),
        Command::Byzantine(options) => (Kind::Byzantine, options),
        Command::Soak(options) => (Kind::Soak, options),
        Command::Liar { seed, node } => return liar(seed, &node),
    };
    let ended = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(faults(kind, &options)));
    match ended {
        Ok(report) if !report.violations.is_empty() => ExitCode::FAILURE,
        Ok(report) if report.interrupted => ExitCode::from(EXIT_INTERRUPTED),
        Ok(_) => ExitCode::SUCCESS,
        Err(error) if error.is::<Skipped>() => {
            eprintln!("{error}");
            ExitCode::from(EXIT_SKIPPED)
        }
        Err(error) => {
            eprintln!("{}: {error:#}", kind.name());
            ExitCode::FAILURE
        }
    }
}

/// Runs and prints.
async fn faults(kind: Kind, options: &Options) -> anyhow::Result<Report> {
    let minutes = match kind {
        Kind::Soak => Some(options.minutes.unwrap_or(SOAK_MINUTES)),
        _ => options.minutes,
    };
    let plan = Plan {
        kind,
        count: options.count,
        seed: options.seed,
        at_most: minutes.map(|minutes| Duration::from_secs(60 * minutes)),
    };
    let interrupt = Interrupt::listen()?;
    let mut progress = Progress::new((kind != Kind::Soak).then_some(options.count));
    let goes_on = |done, fault: &str| {
        progress.at(done, &format!("faults, now {fault}"));
        !interrupt.is_raised()
    };
    let report = run(plan, goes_on).await?;
    drop(progress);
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        report.print();
    }
    Ok(report)
}

fn liar(seed: u64, node: &[OsString]) -> ExitCode {
    let Some(directory) = node.get(2).map(PathBuf::from) else {
        eprintln!("after the options: talea-node run DIRECTORY");
        return ExitCode::from(2);
    };
    match run_liar(&directory, seed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
