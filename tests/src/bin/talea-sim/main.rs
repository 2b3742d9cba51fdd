//! `talea-sim`: whole networks in virtual time under faults that a seed decides.

#[cfg(feature = "planted-bugs")]
mod planted;
mod report;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use talea_tests::long_run::{EXIT_INTERRUPTED, Interrupt, Progress};
use talea_tests::sim::{Outcome, Plan, Summary, Violation, run_plan, shrink, swarm};

/// Runs a failing seed may be tried again with a shorter list of faults.
const SHRINK_RUNS: u32 = 60;
/// Exit code of a run without violations whose time was enough for less than half of its seeds.
const EXIT_TOO_FEW: u8 = 4;

/// Runs whole Talea networks in virtual time: the node's own code, a network and disks that fail as a seed
/// decides, up to a third of the validators lying. A seed replays bit for bit. Who ends `run` early (Ctrl-C) gets the
/// report of what was run. Exit code 0: every promise was kept; 1: one was broken; 3: ended early, kept until then; 4:
/// kept, but less than half of the seeds of `run` fitted into its `--seconds`.
#[derive(Parser)]
#[command(
    after_help = "Example: talea-sim run --seeds 1000\n         talea-sim replay 42 --verbose"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs many seeds and reports what was injected, decided and found.
    Run {
        /// The first seed.
        #[arg(long, default_value_t = 0)]
        first: u64,
        /// How many seeds.
        #[arg(long, default_value_t = 100)]
        seeds: u64,
        /// Ends after so many seconds and says how many seeds are left. With less than half of them run, that is a
        /// failure (exit code 4): what a machine is to show must not shrink unseen.
        #[arg(long)]
        seconds: Option<u64>,
        /// Threads; each runs one seed at a time.
        #[arg(long, default_value_t = 2)]
        threads: usize,
        /// Prints the report as JSON.
        #[arg(long)]
        json: bool,
        /// Goes on after a broken promise.
        #[arg(long)]
        keep_going: bool,
        /// Small scenarios in the manner of Twins instead of swarms of faults.
        #[arg(long)]
        twins: bool,
    },
    /// Runs one seed, and shortens its list of faults if it fails.
    Replay {
        /// The seed.
        seed: u64,
        /// Tells every block, start and fault.
        #[arg(long)]
        verbose: bool,
        /// Leaves these faults out, counted from 0 in the order of the plan.
        #[arg(long, value_delimiter = ',')]
        without: Vec<usize>,
        /// Does not look for a shorter list of faults.
        #[arg(long)]
        no_shrink: bool,
        /// The scenario that `run --twins` draws.
        #[arg(long)]
        twins: bool,
        /// In a network that loses and delays nothing.
        #[arg(long)]
        calm: bool,
        /// With the liars honest.
        #[arg(long)]
        honest: bool,
    },
    /// Runs seeds twice and prints their trace hashes: equal on every machine and in every build.
    Trace {
        /// The first seed.
        #[arg(long, default_value_t = 0)]
        first: u64,
        /// How many seeds.
        #[arg(long, default_value_t = 5)]
        seeds: u64,
    },
    /// Plants classic faults, one after the other, and shows that each is found, and that the seed which
    /// finds it passes without it. Needs a build with `--features planted-bugs`.
    #[cfg(feature = "planted-bugs")]
    Planted {
        /// The faults by name; all of them if none is named.
        bugs: Vec<String>,
        /// Seeds tried for each at most.
        #[arg(long, default_value_t = 10_000)]
        seeds: u64,
        /// Threads; each runs one seed at a time.
        #[arg(long, default_value_t = 2)]
        threads: usize,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Run {
            first,
            seeds,
            seconds,
            threads,
            json,
            keep_going,
            twins,
        } => {
            let run = Run {
                twins,
                seconds,
                threads,
                json,
                keep_going,
            };
            run.seeds(first, seeds).unwrap_or_else(|error| {
                eprintln!("talea-sim: {error}");
                ExitCode::FAILURE
            })
        }
        Command::Replay {
            seed,
            verbose,
            without,
            no_shrink,
            twins,
            calm,
            honest,
        } => {
            let mut plan = draw_of(twins)(seed);
            let whole = without.is_empty() && !calm && !honest;
            plan = if calm { plan.calm() } else { plan };
            plan = if honest { plan.honest() } else { plan };
            let mut place = 0;
            plan.faults.retain(|_| {
                place += 1;
                !without.contains(&(place - 1))
            });
            replay(&plan, twins, verbose, whole && !no_shrink)
        }
        Command::Trace { first, seeds } => trace(first, seeds),
        #[cfg(feature = "planted-bugs")]
        Command::Planted {
            bugs,
            seeds,
            threads,
        } => planted::run(&bugs, seeds, threads),
    }
}

