//! Which rules of consensus acted in a run: listens to what [`talea_consensus::rules`] says.

use std::cell::RefCell;
use std::fmt;
use std::sync::Once;

use talea_consensus::rules::{RULES, TARGET};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

/// How often each rule acted, in the order of [`RULES`].
pub type RuleCounts = [u64; RULES.len()];

thread_local! {
    static ACTED: RefCell<RuleCounts> = const { RefCell::new([0; RULES.len()]) };
}

/// Begins to count on this thread, from nothing.
pub fn begin() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Where somebody else listens already, nothing is counted: a report without rules, no wrong one.
        let _ = tracing::subscriber::set_global_default(Listener);
    });
    ACTED.set([0; RULES.len()]);
}

/// What was counted on this thread since it began.
pub fn counted() -> RuleCounts {
    ACTED.with_borrow(|counts| *counts)
}

struct Listener;

impl Subscriber for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        match self.enabled(metadata) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Counter);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Counter;

impl Visit for Counter {
    fn record_str(&mut self, _: &Field, rule: &str) {
        if let Some(place) = RULES.iter().position(|known| *known == rule) {
            ACTED.with_borrow_mut(|counts| counts[place] += 1);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
