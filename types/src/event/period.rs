//! A period of a subject's history, shown complete: these events between two times, and no others.
//!
//! Nothing outside the period is disclosed but one event on either side, which shows where the period
//! ends: an event's time is never before that of the one before it. What lies further back is the head
//! of the chain there, what lies further on is a hash an event.

use super::{Event, EventChain};
use crate::{hash::Hash, subject::Subject, time::Timestamp};

/// What a subject's history holds between two times, with what connects it to the subject's object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Whose history.
    pub subject: Subject,
    /// First time in the period.
    pub from: Timestamp,
    /// First time after the period.
    pub to: Timestamp,
    /// Where the chain ends before `before`; empty when the period begins with the history.
    pub start: EventChain,
    /// The last event before the period.
    pub before: Option<Event>,
    /// The events of the period.
    pub events: Vec<Event>,
    /// The first event after the period.
    pub after: Option<Event>,
    /// The hashes of the events after `after`.
    pub later: Vec<Hash>,
}

/// Why events are not all of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// It ends before it begins, or after the state that should show it complete.
    #[error("the period from {from:?} to {to:?} is empty or ends after the block of {as_of:?}")]
    Bounds {
        /// Its begin.
        from: Timestamp,
        /// Its end.
        to: Timestamp,
        /// Time of the block whose state is used.
        as_of: Timestamp,
    },
    /// Earlier or later events are not accounted for.
    #[error("nothing shows where the period {0}")]
    OpenEnd(PeriodEnd),
    /// An event of somebody else.
    #[error("event {sequence} is of {found}, not of {expected}")]
    OtherSubject {
        /// Number of the event.
        sequence: u64,
        /// Whose history it should be.
        expected: Subject,
        /// Whose event it is.
        found: Subject,
    },
    /// An event is missing, doubled or out of order.
    #[error("event {expected} should follow, not {found}; events are missing or out of order")]
    Sequence {
        /// Number of the event that should be there.
        expected: u64,
        /// Number of the event that is.
        found: u64,
    },
    /// An event is on the wrong side of an end of the period.
    #[error("event {sequence} has a time at which it does not belong where it stands")]
    Time {
        /// Number of the event.
        sequence: u64,
    },
    /// More or fewer events than the state object says.
    #[error("the history has {found} events; the state object says {expected}")]
    Length {
        /// In the state object.
        expected: u64,
        /// That are accounted for.
        found: u64,
    },
    /// The right number of events, but not these.
    #[error("the events lead to head {computed}; the state object says {expected}")]
    Head {
        /// In the state object.
        expected: Hash,
        /// That the events lead to.
        computed: Hash,
    },
}

/// One end of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodEnd {
    /// The first time in it.
    Begin,
    /// The first time after it.
    End,
}

impl std::fmt::Display for PeriodEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Begin => "begins",
            Self::End => "ends",
        })
    }
}

impl Period {
    /// Cuts a period out of a whole history, which is in order.
    #[must_use]
    pub fn of_history(subject: Subject, history: &[Event], from: Timestamp, to: Timestamp) -> Self {
        let first = history.partition_point(|event| event.time < from);
        let end = history.partition_point(|event| event.time < to).max(first);
        let (earlier, rest) = history.split_at(first);
        let (events, rest) = rest.split_at(end.saturating_sub(first));
        let (before, earlier) = match earlier.split_last() {
            Some((before, earlier)) => (Some(before.clone()), earlier),
            None => (None, earlier),
        };
        let mut start = EventChain::default();
        for event in earlier {
            start.append(&hash_of(event));
        }
        let (after, later) = match rest.split_first() {
            Some((after, later)) => (Some(after.clone()), later),
            None => (None, rest),
        };
        Self {
            subject,
            from,
            to,
            start,
            before,
            events: events.to_vec(),
            after,
            later: later.iter().map(hash_of).collect(),
        }
    }

