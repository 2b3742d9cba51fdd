//! Everything as it comes, with quiet times between.

use super::field::Field;
use super::run::{Kind, event as event_of};

/// What is drawn; a proxy between the nodes would hide the namespaces from each other.
const KINDS: [Kind; 7] = [
    Kind::Kill,
    Kind::Stop,
    Kind::Disk,
    Kind::Partition,
    Kind::Clock,
    Kind::Backup,
    Kind::Byzantine,
];
/// Quiet times are long enough for processes to show how their memory grows.
const QUIET_MS: (u64, u64) = (2_000, 30_000);

/// One of the others.
pub(super) async fn event(field: &mut Field) -> anyhow::Result<String> {
    let kind = field.random.one_of(&KINDS);
    let name = event_of(kind, field).await?;
    let quiet = field.random.between(QUIET_MS.0, QUIET_MS.1);
    let end = tokio::time::Instant::now() + std::time::Duration::from_millis(quiet);
    while tokio::time::Instant::now() < end {
        field.sample_memory();
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    Ok(name)
}
