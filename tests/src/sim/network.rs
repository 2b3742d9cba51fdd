//! The network between the machines: what is lost, late, doubled or cut.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Weather;
use super::random::Random;

/// Messages from one group that do not arrive in the other.
#[derive(Clone, Copy, Debug)]
struct Cut {
    group: u32,
    one_way: bool,
    /// How often it comes and goes, milliseconds; 0 for a steady one.
    period_ms: u64,
    from: u64,
    until: u64,
}

/// See the module.
pub struct Network {
    /// The weather where no storm is.
    pub weather: Weather,
    /// Connected machines, in both directions.
    pub links: BTreeSet<(usize, usize)>,
    cuts: Vec<Cut>,
    storms: Vec<(u64, Weather)>,
    slow: BTreeMap<usize, (u64, u64)>,
    random: Random,
    /// Messages that were lost.
    pub lost: u64,
    /// Messages that were sent.
    pub sent: u64,
}

impl Network {
    /// A network without cuts.
    #[must_use]
    pub fn new(weather: Weather, random: Random) -> Self {
        Self {
            weather,
            links: BTreeSet::new(),
            cuts: Vec::new(),
            storms: Vec::new(),
            slow: BTreeMap::new(),
            random,
            lost: 0,
            sent: 0,
        }
    }

    /// Ends everything that was wrong.
    pub fn heal(&mut self) {
        self.weather = Weather::CALM;
        self.cuts.clear();
        self.storms.clear();
        self.slow.clear();
    }

    /// Cuts a group off, steadily or now and then.
    pub fn cut(&mut self, now: u64, group: u32, one_way: bool, period_ms: u64, lasts_ms: u64) {
        self.cuts.push(Cut {
            group,
            one_way,
            period_ms,
            from: now,
            until: now + lasts_ms,
        });
    }

    /// Makes the weather worse for a while.
    pub fn storm(&mut self, now: u64, loss: u64, delay_ms: u64, lasts_ms: u64) {
        let weather = Weather {
            loss,
            delay_max: delay_ms,
            ..self.weather
        };
        self.storms.push((now + lasts_ms, weather));
    }

    /// Lets a machine take what arrives only now and then.
    pub fn slow(&mut self, now: u64, node: usize, period_ms: u64, lasts_ms: u64) {
        self.slow.insert(node, (period_ms, now + lasts_ms));
    }

    /// When copies of a message arrive; none if it is lost.
    pub fn arrivals(&mut self, now: u64, from: usize, to: usize) -> Vec<u64> {
        self.sent += 1;
        let storm = self.storms.iter().rev().find(|(until, _)| *until > now);
        let weather = storm.map_or(self.weather, |(_, weather)| *weather);
        if self.is_cut(now, from, to) || self.random.chance(weather.loss) {
            self.lost += 1;
            return Vec::new();
        }
        let copies = 1 + u64::from(self.random.chance(weather.duplicate));
        (0..copies)
            .map(|_| {
                let delay = self
                    .random
                    .between(weather.delay_min, weather.delay_max.max(1));
                let stray = if self.random.chance(weather.stray) {
                    2_000
                } else {
                    0
                };
                self.taken_at(to, now + delay + stray)
            })
            .collect()
    }

    /// When a machine takes what arrives at a time.
    fn taken_at(&self, node: usize, at: u64) -> u64 {
        match self.slow.get(&node) {
            Some((period, until)) if at < *until => (at / period + 1) * period,
            _ => at,
        }
    }

    fn is_cut(&self, now: u64, from: usize, to: usize) -> bool {
        let inside = |cut: &Cut, node: usize| cut.group & (1 << node) != 0;
        self.cuts
            .iter()
            .filter(|cut| now < cut.until)
            .filter(|cut| {
                cut.period_ms == 0 || ((now - cut.from) / cut.period_ms).is_multiple_of(2)
            })
            .any(|cut| match cut.one_way {
                true => inside(cut, from) && !inside(cut, to),
                false => inside(cut, from) != inside(cut, to),
            })
    }
}