    /// Verifies that `events` are exactly what happened to the subject in the period, given what its
    /// state object holds after a block of time `as_of`.
    ///
    /// # Errors
    /// [`PeriodError`] with the first thing that does not hold.
    pub fn verify(&self, chain: &EventChain, as_of: Timestamp) -> Result<(), PeriodError> {
        let Self { from, to, .. } = *self;
        // The state holds what happened up to `as_of`, and that time too.
        if from >= to || to > as_of.plus_millis(1) {
            return Err(PeriodError::Bounds { from, to, as_of });
        }
        if self.before.is_none() && self.start.length() > 0 {
            return Err(PeriodError::OpenEnd(PeriodEnd::Begin));
        }
        if self.after.is_none() && !self.later.is_empty() {
            return Err(PeriodError::OpenEnd(PeriodEnd::End));
        }
        let mut walk = Walk {
            subject: self.subject,
            chain: self.start,
        };
        if let Some(event) = &self.before {
            walk.step(event, event.time < from)?;
        }
        let mut latest = from;
        for event in &self.events {
            walk.step(event, latest <= event.time && event.time < to)?;
            latest = event.time;
        }
        if let Some(event) = &self.after {
            walk.step(event, to <= event.time)?;
        }
        let mut reached = walk.chain;
        for event in &self.later {
            reached.append(event);
        }
        if reached.length() != chain.length() {
            return Err(PeriodError::Length {
                expected: chain.length(),
                found: reached.length(),
            });
        }
        if reached.head() != chain.head() {
            return Err(PeriodError::Head {
                expected: chain.head(),
                computed: reached.head(),
            });
        }
        Ok(())
    }
}

/// Along the chain, event by event.
struct Walk {
    subject: Subject,
    chain: EventChain,
}

impl Walk {
    fn step(&mut self, event: &Event, timely: bool) -> Result<(), PeriodError> {
        let expected = self.chain.length();
        let sequence = event.sequence;
        if event.subject != self.subject {
            return Err(PeriodError::OtherSubject {
                sequence,
                expected: self.subject,
                found: event.subject,
            });
        }
        if sequence != expected {
            return Err(PeriodError::Sequence {
                expected,
                found: sequence,
            });
        }
        if !timely {
            return Err(PeriodError::Time { sequence });
        }
        self.chain.append(&hash_of(event));
        Ok(())
    }
}

