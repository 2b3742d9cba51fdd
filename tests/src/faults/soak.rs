//! Everything as it comes, with quiet times between.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::PATIENCE;
use super::field::Field;
use super::run::{Kind, event as event_of};

/// What is drawn; a proxy between the nodes would hide the namespaces from each other.
const KINDS: [Kind; 8] = [
    Kind::Kill,
    Kind::Stop,
    Kind::Disk,
    Kind::Partition,
    Kind::Clock,
    Kind::Backup,
    Kind::Lose,
    Kind::Byzantine,
];
/// Quiet times are long enough for processes to show how their memory grows.
const QUIET_MS: (u64, u64) = (2_000, 30_000);

/// The rush of a soak that is too short to judge anybody's memory.
const SHORT_RUSH: u64 = 2_000;

/// Time between two looks at a rush.
const LOOK: Duration = Duration::from_millis(500);

/// A rush of payments that fills all caches: how full they are is a matter of volume, and at the pace of the rest it
/// would take an hour. Where nobody can be judged it is short.
pub(super) async fn warm_up(field: &mut Field, judges: bool) -> anyhow::Result<()> {
    field.sample_memory().await;
    let rush = match judges {
        true => field.warm_up.payments,
        false => SHORT_RUSH,
    };
    let end = field.load.acknowledged() + rush;
    field.load.hurry(true);
    let mut last = (field.load.acknowledged(), Instant::now());
    while field.load.acknowledged() < end {
        field.check_promises_so_far()?;
        if field.load.acknowledged() > last.0 {
            last = (field.load.acknowledged(), Instant::now());
        }
        ensure!(
            last.1.elapsed() < PATIENCE,
            "of the rush, {} payments were acknowledged and no more",
            last.0
        );
        tokio::time::sleep(LOOK).await;
    }
    field.load.hurry(false);
    Ok(())
}

/// One of the others.
pub(super) async fn event(field: &mut Field) -> anyhow::Result<String> {
    let kind = field.random.one_of(&KINDS);
    let name = event_of(kind, field).await?;
    let quiet = field.random.between(QUIET_MS.0, QUIET_MS.1);
    let end = tokio::time::Instant::now() + Duration::from_millis(quiet);
    while tokio::time::Instant::now() < end {
        field.sample_memory().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(name)
}
