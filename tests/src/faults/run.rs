//! One run: a network, load, faults one after the other, and what is left at the end.

use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::field::{Field, Setup};
use super::memory::{SHOWN_AFTER, SOAK_JUDGES_AFTER};
use super::report::NOT_JUDGED;
use super::{
    Report, backup, byzantine, checks, clock, delay, disk, kill, lose, partition, soak, stop,
};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `kill -9` of one validator at any moment, sometimes of two.
    Kill,
    /// A validator is frozen, for moments or for longer than every time-out.
    Stop,
    /// A disk fills up, fails to write, loses power, or is slow.
    Disk,
    /// Cables are cut, packets lost, links slow.
    Partition,
    /// What validators say to each other comes late, in another order, or not at all.
    Delay,
    /// A validator's clock is wrong by up to an hour, or jumps.
    Clock,
    /// A validator is restored from an old copy of its data.
    Backup,
    /// A validator loses its disk.
    Lose,
    /// A validator lies.
    Byzantine,
    /// All of these, as they come.
    Soak,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Kill,
        Self::Stop,
        Self::Disk,
        Self::Partition,
        Self::Delay,
        Self::Clock,
        Self::Backup,
        Self::Lose,
        Self::Byzantine,
        Self::Soak,
    ];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Stop => "stop",
            Self::Disk => "disk",
            Self::Partition => "partition",
            Self::Delay => "delay",
            Self::Clock => "clock",
            Self::Backup => "backup",
            Self::Lose => "lose",
            Self::Byzantine => "byzantine",
            Self::Soak => "soak",
        }
    }

    const fn setup(self) -> Setup {
        Setup {
            namespaces: matches!(self, Self::Partition | Self::Soak),
            proxies: matches!(self, Self::Delay),
            clocks: matches!(self, Self::Clock | Self::Soak),
            volume: matches!(self, Self::Disk | Self::Soak),
        }
    }
}

/// The first of so many parts of a soak, after its rush, warms the processes up.
const WARM_UP_PART: u32 = 6;

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What goes wrong.
    pub kind: Kind,
    /// How often.
    pub count: u64,
    /// From which everything random follows.
    pub seed: u64,
    /// Ends after so long, whatever is left; the count does not matter to a soak.
    pub at_most: Option<Duration>,
}

/// Runs it. `goes_on` hears how many faults are done and what the newest was; when it says no, the run comes to its
/// checks and its report at once.
///
/// # Errors
/// [`Skipped`](super::Skipped) when this machine lacks something; otherwise what kept the run from coming to
/// its end. Broken promises are in the report.
pub async fn run(plan: Plan, mut goes_on: impl FnMut(u64, &str) -> bool) -> anyhow::Result<Report> {
    let begun = Instant::now();
    let mut field = Field::start(plan.seed, plan.kind.setup()).await?;
    if plan.kind == Kind::Soak {
        field.first_is_spared = true;
        let part = plan.at_most.unwrap_or_default() / WARM_UP_PART;
        field.warm_up.age = field.warm_up.age.max(part);
        let judges = plan.at_most.is_none_or(|at_most| at_most >= SHOWN_AFTER);
        soak::warm_up(&mut field, judges).await?;
    }
    field.report.kind = plan.kind.name().to_owned();
    let mut done = 0;
    let over = |done| match plan.at_most {
        Some(at_most) if begun.elapsed() >= at_most => true,
        Some(_) if plan.kind == Kind::Soak => false,
        _ => done >= plan.count,
    };
    let mut ended = Ok(());
    while !over(done) && !field.report.interrupted {
        let event = event(plan.kind, &mut field).await;
        ended = match event {
            Ok(fault) => {
                field.report.count(&fault);
                done += 1;
                field.report.interrupted = !goes_on(done, &fault);
                field.sample_memory().await;
                field.check_promises_so_far()
            }
            Err(error) => Err(error.context(format!("fault {}", done + 1))),
        };
        if ended.is_err() {
            break;
        }
    }
    if let Err(error) = ended {
        field.keep_logs();
        // Hours may have gone into what was seen until then.
        eprintln!("{}", checks::until_then(field, begun.elapsed()));
        return Err(error);
    }
    let mut report = checks::check(field)
        .await
        .context("the checks at the end")?;
    report.seconds = begun.elapsed().as_secs();
    if plan.kind == Kind::Soak && begun.elapsed() >= SOAK_JUDGES_AFTER && !report.is_memory_judged()
    {
        report.violations.push(NOT_JUDGED.to_owned());
    }
    Ok(report)
}

/// Lets something of a kind happen and end; gives its name.
pub(super) async fn event(kind: Kind, field: &mut Field) -> anyhow::Result<String> {
    match kind {
        Kind::Kill => kill::event(field).await,
        Kind::Stop => stop::event(field).await,
        Kind::Disk => disk::event(field).await,
        Kind::Partition => partition::event(field).await,
        Kind::Delay => delay::event(field).await,
        Kind::Clock => clock::event(field).await,
        Kind::Backup => backup::event(field).await,
        Kind::Lose => lose::event(field).await,
        Kind::Byzantine => byzantine::event(field).await,
        // It draws from the others, never from itself.
        Kind::Soak => Box::pin(soak::event(field)).await,
    }
}
