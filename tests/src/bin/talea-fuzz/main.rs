//! Hands changed inputs to every decoder of bytes from outside, and says what came of it: executions,
//! panics, memory. The same seed hands out the same inputs.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use talea_tests::fuzz::{self, CountingAllocator, Report, Target};
use talea_tests::long_run::{EXIT_INTERRUPTED, Interrupt};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Fuzzes decoders. Who ends it early (Ctrl-C) gets what was run; the exit code is then 3.
///
/// Example: `cargo run --release -p talea-tests --bin talea-fuzz -- transaction --executions 1000000`
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Targets; all of them when none is named.
    targets: Vec<String>,
    /// Inputs for each target.
    #[arg(long, default_value_t = 100_000)]
    executions: u64,
    /// What the inputs follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Longest time of one target, seconds. A run that it ends says how many inputs it had.
    #[arg(long, default_value_t = 86_400)]
    seconds: u64,
    /// Names the targets.
    #[arg(long)]
    list: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Writes the seeds of each target as files in a folder of its name, for libFuzzer.
    #[arg(long, value_name = "DIR")]
    write_seeds: Option<std::path::PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let targets = chosen(&arguments.targets)?;
    if arguments.list {
        targets
            .iter()
            .for_each(|target| println!("{}", target.name));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(directory) = &arguments.write_seeds {
        write_seeds(&targets, directory)?;
        return Ok(ExitCode::SUCCESS);
    }
    let interrupt = Interrupt::listen()?;
    // A panic is counted and shown with its input.
    std::panic::set_hook(Box::new(|_| {}));
    let time = Duration::from_secs(arguments.seconds);
    let mut reports = Vec::new();
    if !arguments.json {
        println!(
            "{:<22}{:>12}{:>11}{:>8}{:>8}{:>9}{:>20}{:>9}",
            "target",
            "executions",
            "taken",
            "panics",
            "above",
            "memory",
            "most bytes held",
            "seconds"
        );
    }
    for target in &targets {
        let begun = Instant::now();
        let goes_on = || begun.elapsed() < time && !interrupt.is_raised();
        let report = fuzz::run(target, arguments.executions, arguments.seed, goes_on);
        if !arguments.json {
            print(&report);
        }
        reports.push(report);
        if interrupt.is_raised() {
            break;
        }
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&reports)?);
    }
    let bad = reports.iter().filter(|report| !report.is_good()).count();
    anyhow::ensure!(bad == 0, "{bad} of {} targets broke a rule", reports.len());
    Ok(match interrupt.is_raised() {
        true => ExitCode::from(EXIT_INTERRUPTED),
        false => ExitCode::SUCCESS,
    })
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<Target>> {
    if names.is_empty() {
        return Ok(fuzz::targets());
    }
    let find = |name: &String| {
        let target = fuzz::target(name);
        target.ok_or_else(|| anyhow::anyhow!("{name} is no target; --list names them"))
    };
    names.iter().map(find).collect()
}

fn write_seeds(targets: &[Target], directory: &std::path::Path) -> anyhow::Result<()> {
    for target in targets {
        let folder = directory.join(target.name);
        std::fs::create_dir_all(&folder)?;
        for (number, seed) in (target.seeds)().iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:03}")), seed)?;
        }
    }
    Ok(())
}

fn print(report: &Report) {
    println!(
        "{:<22}{:>12}{:>11}{:>8}{:>8}{:>8}%{:>20}{:>9}",
        report.target,
        report.executions,
        report.taken,
        report.panics,
        report.above_bound,
        report.memory_percent,
        format!("{} of {}", report.bytes_held_max, report.bytes_held_length),
        format!(
            "{}.{}",
            report.elapsed_ms / 1_000,
            report.elapsed_ms % 1_000 / 100
        ),
    );
    for failure in &report.failures {
        const SHOWN: usize = 400;
        let is_cut = failure.input.len() > SHOWN;
        let shown = failure.input.get(..SHOWN).unwrap_or(&failure.input);
        println!(
            "  {}\n    {shown}{}",
            failure.what,
            if is_cut { "..." } else { "" }
        );
    }
}
