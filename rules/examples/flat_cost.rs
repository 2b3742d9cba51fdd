//! What a decision costs, whatever the length of the history: `cargo run --release -p talea-rules
//! --example flat_cost [DECISIONS]`. A debtor bound by every pack that comes with Talea; each history ends
//! at the same time, so that only its length differs.

#[path = "../tests/support/mod.rs"]
mod support;

use std::{env, hint::black_box, time::Instant};

use support::{World, contact};
use talea_rules::{Collector, Decision, Licence, Zone, decide, packs};
use talea_types::{
    Timestamp,
    conduct::{Channel, ContactResult},
};

/// 2026-06-01T16:00Z, noon in New York.
const NOW: u64 = 1_780_329_600_000;
const HOUR: u64 = 3_600_000;

fn main() {
    let decisions: u64 = env::args()
        .nth(1)
        .map_or(200_000, |text| text.parse().expect("a number of decisions"));
    let mut packs = packs::all().expect("packs are sound");
    for pack in &mut packs {
        pack.applies_to.residence.clear();
        pack.applies_to.governing_law.clear();
        for rule in &mut pack.rules {
            rule.residence.clear();
        }
    }
    let rules: usize = packs.iter().map(|pack| pack.rules.len()).sum();
    println!("{} packs, {rules} rules, two time zones", packs.len());
    for length in [10, 1_000, 100_000_u64] {
        let world = after(length);
        for (name, minute) in [("refused", 0), ("granted", 30 * 24 * 60)] {
            let begun = Instant::now();
            let mut allowed = 0_u64;
            for number in 0..decisions {
                let from = NOW + minute * 60_000 + number % 1_000;
                let time = Timestamp::from_millis(from);
                let mut proposed = contact(Channel::VoiceCall, time, time.plus_millis(HOUR));
                proposed.recorded = true;
                let verdict = decide(black_box(&packs), &proposed, &world.facts());
                allowed += u64::from(verdict.decision == Decision::Allow);
            }
            let nanos = begun.elapsed().as_nanos() / u128::from(decisions.max(1));
            let per_second = 1_000_000_000 / nanos.max(1);
            println!(
                "{length:>7} earlier contacts, {name}: {per_second:>8} decisions/s, {nanos} ns each \
                 ({allowed} of {decisions} allowed)"
            );
        }
    }
}

/// A debtor after so many calls, one every four hours.
fn after(length: u64) -> World {
    let mut world = World::new();
    world.zones = ["America/Los_Angeles", "America/New_York"]
        .map(|name| Zone::find(name).expect("a zone"))
        .to_vec();
    world.collector = Collector::ThirdParty;
    world.licence = Some(Licence {
        jurisdiction: "US".parse().expect("a place"),
        valid_until: None,
        listed_publicly: true,
        evaluated_at: Some(Timestamp::from_millis(NOW)),
    });
    world.notices = vec![talea_rules::ServedNotice {
        notice: talea_types::conduct::Notice::Placement,
        at: Timestamp::from_millis(NOW - 100 * 24 * HOUR),
    }];
    for back in (1..=length).rev() {
        let at = Timestamp::from_millis(NOW - back * 4 * HOUR);
        let permit = contact(Channel::VoiceCall, at, at.plus_millis(HOUR));
        let result = ContactResult::ALL[(back % 3) as usize];
        world.count(&permit, true, Some((result, at)));
    }
    world
}
