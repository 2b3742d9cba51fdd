//! What a seed draws: the network, its weather, who is Byzantine, and the list of faults.
//!
//! Swarm testing (Groce and others, 2012): each seed switches some kinds of fault off altogether, so that
//! rare combinations are not drowned by frequent ones. The list of faults is data: leaving faults out of it
//! and running the same seed again is how a failure is shrunk.

use std::fmt;

use talea_consensus::timeouts::TimeoutBounds;

use super::random::Random;

/// Milliseconds since 1970 at the start of every simulation: 2026-09-21 in the morning of New York.
pub const START_MS: u64 = 1_790_000_000_000;

/// How the network behaves between any two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weather {
    /// Messages lost, of a thousand.
    pub loss: u64,
    /// Messages that arrive twice, of a thousand.
    pub duplicate: u64,
    /// Shortest delay, milliseconds.
    pub delay_min: u64,
    /// Longest delay; messages overtake each other.
    pub delay_max: u64,
    /// Messages that take two seconds longer, of a thousand.
    pub stray: u64,
}

impl Weather {
    /// What the network is like once everything is healed.
    pub const CALM: Self = Self {
        loss: 0,
        duplicate: 0,
        delay_min: 1,
        delay_max: 12,
        stray: 0,
    };
}

/// How a Byzantine validator lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Behaviour {
    /// Votes for two values and tells each half another one.
    Equivocator,
    /// Keeps its batches from most others.
    Withholder,
    /// Lies about heights and serves forged blocks.
    LyingSyncer,
    /// Proposes blocks whose header is not what execution gives, or whose time is far off.
    WrongHeader,
    /// Says again what was true at another height: certificates, proposals, blocks.
    Stale,
    /// Sends as much as it can of what has to be decoded or verified.
    Flooder,
    /// Speaks in the names of others, and shows certificates that nobody signed.
    Forger,
    /// Loses its log with every restart and votes all the same.
    Amnesiac,
    /// Runs twice with the same keys, each half of the network seeing one of the two.
    Twins,
}

impl Behaviour {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Equivocator,
        Self::Withholder,
        Self::LyingSyncer,
        Self::WrongHeader,
        Self::Stale,
        Self::Flooder,
        Self::Forger,
        Self::Amnesiac,
        Self::Twins,
    ];
}

/// Something that goes wrong at a time. Nodes are named by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The power of a node fails between two of its next steps; unsynced bytes are torn.
    Crash {
        /// Whose.
        node: usize,
        /// After so many more of the things that it says.
        after: u32,
        /// Decides what is left of unsynced bytes.
        tear: u64,
        /// Until it is started again, milliseconds.
        down_ms: u64,
    },
    /// A process is killed; the machine goes on and keeps what was written.
    Kill {
        /// Whose.
        node: usize,
        /// Until it is started again, milliseconds.
        down_ms: u64,
    },
    /// A write or a sync of a node fails; its process ends.
    DiskFails {
        /// Whose.
        node: usize,
        /// Modulo 3 what fails: a write (0) or a sync (1), after a third of so many of them; or the disk is full (2), after
        /// a hundred times so many bytes.
        after: u64,
        /// Decides what is left of unsynced bytes.
        tear: u64,
    },
    /// A bit of a log flips while its node is down for a second.
    FlipBit {
        /// Whose.
        node: usize,
        /// Chooses file and bit.
        bit: u64,
    },
    /// A node loses everything on its disk.
    LoseDisk {
        /// Which.
        node: usize,
        /// Until it is started again, milliseconds.
        down_ms: u64,
    },
    /// Messages from one group to the other are lost.
    Cut {
        /// Places, as bits.
        group: u32,
        /// Only what leaves the group.
        one_way: bool,
        /// How long, milliseconds.
        lasts_ms: u64,
    },
    /// A cut that comes and goes.
    Flap {
        /// Places, as bits.
        group: u32,
        /// How long each state lasts, milliseconds.
        period_ms: u64,
        /// How long all of it lasts, milliseconds.
        lasts_ms: u64,
    },
    /// A node takes what arrives only now and then.
    Slow {
        /// Which.
        node: usize,
        /// How often, milliseconds.
        period_ms: u64,
        /// How long that lasts, milliseconds.
        lasts_ms: u64,
    },
    /// Worse weather for a while.
    Storm {
        /// Messages lost, of a thousand.
        loss: u64,
        /// Longest delay, milliseconds.
        delay_ms: u64,
        /// How long, milliseconds.
        lasts_ms: u64,
    },
    /// The clock of a node is far off for a while.
    ClockJump {
        /// Whose.
        node: usize,
        /// By how much, milliseconds.
        by_ms: i64,
        /// How long, milliseconds.
        lasts_ms: u64,
    },
    /// An older state is written over the data of a node, which comes back; what its signer remembers stays.
    SetBack {
        /// Whose.
        node: usize,
        /// How much later than it was copied, milliseconds.
        after_ms: u64,
        /// How long the node is down each time, milliseconds.
        down_ms: u64,
    },
    /// Every node is restarted, one after the other.
    RollingRestart {
        /// Between two, milliseconds.
        gap_ms: u64,
    },
    /// A new validator takes the place of one.
    Replace {
        /// Who leaves.
        leaving: usize,
    },
    /// A validator gets a new voting key.
    RotateKey {
        /// Whose.
        node: usize,
    },
}

