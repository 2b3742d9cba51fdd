//! Proposals against a naive model: random organisations propose, approve, veto and withdraw, and after
//! every block the same outcomes, the same open proposals and the same network. The model is written from
//! the README: an initiator never approves, an organisation counts once, more than a part of the voting
//! power and enough organisations are needed, a regulator may veto rule packs until they take effect.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use support::World;
use talea_types::{Outcome, ProposalId, operation::ChangeKind, time::DAY_MS};

const STEPS: usize = 500;
const VALIDATORS: [&str; 4] = ["alpha", "beta", "lapsing", "operator"];
/// Who runs a validator comes twice as often as others.
const AUTHORS: [&str; 11] = [
    "alpha",
    "beta",
    "lapsing",
    "operator",
    "alpha",
    "beta",
    "lapsing",
    "operator",
    "regulator",
    "agency",
    "monitor",
];

/// What a kind of change needs.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Needs {
    power: (u64, u64),
    organisations: usize,
    blocks: u64,
    time: u64,
}

#[derive(Clone, Debug)]
enum Change {
    /// The limit of a tier for one transaction.
    Limit(usize, u64),
    /// Version of a pack.
    Pack(u32),
    Policy(ChangeKind, Needs),
}

impl Change {
    fn kind(&self) -> ChangeKind {
        match self {
            Self::Limit(..) => ChangeKind::Limits,
            Self::Pack(_) => ChangeKind::RulePacks,
            Self::Policy(..) => ChangeKind::Policy,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Limit(tier, limit) => format!("tier {tier} CZK {limit} 1000 2000"),
            Self::Pack(version) => format!("pack policy {version} rules"),
            Self::Policy(kind, needs) => format!(
                "policy {} power {}/{} organisations {} notice {} {}ms",
                match kind {
                    ChangeKind::RulePacks => "packs",
                    _ => "limits",
                },
                needs.power.0,
                needs.power.1,
                needs.organisations,
                needs.blocks,
                needs.time
            ),
        }
    }
}

struct Open {
    by: &'static str,
    change: Change,
    height: u64,
    approve_by: u64,
    approvals: BTreeSet<&'static str>,
    accepted: Option<(u64, u64)>,
}

struct Naive {
    open: BTreeMap<ProposalId, Open>,
    limits: [Option<u64>; 2],
    pack: u32,
    needs: BTreeMap<ChangeKind, Needs>,
    /// How many changes of each kind took effect.
    effects: BTreeMap<ChangeKind, u64>,
}

impl Naive {
    fn new() -> Self {
        let needs = |kind| Needs {
            power: (2, 3),
            organisations: 2,
            blocks: 0,
            time: match kind {
                ChangeKind::RulePacks => 7 * DAY_MS,
                _ => 0,
            },
        };
        let kinds = [
            ChangeKind::RulePacks,
            ChangeKind::Limits,
            ChangeKind::Policy,
        ];
        Self {
            open: BTreeMap::new(),
            limits: [None, Some(100)],
            pack: 0,
            needs: kinds.map(|kind| (kind, needs(kind))).into(),
            effects: BTreeMap::new(),
        }
    }

    /// Whether the change could be made now.
    fn fault(&self, change: &Change) -> Option<Outcome> {
        match change {
            Change::Pack(version) if *version <= self.pack => Some(Outcome::PackVersion),
            Change::Policy(_, needs) if needs.organisations > 4 => Some(Outcome::PolicyInvalid),
            _ => None,
        }
    }

