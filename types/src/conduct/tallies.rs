//! Bounded counters of contacts: the newest [`TALLY_ENTRIES_MAX`] of each kind, so that the cost of a
//! decision does not depend on the length of a history. One each for a person (in its debtor object), a
//! case (in its object), a debt and a contact point (objects of their own).
//!
//! A permit reserves a *slot*: the contact may happen at any of its milliseconds. When the permit is
//! closed, the slot shrinks to the moment of the contact; a permit that is never closed stays a slot and
//! counts for all of it.
//!
//! Kept true: rings are ascending by kind, none is empty, none is longer than the limit, slots ascend by
//! start; a slot is never longer than a permit can be.

use crate::{
    conduct::{Channel, ContactResult, Initiator},
    decode::DecodeError,
    encode::FieldWriter,
    limits::{FAILURES_KEPT_MAX, PERMIT_WINDOW_MS_MAX, TALLY_ENTRIES_MAX},
    state::canonical_object,
    time::Timestamp,
    wire,
};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TallyMeasure {
    /// Calls, answered or not.
    CallAttempted,
    /// Calls that somebody answered.
    CallConnected,
    /// Effective conversations by call.
    Conversation,
    /// Electronic messages.
    Message,
    /// Visits.
    Visit,
    /// Effective conversations in person. Laws that limit calls do not count them: 12 CFR 1006.14(b)(2)(i)(B)
    /// says "telephone conversation", GB/T 45251-2025, 5.3 voice calls.
    Meeting,
}

impl TallyMeasure {
    const ALL: [Self; 6] = [
        Self::CallAttempted,
        Self::CallConnected,
        Self::Conversation,
        Self::Message,
        Self::Visit,
        Self::Meeting,
    ];
}

/// A kind of contacts that is counted by itself, so that a flood of one kind cannot push another out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TallyKind {
    /// What is counted.
    pub measure: TallyMeasure,
    /// Whether a machine spoke.
    pub automated: bool,
    /// Whether the debtor began it.
    pub by_debtor: bool,
    /// Whether the debtor had consented at most
    /// [`CONSENT_FRESH_DAYS`](crate::limits::CONSENT_FRESH_DAYS) days before.
    pub consented: bool,
}

impl TallyKind {
    fn number(self) -> u32 {
        let measure = match self.measure {
            TallyMeasure::CallAttempted => 8,
            TallyMeasure::CallConnected => 16,
            TallyMeasure::Conversation => 24,
            TallyMeasure::Message => 32,
            TallyMeasure::Visit => 40,
            TallyMeasure::Meeting => 48,
        };
        measure
            | u32::from(self.automated) << 2
            | u32::from(self.by_debtor) << 1
            | u32::from(self.consented)
    }

    /// All that there are.
    pub fn all() -> impl Iterator<Item = Self> {
        let measures = TallyMeasure::ALL.into_iter();
        measures.flat_map(|measure| {
            (0_u32..8).map(move |bits| Self {
                measure,
                automated: bits & 4 != 0,
                by_debtor: bits & 2 != 0,
                consented: bits & 1 != 0,
            })
        })
    }

    fn from_number(number: u32) -> Option<Self> {
        Self::all().find(|kind| kind.number() == number)
    }

    /// How a contact by this channel counts before anything is known of its result; none for letters.
    #[must_use]
    pub fn of_attempt(channel: Channel, initiator: Initiator, consented: bool) -> Option<Self> {
        let measure = match channel {
            Channel::VoiceCall | Channel::AutomatedCall => TallyMeasure::CallAttempted,
            Channel::TextMessage | Channel::Email | Channel::AppMessage => TallyMeasure::Message,
            Channel::Visit => TallyMeasure::Visit,
            Channel::Letter => return None,
        };
        Some(Self {
            measure,
            automated: channel == Channel::AutomatedCall,
            by_debtor: initiator == Initiator::Debtor,
            consented,
        })
    }
}

/// When a contact happened or may happen: every millisecond from `from` to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// First millisecond.
    pub from: Timestamp,
    /// Last millisecond; not before the first.
    pub last: Timestamp,
}