impl FaultKind {
    /// Its name in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Crash { .. } => "crash",
            Self::Kill { .. } => "kill",
            Self::DiskFails { .. } => "disk_fails",
            Self::FlipBit { .. } => "flip_bit",
            Self::LoseDisk { .. } => "lose_disk",
            Self::SetBack { .. } => "set_back",
            Self::Cut { one_way: false, .. } => "cut",
            Self::Cut { one_way: true, .. } => "cut_one_way",
            Self::Flap { .. } => "flap",
            Self::Slow { .. } => "slow",
            Self::Storm { .. } => "storm",
            Self::ClockJump { .. } => "clock_jump",
            Self::RollingRestart { .. } => "rolling_restart",
            Self::Replace { .. } => "replace_validator",
            Self::RotateKey { .. } => "rotate_key",
        }
    }
}

/// A fault with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Milliseconds from the start.
    pub at: u64,
    /// What.
    pub kind: FaultKind,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:>6} ms  {:?}", self.at, self.kind)
    }
}

/// Everything that a seed decides beforehand.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where it comes from.
    pub seed: u64,
    /// How many validate at the beginning, 4 to 7.
    pub validators: usize,
    /// How many follow without voting.
    pub observers: usize,
    /// Bounds of the waits of every node.
    pub timeouts: TimeoutBounds,
    /// Shortest time between blocks, milliseconds.
    pub block_interval_ms: u64,
    /// Before everything heals.
    pub weather: Weather,
    /// How far each node's clock is off, milliseconds.
    pub skews: Vec<i64>,
    /// Who lies, and how.
    pub byzantine: Vec<(usize, Vec<Behaviour>)>,
    /// What goes wrong, by time.
    pub faults: Vec<Fault>,
    /// When everything heals, milliseconds.
    pub calm_at: u64,
    /// Between two transactions of clients, milliseconds.
    pub pace_ms: u64,
    /// Whether debts are collected besides payments.
    pub collections: bool,
}

impl Plan {
    /// The same in a network that loses and delays nothing.
    #[must_use]
    pub fn calm(&self) -> Self {
        Self {
            weather: Weather::CALM,
            ..self.clone()
        }
    }

    /// The same among validators none of which lies.
    #[must_use]
    pub fn honest(&self) -> Self {
        Self {
            byzantine: Vec::new(),
            ..self.clone()
        }
    }
}

/// How much of a kind of fault a seed has at most.
#[derive(Clone, Copy)]
enum Kind {
    Crash,
    Kill,
    DiskFails,
    Damage,
    Cut,
    Flap,
    Slow,
    Storm,
    Clock,
    Rolling,
    Members,
}

