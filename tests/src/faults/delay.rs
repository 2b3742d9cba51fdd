//! Slow, uneven and broken connections, without any right beyond that of a user.

use anyhow::Context as _;

use super::field::{Field, VALIDATORS};
use super::proxy::{Proxies, Weather};

/// Bad weather between some validators for a while.
pub(super) async fn event(field: &mut Field) -> anyhow::Result<String> {
    let victim = field.any_validator();
    let most = field.random.between(20, 400);
    let pairs: Vec<(usize, usize)> = (0..VALIDATORS)
        .flat_map(|one| (0..one).map(move |other| (one, other)))
        .collect();
    let of_victim = |(one, other): &(usize, usize)| [*one, *other].contains(&victim);
    let delay = |least, most| Weather {
        delay_ms_min: least,
        delay_ms_max: most,
        stalled: false,
    };
    let kind = field.random.below(5);
    let proxies = proxies(field)?;
    let name = match kind {
        0 => {
            pairs
                .iter()
                .for_each(|(one, other)| proxies.set(*one, *other, delay(0, most)));
            "everything comes up to 400 ms late, unevenly"
        }
        1 => {
            let far = pairs.iter().filter(|pair| of_victim(pair));
            far.for_each(|(one, other)| proxies.set(*one, *other, delay(most, 4 * most)));
            "one validator is up to 1.6 s away"
        }
        2 => {
            let stalled = Weather {
                stalled: true,
                ..Weather::default()
            };
            let far = pairs.iter().filter(|pair| of_victim(pair));
            far.for_each(|(one, other)| proxies.set(*one, *other, stalled));
            "connections of one validator hang"
        }
        3 => {
            let number = pairs.len() as u64;
            for (place, (one, other)) in pairs.iter().enumerate() {
                proxies.set(*one, *other, delay(0, most * (place as u64 + 1) / number));
            }
            "every pair has a delay of its own"
        }
        _ => {
            for (one, other) in &pairs {
                proxies.break_between(*one, *other);
            }
            "all connections break at once"
        }
    };
    field.pause(500, 6_000).await;
    let proxies = self::proxies(field)?;
    for (one, other) in pairs {
        proxies.set(one, other, Weather::default());
    }
    field.until_progress().await?;
    Ok(name.to_owned())
}

fn proxies(field: &Field) -> anyhow::Result<&Proxies> {
    field.proxies.as_ref().context("the run has proxies")
}
