//! Cut cables, one-way silence, halves, lost packets, slow links.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use super::PATIENCE;
use super::field::{Field, VALIDATORS};
use super::metrics::figures;
use super::namespaces::{Drops, Namespaces};

/// Everybody, a bit each.
const ALL: u8 = (1 << VALIDATORS) - 1;

/// Something is wrong with the network for a while; counts the rounds from its end to the next block.
pub(super) async fn event(field: &mut Field) -> anyhow::Result<String> {
    field.pause(50, 800).await;
    let victim = field.any_validator();
    let kind = field.random.below(8);
    let share = u32::try_from(field.random.between(5, 40))?;
    let rate = u32::try_from(field.random.between(100, 2_000))?;
    let flaps = field.random.between(2, 5);
    let name = match kind {
        0 => {
            isolate(cables(field)?, victim)?;
            "a validator cut off"
        }
        1 => {
            cables(field)?.drop_at(victim, Drops::From(ALL))?;
            "a validator that hears nobody"
        }
        2 => {
            let others = (0..VALIDATORS).filter(|other| *other != victim);
            for other in others {
                cables(field)?.drop_at(other, Drops::From(1 << victim))?;
            }
            "a validator that nobody hears"
        }
        3 => {
            halves(cables(field)?, victim)?;
            "two halves without a quorum"
        }
        4 => {
            cables(field)?.drop_at(victim, Drops::Share(share))?;
            "packets to a validator lost, 5 to 40 of 100"
        }
        5 => {
            for index in 0..VALIDATORS {
                cables(field)?.drop_at(index, Drops::Share(share / 4 + 1))?;
            }
            "packets of all lost, up to 11 of 100"
        }
        6 => {
            cables(field)?.slow_down(victim, rate)?;
            "a link of 100 to 2,000 kbit/s"
        }
        _ => {
            for _ in 0..flaps {
                cables(field)?.unplug(victim)?;
                field.pause(100, 700).await;
                cables(field)?.heal()?;
                field.pause(100, 700).await;
            }
            cables(field)?.unplug(victim)?;
            "a cable pulled, again and again"
        }
    };
    field.pause(500, 6_000).await;
    cables(field)?.heal()?;
    count_rounds(field).await?;
    field.until_progress().await?;
    Ok(name.to_owned())
}

fn cables(field: &Field) -> anyhow::Result<&Namespaces> {
    field.namespaces.as_ref().context("the run has namespaces")
}

fn isolate(cables: &Namespaces, victim: usize) -> anyhow::Result<()> {
    cables.drop_at(victim, Drops::From(ALL))?;
    for other in (0..VALIDATORS).filter(|other| *other != victim) {
        cables.drop_at(other, Drops::From(1 << victim))?;
    }
    Ok(())
}

fn halves(cables: &Namespaces, victim: usize) -> anyhow::Result<()> {
    let half = 1 << victim | 1 << ((victim + 1) % VALIDATORS);
    for index in 0..VALIDATORS {
        let others = if half & (1 << index) == 0 {
            half
        } else {
            ALL & !half
        };
        cables.drop_at(index, Drops::From(others))?;
    }
    Ok(())
}

/// Rounds from now until the next block, by the round in which it is decided.
async fn count_rounds(field: &mut Field) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut place = (0, 0);
    for index in 0..VALIDATORS {
        place = place.max(place_of(field, index).await.unwrap_or_default());
    }
    let (height, round) = place;
    let decided = loop {
        ensure!(begun.elapsed() < PATIENCE, "no block after height {height}");
        let mut found = None;
        for index in 0..VALIDATORS {
            let block = field.client(index)?.block(height + 1).await;
            found = found.or(block.ok().map(|block| block.certificate.round));
        }
        match found {
            Some(round) => break round,
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    let rounds = u64::from(decided).saturating_sub(round);
    let most = &mut field.report.recovery_rounds_max;
    *most = (*most).max(Some(rounds));
    Ok(())
}

/// The height and round of a node, from its metrics.
async fn place_of(field: &Field, index: usize) -> Option<(u64, u64)> {
    let address = field.network.nodes()[index].entry().metrics;
    let [height, round] = figures(address, ["talea_height", "talea_round"]).await?;
    Some((height as u64, round as u64))
}
