//! The waits of the running height. Time is what the host says it is.

use std::collections::BTreeMap;

use crate::timeouts::Step;

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Work, for the next height.
    Heartbeat,
    /// A step of a round.
    Step(Step, u32),
}

/// Deadlines, milliseconds.
#[derive(Debug, Default)]
pub struct Timers {
    deadlines: BTreeMap<Timer, u64>,
}

impl Timers {
    /// Waits until `deadline`, instead of what was set before.
    pub fn set(&mut self, timer: Timer, deadline: u64) {
        self.deadlines.insert(timer, deadline);
    }

    /// Ends a wait now, if it is still on.
    pub fn hasten(&mut self, timer: Timer, now: u64) {
        if let Some(deadline) = self.deadlines.get_mut(&timer) {
            *deadline = now.min(*deadline);
        }
    }

    /// Stops waiting.
    pub fn cancel(&mut self, timer: Timer) {
        self.deadlines.remove(&timer);
    }

    /// Stops waiting for anything.
    pub fn clear(&mut self) {
        self.deadlines.clear();
    }

    /// The earliest deadline.
    pub fn next(&self) -> Option<u64> {
        self.deadlines.values().min().copied()
    }

    /// Takes the timer that is due longest.
    pub fn take_due(&mut self, now: u64) -> Option<Timer> {
        let (timer, deadline) = self
            .deadlines
            .iter()
            .min_by_key(|(_, deadline)| **deadline)?;
        let timer = *timer;
        if *deadline > now {
            return None;
        }
        self.deadlines.remove(&timer);
        Some(timer)
    }
}