    fn begin_block(&mut self, height: u64, now: u64) {
        let is_due =
            |one: &Open| one.height <= height || (one.accepted.is_none() && one.approve_by < now);
        let due: Vec<ProposalId> = self
            .open
            .iter()
            .filter(|(_, one)| is_due(one))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            let one = self.open.remove(&id).unwrap();
            let needs = self.needs[&one.change.kind()];
            let Some((accepted, at)) = one.accepted else {
                continue;
            };
            let noticed = accepted + needs.blocks <= height && at + needs.time <= now;
            if !noticed || self.fault(&one.change).is_some() {
                continue;
            }
            *self.effects.entry(one.change.kind()).or_default() += 1;
            match one.change {
                Change::Limit(tier, limit) => self.limits[tier] = Some(limit),
                Change::Pack(version) => self.pack = version,
                Change::Policy(kind, needs) => {
                    self.needs.insert(kind, needs);
                }
            }
        }
    }

    fn propose(&mut self, height: u64, now: u64, open: &Open) -> Outcome {
        let needs = self.needs[&open.change.kind()];
        let may = VALIDATORS.contains(&open.by) || open.by == "regulator";
        let of_author = self.open.values().filter(|one| one.by == open.by);
        if !may {
            Outcome::NotPermitted
        } else if open.height < height + 1 + needs.blocks || open.approve_by <= now {
            Outcome::TimeOutOfRange
        } else if let Some(fault) = self.fault(&open.change) {
            fault
        } else if of_author.count() >= 8 {
            Outcome::ProposalsFull
        } else {
            Outcome::Applied
        }
    }

    fn approve(&mut self, height: u64, now: u64, id: ProposalId, by: &'static str) -> Outcome {
        let known = self.open.get_mut(&id);
        if !VALIDATORS.contains(&by) {
            return Outcome::NotPermitted;
        }
        let Some(one) = known else {
            return Outcome::ProposalUnknown;
        };
        let needs = self.needs[&one.change.kind()];
        if one.by == by {
            return Outcome::InitiatorApproves;
        }
        if one.approvals.contains(by) {
            return Outcome::AlreadyApproved;
        }
        if one.accepted.is_some() || height + needs.blocks > one.height {
            return Outcome::ProposalClosed;
        }
        one.approvals.insert(by);
        // Each of the four has a quarter of the power.
        let count = one.approvals.len();
        let power = count as u64 * needs.power.1 > 4 * needs.power.0;
        if power && count >= needs.organisations {
            one.accepted = Some((height, now));
        }
        Outcome::Applied
    }

    fn veto(&mut self, id: ProposalId, by: &'static str) -> Outcome {
        let kind = self.open.get(&id).map(|one| one.change.kind());
        if by != "regulator" || kind.is_some_and(|kind| kind != ChangeKind::RulePacks) {
            return Outcome::NotPermitted;
        }
        match self.open.remove(&id) {
            Some(_) => Outcome::Applied,
            None => Outcome::ProposalUnknown,
        }
    }

    fn withdraw(&mut self, id: ProposalId, by: &'static str) -> Outcome {
        match self.open.get(&id) {
            None => Outcome::ProposalUnknown,
            Some(one) if one.by != by => Outcome::NotPermitted,
            Some(_) => {
                self.open.remove(&id);
                Outcome::Applied
            }
        }
    }

    fn compare(&self, world: &World) {
        let found = world.ledger.proposals().map(|(id, one)| {
            let accepted = one.accepted.map(|(height, at)| (height, at.millis()));
            (*id, one.approvals.len(), accepted)
        });
        let expected = self.open.iter();
        let expected = expected.map(|(id, one)| (*id, one.approvals.len(), one.accepted));
        assert!(found.eq(expected));
        for (tier, limit) in world.ledger.network().tiers.iter().zip(self.limits) {
            let found = tier
                .limits
                .first()
                .map(|one| one.per_transaction.minor_units());
            assert_eq!(found, limit);
        }
        let pack = world.ledger.rule_packs().next();
        assert_eq!(pack.map_or(0, |(_, one)| one.version), self.pack);
        for (kind, needs) in &self.needs {
            let terms = world.ledger.governance().policy.terms(*kind);
            let found = Needs {
                power: (terms.power_numerator.into(), terms.power_denominator.into()),
                organisations: terms.organisations as usize,
                blocks: terms.notice_blocks,
                time: terms.notice_ms,
            };
            assert_eq!(found, *needs);
        }
    }
}

