//! How far the clock moves between two waves of requests: by minutes or hours mostly, else by days, so that all
//! waves together take more than a year. Where clocks change, it moves slowly.

use talea_types::time::DAY_MS;

use super::{generator::Generator, naive::clock_changes};

const HOUR_MS: u64 = 3_600_000;
const MINUTE_MS: u64 = 60_000;
/// Over both changes of clocks of a year, and a month in which an agency's evaluation is too old.
const SPAN_MS: u64 = 400 * DAY_MS;
/// Around a change of clocks, on either side.
const NEAR_MS: u64 = DAY_MS;
/// One wave in so many is near each change.
const WAVES_NEAR: u64 = 10;
/// Waves that a change may take beside those: the jump to it is shorter, and some steps near it are.
const SPARE: u64 = 5;

/// See the module.
pub struct Calendar {
    end: u64,
    /// When clocks change in New York, milliseconds.
    changes: Vec<u64>,
    /// Waves near each change.
    near: u64,
}

impl Calendar {
    /// Of so many waves from a time on.
    pub fn new(start: u64, waves: u64) -> Self {
        let end = start + SPAN_MS;
        let years = [start, start + SPAN_MS / 2, end];
        let mut changes = Vec::new();
        for time in years {
            let (spring, autumn) = clock_changes((time / DAY_MS) as i64);
            // Two o'clock is seven in London in winter, six in summer.
            changes.push(spring as u64 * DAY_MS + 7 * HOUR_MS);
            changes.push(autumn as u64 * DAY_MS + 6 * HOUR_MS);
        }
        changes.sort_unstable();
        changes.dedup();
        changes.retain(|change| start < *change && *change < end);
        let near = (waves / WAVES_NEAR).max(1);
        Self { end, changes, near }
    }

    /// How many changes of clocks have passed.
    pub fn changes_before(&self, time: u64) -> usize {
        self.changes.partition_point(|change| *change <= time)
    }

    /// How far to move at a time, milliseconds, with so many waves to come.
    pub fn step(&self, random: &mut Generator, now: u64, waves_left: u64) -> u64 {
        let is_near = |change: &u64| now.abs_diff(*change) <= NEAR_MS;
        if self.changes.iter().any(is_near) {
            let average = 2 * NEAR_MS / self.near;
            return average * 3 / 4 + random.below(average / 2);
        }
        if !is_followed_by_jump(waves_left) {
            return (1 + random.below(90)) * MINUTE_MS;
        }
        let changes_left = self.changes.len() - self.changes_before(now);
        let slow_waves = changes_left as u64 * (self.near + SPARE);
        let others = 1..=waves_left.saturating_sub(slow_waves);
        let jumps_left = others.filter(|left| is_followed_by_jump(*left)).count();
        let left = self.end.saturating_sub(now);
        let jump = match jumps_left as u64 {
            0 | 1 => left,
            jumps => left / jumps / 2 + random.below(left / jumps + 1),
        };
        // No jump passes over a change.
        let next = self.changes.iter().find(|change| now < **change);
        let room = next.map_or(u64::MAX, |change| change - NEAR_MS - now);
        jump.max(MINUTE_MS).min(room)
    }
}

/// Two of five are, and the last is not: requests come after each.
const fn is_followed_by_jump(waves_left: u64) -> bool {
    matches!(waves_left % 5, 2 | 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22.
    const START: u64 = 20_779 * DAY_MS;

    #[test]
    fn a_run_of_any_length_passes_both_changes_slowly_and_lasts_a_year() {
        let runs = [50, 73, 500].into_iter();
        for (waves, seed) in runs.flat_map(|waves| (0..100).map(move |seed| (waves, seed))) {
            let mut random = Generator::new(seed);
            let calendar = Calendar::new(START, waves);
            let (mut now, mut near) = (START, 0);
            for wave in 0..waves {
                now += calendar.step(&mut random, now, waves - wave);
                let mut changes = calendar.changes.iter();
                near += u64::from(changes.any(|change| now.abs_diff(*change) <= NEAR_MS));
            }
            assert!(
                now >= START + 366 * DAY_MS,
                "{waves} waves, seed {seed}: the end is {now}"
            );
            assert_eq!(calendar.changes_before(now), 2);
            assert!(
                near >= waves / 10,
                "{waves} waves, seed {seed}: {near} near"
            );
        }
    }
}
