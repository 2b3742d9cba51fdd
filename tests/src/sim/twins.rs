//! Scenarios in the manner of Twins (Bano and others, OPODIS 2021): four validators, one of which exists twice
//! with the same keys, says two things at once or forgets what it said, while the network is parted anew again
//! and again, about as often as a round takes. Small, so that many of them can be run.

use super::plan::{Behaviour, Fault, FaultKind, Plan, Weather};
use super::random::Random;

impl Plan {
    /// The Twins scenario of a seed.
    #[must_use]
    pub fn twins(seed: u64) -> Self {
        let mut random = Random::new(seed, "twins");
        let liar = random.position(4);
        let behaviour = random.one_of(&[
            Behaviour::Twins,
            Behaviour::Twins,
            Behaviour::Equivocator,
            Behaviour::Amnesiac,
        ]);
        let calm_at = random.between(800, 2_400);
        let mut plan = Self {
            validators: 4,
            observers: 0,
            weather: Weather {
                delay_max: random.one_of(&[3, 10, 30]),
                ..Weather::CALM
            },
            skews: vec![0; 6],
            byzantine: vec![(liar, vec![behaviour])],
            faults: Vec::new(),
            calm_at,
            pace_ms: random.between(100, 400),
            collections: false,
            block_interval_ms: random.between(40, 120),
            ..Self::of(seed)
        };
        let mut at = random.between(50, 200);
        while at < calm_at {
            let lasts_ms = random.between(40, 400);
            plan.faults.push(Fault {
                at,
                kind: FaultKind::Cut {
                    group: random.between(1, (1 << 4) - 2) as u32,
                    one_way: random.chance(200),
                    lasts_ms,
                },
            });
            if behaviour == Behaviour::Amnesiac && random.chance(400) {
                plan.faults.push(Fault {
                    at,
                    kind: FaultKind::Kill {
                        node: liar,
                        down_ms: random.between(5, 200),
                    },
                });
            }
            at += random.between(lasts_ms / 2, lasts_ms + 50);
        }
        plan
    }
}