/// xorshift64*
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % end
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    fn change(&mut self, pack: u32) -> Change {
        match self.below(5) {
            0 | 1 => Change::Limit(self.below(2) as usize, 1 + self.below(99)),
            2 | 3 => Change::Pack((pack + self.below(3) as u32).max(1)),
            _ => {
                let kind = self.one_of(&[ChangeKind::RulePacks, ChangeKind::Limits]);
                let day = if kind == ChangeKind::RulePacks {
                    DAY_MS
                } else {
                    0
                };
                Change::Policy(
                    kind,
                    Needs {
                        power: self.one_of(&[(1, 2), (2, 3), (3, 4)]),
                        organisations: 1 + self.below(5) as usize,
                        blocks: self.below(4),
                        time: day + self.below(3) * 60_000,
                    },
                )
            }
        }
    }
}

fn run(seed: u64, seen: &mut BTreeMap<Outcome, u64>) -> BTreeMap<ChangeKind, u64> {
    let mut random = Random(seed);
    let mut world = World::new(true);
    let mut naive = Naive::new();
    let mut labels: Vec<String> = Vec::new();
    for step in 0..STEPS {
        if random.below(12) == 0 {
            world.next_time = world.next_time.plus_millis(random.below(4 * DAY_MS));
        }
        let (height, now) = (world.ledger.height() + 1, world.next_time.millis());
        naive.begin_block(height, now);
        let author = random.one_of(&AUTHORS);
        let recent = labels.len().saturating_sub(4);
        let label = labels.get(recent..).filter(|recent| !recent.is_empty());
        let label = label.map(|recent| recent[random.below(recent.len() as u64) as usize].clone());
        let choice = random.below(20);
        let (line, expected) = match label {
            Some(label) if choice >= 1 => {
                let id = ProposalId::made_by(world.transaction(&label));
                match choice {
                    3.. => (
                        format!("{author}: approve {label}"),
                        naive.approve(height, now, id, author),
                    ),
                    2 => (format!("{author}: veto {label}"), naive.veto(id, author)),
                    _ => (
                        format!("{author}: withdraw {label}"),
                        naive.withdraw(id, author),
                    ),
                }
            }
            _ => {
                let within = random.below(60) * random.one_of(&[2_000, DAY_MS, DAY_MS]);
                let heights = random.below(8) + random.one_of(&[0, 20, 80, 120]);
                let open = Open {
                    by: author,
                    change: random.change(naive.pack),
                    height: height + heights,
                    approve_by: now + within,
                    approvals: BTreeSet::new(),
                    accepted: None,
                };
                let expected = naive.propose(height, now, &open);
                let label = format!("p{step}");
                let line = format!(
                    "{author} as {label}: propose {} in {heights} within {within}ms",
                    open.change.text()
                );
                let outcome = world.step(&line).outcome;
                assert_eq!(outcome, expected, "seed {seed}, step {step}: {line}");
                *seen.entry(outcome).or_default() += 1;
                if outcome.is_applied() {
                    let id = ProposalId::made_by(world.transaction(&label));
                    naive.open.insert(id, open);
                    labels.push(label);
                }
                naive.compare(&world);
                continue;
            }
        };
        let outcome = world.step(&line).outcome;
        assert_eq!(outcome, expected, "seed {seed}, step {step}: {line}");
        *seen.entry(outcome).or_default() += 1;
        naive.compare(&world);
    }
    naive.effects
}

#[test]
fn every_outcome_is_that_of_the_model() {
    let mut seen = BTreeMap::new();
    let mut effects: BTreeMap<ChangeKind, u64> = BTreeMap::new();
    for seed in 1..=4 {
        for (kind, count) in run(seed, &mut seen) {
            *effects.entry(kind).or_default() += count;
        }
    }
    assert_eq!(
        effects.len(),
        3,
        "every kind of change took effect: {effects:?}"
    );
    for outcome in [
        Outcome::Applied,
        Outcome::NotPermitted,
        Outcome::TimeOutOfRange,
        Outcome::PackVersion,
        Outcome::PolicyInvalid,
        Outcome::ProposalUnknown,
        Outcome::InitiatorApproves,
        Outcome::AlreadyApproved,
        Outcome::ProposalClosed,
    ] {
        assert!(seen.contains_key(&outcome), "never seen: {outcome}");
    }
}