impl Slot {
    /// A moment.
    #[must_use]
    pub const fn at(time: Timestamp) -> Self {
        Self {
            from: time,
            last: time,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Ring {
    kind: TallyKind,
    slots: Vec<Slot>,
}

/// With room for one more slot: a copy is made to count a contact.
impl Clone for Ring {
    fn clone(&self) -> Self {
        let mut slots = Vec::with_capacity(self.slots.len().saturating_add(1));
        slots.extend_from_slice(&self.slots);
        Self {
            kind: self.kind,
            slots,
        }
    }
}

/// The newest contacts of a person, a debt, a contact point or a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactTallies {
    rings: Vec<Ring>,
    failures: Vec<Timestamp>,
    contact_point_invalid: bool,
}

impl ContactTallies {
    /// The slots of a kind that are kept, ascending by start.
    #[must_use]
    pub fn slots(&self, kind: TallyKind) -> &[Slot] {
        self.rings
            .binary_search_by_key(&kind.number(), |ring| ring.kind.number())
            .ok()
            .and_then(|index| self.rings.get(index))
            .map_or(&[], |ring| &ring.slots)
    }

    /// When the first calls of the current run of unanswered ones were made, ascending; at most
    /// [`FAILURES_KEPT_MAX`].
    #[must_use]
    pub fn failures(&self) -> &[Timestamp] {
        &self.failures
    }

    /// Whether the last call found that the number is not in use.
    #[must_use]
    pub const fn contact_point_invalid(&self) -> bool {
        self.contact_point_invalid
    }

    /// Counts a permit that was granted.
    pub fn reserve(&mut self, channel: Channel, consented: bool, slot: Slot) {
        if let Some(kind) = TallyKind::of_attempt(channel, Initiator::Collector, consented) {
            self.insert(kind, slot);
        }
    }

    /// Forgets a permit that was taken back before its slot began.
    pub fn release(&mut self, channel: Channel, consented: bool, slot: Slot) {
        if let Some(kind) = TallyKind::of_attempt(channel, Initiator::Collector, consented) {
            self.remove(kind, slot);
        }
    }

    /// Counts what came of a permit: its slot becomes the moment of the contact.
    pub fn settle(
        &mut self,
        channel: Channel,
        consented: bool,
        slot: Slot,
        result: ContactResult,
        at: Timestamp,
    ) {
        if let Some(kind) = TallyKind::of_attempt(channel, Initiator::Collector, consented) {
            self.remove(kind, slot);
            self.insert(kind, Slot::at(at));
        }
        self.count_result(channel, Initiator::Collector, consented, result, at);
    }

    /// Counts a contact that the debtor began.
    pub fn count_inbound(&mut self, channel: Channel, result: ContactResult, at: Timestamp) {
        if let Some(kind) = TallyKind::of_attempt(channel, Initiator::Debtor, false) {
            self.insert(kind, Slot::at(at));
        }
        self.count_result(channel, Initiator::Debtor, false, result, at);
    }

    fn count_result(
        &mut self,
        channel: Channel,
        initiator: Initiator,
        consented: bool,
        result: ContactResult,
        at: Timestamp,
    ) {
        let answered = matches!(
            result,
            ContactResult::Connected | ContactResult::Conversation
        );
        let kind = |measure| TallyKind {
            measure,
            automated: channel == Channel::AutomatedCall,
            by_debtor: initiator == Initiator::Debtor,
            consented,
        };
        if answered && channel.is_call() {
            self.insert(kind(TallyMeasure::CallConnected), Slot::at(at));
        }
        if result == ContactResult::Conversation {
            let measure = if channel.is_call() {
                TallyMeasure::Conversation
            } else {
                TallyMeasure::Meeting
            };
            self.insert(kind(measure), Slot::at(at));
        }
        if answered {
            self.failures.clear();
            self.contact_point_invalid = false;
        } else if channel.is_call() && initiator == Initiator::Collector {
            if self.failures.len() < FAILURES_KEPT_MAX {
                let index = self.failures.partition_point(|failure| *failure <= at);
                self.failures.insert(index, at);
            }
            self.contact_point_invalid = result == ContactResult::InvalidContactPoint;
        }
    }

    fn insert(&mut self, kind: TallyKind, slot: Slot) {
        let place = self
            .rings
            .binary_search_by_key(&kind.number(), |ring| ring.kind.number());
        let index = place.unwrap_or_else(|index| {
            let ring = Ring {
                kind,
                slots: Vec::new(),
            };
            self.rings.insert(index, ring);
            index
        });
        if let Some(ring) = self.rings.get_mut(index) {
            let at = ring.slots.partition_point(|kept| *kept <= slot);
            if ring.slots.len() < TALLY_ENTRIES_MAX {
                ring.slots.insert(at, slot);
            } else if let Some(before) = at.checked_sub(1) {
                // The oldest gives way.
                ring.slots.remove(0);
                ring.slots.insert(before, slot);
            }
        }
    }

    /// Removes a slot, if it is still kept.
    fn remove(&mut self, kind: TallyKind, slot: Slot) {
        let Some(index) = self.rings.iter().position(|ring| ring.kind == kind) else {
            return;
        };
        let Some(ring) = self.rings.get_mut(index) else {
            return;
        };
        if let Ok(at) = ring.slots.binary_search(&slot) {
            ring.slots.remove(at);
        }
        if ring.slots.is_empty() {
            self.rings.remove(index);
        }
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        for ring in &self.rings {
            w.message(1, |w| {
                w.number(1, ring.kind.number());
                let mut previous = 0;
                w.packed(
                    2,
                    ring.slots.iter().map(|slot| {
                        let delta = slot.from.millis().saturating_sub(previous);
                        previous = slot.from.millis();
                        delta
                    }),
                );
                let length = |slot: &Slot| slot.last.millis().saturating_sub(slot.from.millis());
                w.packed(3, ring.slots.iter().map(length));
            });
        }
        w.packed(2, self.failures.iter().map(|failure| failure.millis()));
        w.number(3, self.contact_point_invalid);
    }

    /// As a field of another object; nothing when nothing was counted.
    pub(crate) fn write_field(&self, field: u32, w: &mut FieldWriter<'_>) {
        if *self != Self::default() {
            w.message(field, |w| self.write(w));
        }
    }

    /// Reads what [`Self::write_field`] writes.
    pub(crate) fn from_field(tallies: Option<&wire::ContactTallies>) -> Result<Self, DecodeError> {
        let tallies = tallies.map(Self::from_wire).transpose()?;
        if tallies == Some(Self::default()) {
            return Err(DecodeError::Missing {
                field: "contacts.rings",
            });
        }
        Ok(tallies.unwrap_or_default())
    }

    fn from_wire(tallies: &wire::ContactTallies) -> Result<Self, DecodeError> {
        let mut rings: Vec<Ring> = Vec::with_capacity(
            tallies
                .rings
                .len()
                .min(TallyMeasure::ALL.len().saturating_mul(8)),
        );
        for ring in &tallies.rings {
            let ring = ring_from_wire(ring)?;
            let last = rings.last().map(|last| last.kind.number());
            if last.is_some_and(|last| last >= ring.kind.number()) {
                return Err(DecodeError::Order {
                    field: "tallies.rings",
                });
            }
            rings.push(ring);
        }
        if tallies.failures_ms.len() > FAILURES_KEPT_MAX || !tallies.failures_ms.is_sorted() {
            return Err(DecodeError::Order {
                field: "tallies.failures_ms",
            });
        }
        let failures = tallies.failures_ms.iter().copied();
        Ok(Self {
            rings,
            failures: failures.map(Timestamp::from_millis).collect(),
            contact_point_invalid: tallies.contact_point_invalid,
        })
    }
}

fn ring_from_wire(ring: &wire::TallyRing) -> Result<Ring, DecodeError> {
    let refuse = |reason| DecodeError::Range {
        field: "tallies.rings",
        reason,
    };
    let kind = TallyKind::from_number(ring.kind).ok_or(refuse("no kind has this number"))?;
    let many = ring.start_ms.len();
    if many == 0 || many > TALLY_ENTRIES_MAX || ring.length_ms.len() != many {
        return Err(refuse("1 to 32 slots, each with its length"));
    }
    let mut slots: Vec<Slot> = Vec::with_capacity(many);
    let mut from: u64 = 0;
    for (delta, length) in ring.start_ms.iter().zip(&ring.length_ms) {
        from = from
            .checked_add(*delta)
            .ok_or(refuse("a start is beyond time"))?;
        if *length > PERMIT_WINDOW_MS_MAX {
            return Err(refuse("a slot is longer than a permit"));
        }
        let slot = Slot {
            from: Timestamp::from_millis(from),
            last: Timestamp::from_millis(from).plus_millis(*length),
        };
        if slots.last().is_some_and(|last| *last > slot) {
            return Err(refuse("slots must ascend"));
        }
        slots.push(slot);
    }
    Ok(Ring { kind, slots })
}

canonical_object!(ContactTallies, "contact tallies");

#[cfg(test)]
mod tests;