const fn draw_of(twins: bool) -> fn(u64) -> Plan {
    if twins { Plan::twins } else { Plan::of }
}

/// How seeds are run.
struct Run {
    twins: bool,
    seconds: Option<u64>,
    threads: usize,
    json: bool,
    keep_going: bool,
}

impl Run {
    fn seeds(&self, first: u64, seeds: u64) -> std::io::Result<ExitCode> {
        let begun = Instant::now();
        let interrupt = Interrupt::listen()?;
        let mut progress = Progress::new(Some(seeds));
        let until = self
            .seconds
            .map(|seconds| begun + Duration::from_secs(seconds));
        let goes_on = |summary: &Summary| {
            let (blocks, violations) = (summary.heights, summary.violations.len());
            let message = format!("seeds, {blocks} blocks, {violations} violations");
            progress.at(summary.seeds, &message);
            let in_time = until.is_none_or(|until| Instant::now() < until);
            in_time && !interrupt.is_raised() && (self.keep_going || summary.violations.is_empty())
        };
        let draw = draw_of(self.twins);
        let summary = swarm(draw, first, seeds, self.threads, || (), goes_on);
        drop(progress);
        report::print(&summary, seeds, begun.elapsed(), self.twins, self.json);
        if summary.violations.is_empty() {
            return Ok(if interrupt.is_raised() {
                ExitCode::from(EXIT_INTERRUPTED)
            } else if summary.seeds < seeds.div_ceil(2) {
                ExitCode::from(EXIT_TOO_FEW)
            } else {
                ExitCode::SUCCESS
            });
        }
        if !self.json
            && let Some((seed, violation)) = summary.violations.first()
        {
            shorten(&draw(*seed), self.twins, violation);
        }
        Ok(ExitCode::FAILURE)
    }
}

fn replay(plan: &Plan, twins: bool, verbose: bool, shortens: bool) -> ExitCode {
    report::print_plan(plan);
    let outcome = run_plan(plan.clone(), verbose);
    report::print_outcome(&outcome);
    let Some(violation) = outcome.violation else {
        return ExitCode::SUCCESS;
    };
    if shortens {
        shorten(plan, twins, &violation);
    }
    ExitCode::FAILURE
}

/// Looks for the shortest list of faults that breaks the same promise, and says how to replay it.
fn shorten(plan: &Plan, twins: bool, violation: &Violation) {
    let mut progress = Progress::new(None);
    let best = shrink(plan, violation, SHRINK_RUNS, |faults| {
        progress.at(faults as u64, "faults left");
    });
    drop(progress);
    let left_out: Vec<String> = (0..plan.faults.len())
        .filter(|place| !best.faults.contains(&plan.faults[*place]))
        .map(|place| place.to_string())
        .collect();
    println!(
        "\nshortest list of faults found ({} of {}):",
        best.faults.len(),
        plan.faults.len()
    );
    for fault in &best.faults {
        println!("  {fault}");
    }
    let mut replay = report::replay_of(plan.seed, twins);
    if !left_out.is_empty() {
        replay.push_str(&format!(" --without {}", left_out.join(",")));
    }
    if best.weather != plan.weather {
        println!("it happens in a calm network too");
        replay.push_str(" --calm");
    }
    if best.byzantine != plan.byzantine {
        println!("nobody has to lie for it");
        replay.push_str(" --honest");
    }
    println!("replay: {replay} --verbose");
}

fn trace(first: u64, seeds: u64) -> ExitCode {
    let mut same = true;
    for seed in first..first + seeds {
        let runs: Vec<Outcome> = (0..2).map(|_| run_plan(Plan::of(seed), false)).collect();
        println!("{seed} {}", runs[0].trace);
        if runs[0].trace != runs[1].trace {
            println!("{seed} {} the second time", runs[1].trace);
            same = false;
        }
    }
    if same {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
