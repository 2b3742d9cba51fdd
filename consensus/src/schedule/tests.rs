//! The schedule as tables: one line a height, with the order of proposers and what was decided.

use super::*;

/// Runs heights from `since` on. `alive` says whether a validator proposes at a height.
fn table(powers: &[u64], since: u64, heights: u64, alive: impl Fn(usize, u64) -> bool) -> String {
    let mut schedule = Schedule::new(powers, since);
    let mut lines = Vec::new();
    let mut waiting: Vec<(u64, u32)> = Vec::new();
    for height in since..since + heights {
        if height >= since + 2 {
            let (height, round) = waiting.remove(0);
            schedule.record(height, round);
        }
        let order = schedule.order(height).to_vec();
        let round = order
            .iter()
            .position(|place| alive(*place, height))
            .expect("somebody is alive");
        let names: String = order
            .iter()
            .map(|place| char::from(b'A' + *place as u8))
            .collect();
        lines.push(format!("{height} {names} round {round}"));
        waiting.push((height, round as u32));
    }
    lines.join("\n")
}

#[test]
fn equal_powers_take_turns() {
    assert_eq!(
        table(&[1, 1, 1, 1], 1, 5, |_, _| true),
        "1 DABC round 0\n2 CDAB round 0\n3 BCDA round 0\n4 ABCD round 0\n5 DABC round 0"
    );
}

#[test]
fn turns_are_in_proportion_to_power() {
    let schedule = |height| turns::rotation(&[10, 20, 30, 5], &[0, 1, 2, 3], height)[0];
    let mut turns = [0; 4];
    for height in 0..130 {
        turns[schedule(height)] += 1;
    }
    assert_eq!(turns, [20, 40, 60, 10]);
}

#[test]
fn huge_powers_do_not_overflow() {
    let powers = vec![u64::from(u32::MAX) + 1; 128];
    let mixed: Vec<u64> = powers
        .iter()
        .enumerate()
        .map(|(place, power)| power - place as u64)
        .collect();
    for height in [0, 1, u64::MAX - 1, u64::MAX] {
        let members: Vec<usize> = (0..128).collect();
        assert_eq!(turns::rotation(&powers, &members, height).len(), 128);
        assert_eq!(turns::rotation(&mixed, &members, height).len(), 128);
    }
}

#[test]
fn a_silent_validator_goes_to_the_back_two_heights_later() {
    assert_eq!(
        table(&[1, 1, 1, 1], 1, 6, |place, _| place != 3),
        "1 DABC round 1\n2 CDAB round 0\n3 ABCD round 0\n4 BCAD round 0\n5 CABD round 0\n6 ABCD round 0"
    );
}

/// Heights in which `dead` was asked first.
fn misses(heights: u64, dead: usize) -> Vec<u64> {
    table(&[1, 1, 1, 1], 0, heights, |place, _| place != dead)
        .lines()
        .filter(|line| line.ends_with("round 1"))
        .map(|line| line.split(' ').next().unwrap().parse().unwrap())
        .collect()
}

#[test]
fn the_penalty_doubles_while_the_validator_stays_silent() {
    let misses = misses(2_048, 3);
    assert!(misses.len() <= 8, "{misses:?}");
    let gaps: Vec<u64> = misses.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (gap, least) in gaps.iter().zip([32, 64, 128, 256, 512, 1_024]) {
        assert!(*gap >= least && *gap <= least + 8, "{gaps:?}");
    }
}

#[test]
fn a_validator_that_returns_is_served_again() {
    let back = table(&[1, 1, 1, 1], 0, 200, |place, height| {
        place != 3 || height > 20
    });
    let turns = back.lines().filter(|line| line.contains(" D")).count();
    assert!(turns > 30, "D proposes again: {turns}");
    assert!(back.lines().skip(30).all(|line| line.ends_with("round 0")));
}

#[test]
fn history_gives_the_same_schedule_as_following() {
    let rounds = [0, 1, 0, 3, 0, 0, 2, 9, 0, 0, 1];
    let mut following = Schedule::new(&[3, 1, 2, 2, 1], 2_048);
    for (height, round) in (2_048..).zip(rounds) {
        following.record(height, round);
    }
    assert_eq!(
        following,
        Schedule::from_history(&[3, 1, 2, 2, 1], 2_048, rounds)
    );
}

#[test]
fn every_order_is_a_permutation() {
    let mut schedule = Schedule::new(&[1, 7, 2, 2, 9, 1], 0);
    let mut state = 1_u32;
    for height in 0..3_000 {
        let mut order = schedule.order(height).to_vec();
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2, 3, 4, 5]);
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        schedule.record(height, (state >> 16) % 11);
    }
}

#[test]
fn terms_and_sets_bound_the_history() {
    assert_eq!(Schedule::history_start(1, 1), 1);
    assert_eq!(Schedule::history_start(2_047, 1), 1);
    assert_eq!(Schedule::history_start(2_048, 1), 2_048);
    assert_eq!(Schedule::history_start(5_000, 4_500), 4_500);
    assert_eq!(Schedule::history_start(5_000, 100), 4_096);
}
