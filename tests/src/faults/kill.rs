//! `kill -9` at any moment.

use super::field::Field;

/// Of a hundred kills, so many take a second validator with the first: no quorum is left.
const BOTH: u64 = 15;

/// Kills one validator or two, and starts them again after a while.
pub(super) async fn event(field: &mut Field) -> anyhow::Result<String> {
    field.pause(50, 1_500).await;
    let both = field.random.chance(BOTH * 10);
    let mut victims = field.restartable();
    victims.truncate(if both { 2 } else { 1 });
    for victim in &victims {
        field.network.node(*victim).kill();
    }
    field.pause(0, 1_500).await;
    for victim in &victims {
        field.network.node(*victim).start()?;
    }
    field.until_progress().await?;
    let name = if both {
        "two validators killed"
    } else {
        "a validator killed"
    };
    Ok(name.to_owned())
}