const KINDS: [Kind; 11] = [
    Kind::Crash,
    Kind::Kill,
    Kind::DiskFails,
    Kind::Damage,
    Kind::Cut,
    Kind::Flap,
    Kind::Slow,
    Kind::Storm,
    Kind::Clock,
    Kind::Rolling,
    Kind::Members,
];

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut random = Random::new(seed, "plan");
        let validators = random.one_of(&[4, 4, 4, 5, 6, 7]);
        let observers = random.position(2);
        let tolerated = (validators - 1) / 3;
        let calm_at = random.between(4_000, 12_000);

        let mut places: Vec<usize> = (0..validators).collect();
        shuffle(&mut places, &mut random);
        let liars = if random.chance(600) {
            random.between(1, tolerated as u64) as usize
        } else {
            0
        };
        let byzantine: Vec<(usize, Vec<Behaviour>)> = places[..liars]
            .iter()
            .map(|place| (*place, behaviours(&mut random)))
            .collect();
        // Who may lose or damage its disk, or have a clock that is wrong: with the liars no more than
        // are tolerated.
        let weak: Vec<usize> = places[liars..tolerated].to_vec();

        let propose_min = random.between(30, 250);
        let vote_min = random.between(15, 100);
        let timeouts = TimeoutBounds {
            propose_min,
            vote_min,
            propose_initial: propose_min * 3,
            vote_initial: vote_min * 3,
            max: 3_000,
        };
        let delay_max = random.one_of(&[3, 10, 30, 80, 150]);
        let weather = Weather {
            loss: random.one_of(&[0, 0, 10, 50, 150]),
            duplicate: random.one_of(&[0, 20, 100]),
            delay_min: 1,
            delay_max,
            stray: random.one_of(&[0, 0, 5, 20]),
        };
        let skews = (0..validators + observers + 2)
            .map(|_| i64::try_from(random.below(3_000)).unwrap_or(0) - 1_500)
            .collect();
        let mut plan = Self {
            seed,
            validators,
            observers,
            timeouts,
            block_interval_ms: random.between(60, 250),
            weather,
            skews,
            byzantine,
            faults: Vec::new(),
            calm_at,
            pace_ms: random.between(40, 400),
            collections: random.chance(500),
        };
        plan.draw_faults(&weak, &mut random);
        plan
    }

    fn draw_faults(&mut self, weak: &[usize], random: &mut Random) {
        let enabled: Vec<Kind> = KINDS.into_iter().filter(|_| random.chance(450)).collect();
        if enabled.is_empty() {
            return;
        }
        let count = random.between(1, 14);
        let mut members = false;
        for _ in 0..count {
            let at = random.between(200, self.calm_at - 200);
            let node = random.position(self.validators + self.observers);
            let lasts_ms = random.between(300, 4_000);
            let group = random.between(1, (1 << self.validators) - 2) as u32;
            let kind = match random.one_of(&enabled) {
                Kind::Crash => FaultKind::Crash {
                    node,
                    after: random.below(30) as u32,
                    tear: random.any(),
                    down_ms: random.between(20, 3_000),
                },
                Kind::Kill => FaultKind::Kill {
                    node,
                    down_ms: random.between(20, 3_000),
                },
                Kind::DiskFails => FaultKind::DiskFails {
                    node,
                    after: random.below(20),
                    tear: random.any(),
                },
                // At most one, below.
                Kind::Damage => continue,
                Kind::Cut => FaultKind::Cut {
                    group,
                    one_way: random.chance(400),
                    lasts_ms,
                },
                Kind::Flap => FaultKind::Flap {
                    group,
                    period_ms: random.between(50, 600),
                    lasts_ms,
                },
                Kind::Slow => FaultKind::Slow {
                    node,
                    period_ms: random.between(30, 900),
                    lasts_ms,
                },
                Kind::Storm => FaultKind::Storm {
                    loss: random.between(50, 500),
                    delay_ms: random.between(50, 800),
                    lasts_ms,
                },
                Kind::Clock => {
                    let Some(node) = weak.last().copied() else {
                        continue;
                    };
                    let by = random.between(2_000, 3_600_000) as i64;
                    FaultKind::ClockJump {
                        node,
                        by_ms: if random.chance(500) { by } else { -by },
                        lasts_ms,
                    }
                }
                Kind::Rolling => FaultKind::RollingRestart {
                    gap_ms: random.between(100, 800),
                },
                Kind::Members if members => continue,
                Kind::Members => {
                    members = true;
                    let node = random.position(self.validators);
                    if random.chance(600) {
                        FaultKind::Replace { leaving: node }
                    } else {
                        FaultKind::RotateKey { node }
                    }
                }
            };
            self.faults.push(Fault { at, kind });
        }
        let damage = enabled.iter().any(|kind| matches!(kind, Kind::Damage));
        if let Some(node) = weak.first().copied().filter(|_| damage) {
            let kind = if random.chance(500) {
                let down_ms = random.between(10, 1_500);
                FaultKind::LoseDisk { node, down_ms }
            } else {
                let bit = random.any();
                FaultKind::FlipBit { node, bit }
            };
            let at = random.between(500, self.calm_at - 200);
            self.faults.push(Fault { at, kind });
        }
        self.faults.sort_by_key(|fault| fault.at);
    }
}

/// One or two ways to lie.
fn behaviours(random: &mut Random) -> Vec<Behaviour> {
    let mut drawn = vec![random.one_of(&Behaviour::ALL)];
    if random.chance(400) {
        let second = random.one_of(&Behaviour::ALL);
        if !drawn.contains(&second) {
            drawn.push(second);
        }
    }
    drawn
}

fn shuffle(places: &mut [usize], random: &mut Random) {
    for at in (1..places.len()).rev() {
        places.swap(at, random.position(at + 1));
    }
}