fn hash_of(event: &Event) -> Hash {
    Event::hash_of(&event.encode())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        event::{ClockAdvanced, EventDetail},
        ids::AccountId,
    };

    fn subject() -> Subject {
        Subject::Debtor(AccountId::from_bytes([7; 16]))
    }

    /// Events at these times; `what` tells events of one time apart.
    fn history(times: &[u64]) -> (Vec<Event>, EventChain) {
        let mut chain = EventChain::default();
        let mut events = Vec::new();
        for (sequence, time) in (0..).zip(times) {
            let event = event(sequence, *time, sequence + 1);
            chain.append(&hash_of(&event));
            events.push(event);
        }
        (events, chain)
    }

    fn event(sequence: u64, time: u64, what: u64) -> Event {
        Event {
            subject: subject(),
            sequence,
            height: time,
            time: Timestamp::from_millis(time),
            cause: None,
            detail: EventDetail::ClockAdvanced(ClockAdvanced { by_ms: what }).into(),
        }
    }

    fn period(events: &[Event], from: u64, to: u64) -> Period {
        let [from, to] = [from, to].map(Timestamp::from_millis);
        Period::of_history(subject(), events, from, to)
    }

    const AS_OF: Timestamp = Timestamp::from_millis(1_000);

    #[test]
    fn a_period_holds_its_events_and_one_on_either_side() {
        let (events, chain) = history(&[1, 2, 2, 3, 4, 5, 6]);
        let cut = period(&events, 2, 4);
        assert_eq!(cut.verify(&chain, AS_OF), Ok(()));
        assert_eq!(cut.before.as_ref(), events.first());
        assert_eq!(cut.events, events[1..4]);
        assert_eq!(cut.after.as_ref(), events.get(4));
        assert_eq!(cut.later.len(), 2);
        let cut = period(&events, 4, 6);
        assert_eq!(cut.start.length(), 3);
        assert_eq!(cut.verify(&chain, AS_OF), Ok(()));
    }

    #[test]
    fn empty_periods_and_empty_histories_are_complete_too() {
        let (events, chain) = history(&[10, 20]);
        for (from, to) in [(1, 5), (11, 20), (21, 90)] {
            let cut = period(&events, from, to);
            assert!(cut.events.is_empty());
            assert_eq!(cut.verify(&chain, AS_OF), Ok(()), "{from}..{to}");
        }
        let cut = period(&[], 1, 5);
        assert_eq!(cut.verify(&EventChain::default(), AS_OF), Ok(()));
    }

    #[test]
    fn a_period_that_has_not_passed_cannot_be_complete() {
        let (events, chain) = history(&[10, 20]);
        let as_of = Timestamp::from_millis(20);
        assert_eq!(period(&events, 1, 21).verify(&chain, as_of), Ok(()));
        for (from, to) in [(1, 22), (5, 5), (6, 5)] {
            let refused = period(&events, from, to).verify(&chain, as_of);
            assert!(matches!(refused, Err(PeriodError::Bounds { .. })));
        }
    }

    #[test]
    fn an_end_that_is_hidden_is_refused() {
        let (events, chain) = history(&[1, 2, 3, 4]);
        let mut cut = period(&events, 3, 4);
        cut.start.append(&hash_of(&cut.before.take().unwrap()));
        let refused = cut.verify(&chain, AS_OF);
        assert_eq!(refused, Err(PeriodError::OpenEnd(PeriodEnd::Begin)));
        let mut cut = period(&events, 1, 3);
        cut.later.insert(0, hash_of(&cut.after.take().unwrap()));
        let refused = cut.verify(&chain, AS_OF);
        assert_eq!(refused, Err(PeriodError::OpenEnd(PeriodEnd::End)));
    }

    #[derive(Clone, Debug)]
    enum Tampering {
        LeaveOut(usize),
        Add(usize, u64),
        Swap(usize, usize),
        Alter(usize, u64),
        Renumber(usize, u64),
        HideFirst,
        HideLast,
    }

    fn tampering() -> impl Strategy<Value = Tampering> {
        let index = 0usize..40;
        prop_oneof![
            index.clone().prop_map(Tampering::LeaveOut),
            (index.clone(), 1u64..99).prop_map(|(at, what)| Tampering::Add(at, what)),
            (index.clone(), index.clone()).prop_map(|(a, b)| Tampering::Swap(a, b)),
            (index.clone(), 100u64..999).prop_map(|(at, what)| Tampering::Alter(at, what)),
            (index, 0u64..99).prop_map(|(at, to)| Tampering::Renumber(at, to)),
            Just(Tampering::HideFirst),
            Just(Tampering::HideLast),
        ]
    }

    /// Does it; `false` when there is nothing to do it to, or it changes nothing.
    fn tamper(cut: &mut Period, how: &Tampering) -> bool {
        let original = cut.clone();
        let count = cut.events.len();
        match *how {
            Tampering::LeaveOut(at) if at < count => {
                cut.events.remove(at);
            }
            Tampering::Add(at, what) if at <= count => {
                let near = cut.events.get(at.min(count.saturating_sub(1)));
                let time = near.map_or(cut.from.millis(), |near| near.time.millis());
                let sequence = near.map_or(cut.start.length(), |near| near.sequence);
                cut.events.insert(at, event(sequence, time, what));
            }
            Tampering::Swap(a, b) if a < count && b < count => cut.events.swap(a, b),
            Tampering::Alter(at, what) if at < count => {
                let old = &cut.events[at];
                cut.events[at] = event(old.sequence, old.time.millis(), what);
            }
            Tampering::Renumber(at, to) if at < count => cut.events[at].sequence = to,
            // The first event of the period is passed off as the last one before it.
            Tampering::HideFirst if count > 0 => {
                if let Some(before) = &cut.before {
                    cut.start.append(&hash_of(before));
                }
                cut.before = Some(cut.events.remove(0));
            }
            // The last event of the period is passed off as the first one after it.
            Tampering::HideLast if count > 0 => {
                if let Some(after) = &cut.after {
                    cut.later.insert(0, hash_of(after));
                }
                cut.after = cut.events.pop();
            }
            _ => {}
        }
        *cut != original
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn whatever_is_tampered_with_is_caught(
            steps in prop::collection::vec(0u64..4, 1..40),
            from in 1u64..60,
            length in 1u64..60,
            how in tampering(),
        ) {
            let mut time = 1;
            let times: Vec<u64> = steps.iter().map(|step| { time += step; time }).collect();
            let (events, chain) = history(&times);
            let mut cut = period(&events, from, from + length);
            prop_assert_eq!(cut.verify(&chain, AS_OF), Ok(()));
            if tamper(&mut cut, &how) {
                prop_assert!(cut.verify(&chain, AS_OF).is_err(), "{:?}", how);
            }
        }
    }
}
