//! A node's pages of a subject's events, held against the executed ones place by place.

use talea_client::{EventPage, ToldEvent};
use talea_types::{
    Subject,
    event::{Event, EventChain, HistoryError},
};

use super::{AnswerDifference, CompareError, Happened};
use crate::{Index, IndexError, Row};

/// How far the comparison of one subject is.
pub(super) struct History<'i> {
    index: &'i Index,
    subject: Subject,
    /// Up to this height is known what happened.
    verified: u64,
    /// Over the events that were told so far, all of which are what happened, or are of later blocks.
    chain: EventChain,
    /// Events of later blocks.
    newer: u64,
    /// The height and the chain of events of the state that the node proved.
    proved: Option<(u64, EventChain)>,
}

/// An event as it was executed.
struct Executed {
    happened: Happened,
    bytes: Vec<u8>,
}

impl<'i> History<'i> {
    pub(super) fn new(index: &'i Index, subject: Subject, verified: u64) -> Self {
        Self {
            index,
            subject,
            verified,
            chain: EventChain::default(),
            newer: 0,
            proved: None,
        }
    }

    pub(super) const fn subject(&self) -> Subject {
        self.subject
    }

    /// How many events were told as they happened.
    pub(super) const fn length(&self) -> u64 {
        self.chain.length()
    }

    /// How many of them are of blocks that are not verified yet.
    pub(super) const fn newer(&self) -> u64 {
        self.newer
    }

    /// What is told has to lead to this chain, which the state of a height commits to.
    pub(super) const fn prove(&mut self, height: u64, chain: EventChain) {
        self.proved = Some((height, chain));
    }

    /// The first event that happened and was not told yet; after those, the first that the proved state counts.
    pub(super) fn due(&self) -> Result<Option<Happened>, IndexError> {
        let sequence = self.length();
        if let Some(first) = self.executed(sequence, 1)?.pop() {
            return Ok(Some(first.happened));
        }
        let is_counted = |(_, chain): &(u64, EventChain)| chain.length() > sequence;
        let counted = self.proved.filter(is_counted);
        Ok(counted.map(|_| Happened {
            sequence,
            known: None,
        }))
    }

    /// Holds the next page against what happened.
    pub(super) fn take(&mut self, page: &EventPage) -> Result<(), CompareError> {
        let first = self.chain.length();
        // One more than was told: the first that a node leaves out is among them.
        let executed = self.executed(first, page.events.len() as u64 + 1)?;
        let mut due = executed.iter();
        for (place, told) in page.events.iter().enumerate() {
            let event = self.read(told)?;
            let rest = &page.events[place..];
            match due.next() {
                Some(due) if due.bytes == told.bytes => {}
                Some(due) => {
                    let later = &executed[place..];
                    return Err(self.why(&event, told, due, later, rest)?.into());
                }
                None => {
                    self.check_newer(&event, told)?;
                    self.newer += 1;
                }
            }
            self.chain.append(&Event::hash_of(&told.bytes));
            self.check_head()?;
        }
        self.check_length(page)
    }

    /// What was told up to here leads to the head that the proved state commits to.
    fn check_head(&self) -> Result<(), AnswerDifference> {
        match self.proved {
            Some((_, proved)) if proved.length() == self.length() && proved != self.chain => {
                let error = HistoryError::Head {
                    expected: proved.head(),
                    computed: self.chain.head(),
                };
                Err(AnswerDifference::Proof(error.into()))
            }
            _ => Ok(()),
        }
    }

    /// The node says how many events there are: no fewer than it has told, and as many as it has proved.
    fn check_length(&self, page: &EventPage) -> Result<(), CompareError> {
        let differs = |executed| {
            Err(AnswerDifference::Told {
                what: "the number of events is",
                told: page.length,
                executed,
            }
            .into())
        };
        match self.proved {
            Some((height, proved)) if height == page.height && proved.length() != page.length => {
                differs(proved.length())
            }
            _ if page.length < self.length() => differs(self.length()),
            _ => Ok(()),
        }
    }

    /// An event that can be what is due: of the subject, and told with its own place and block.
    fn read(&self, told: &ToldEvent) -> Result<Event, AnswerDifference> {
        let position = self.chain.length();
        let event = Event::decode(&told.bytes)
            .map_err(|reason| AnswerDifference::UnreadableEvent { position, reason })?;
        if event.subject != self.subject {
            let found = event.subject;
            return Err(AnswerDifference::OtherSubject { position, found });
        }
        let beside = [
            ("the place of an event is", told.sequence, event.sequence),
            ("the block of an event is", told.height, event.height),
        ];
        for (what, told, executed) in beside {
            if told != executed {
                return Err(AnswerDifference::Told {
                    what,
                    told,
                    executed,
                });
            }
        }
        Ok(event)
    }

    /// An event after all that are known to have happened is of a block that is not verified yet.
    fn check_newer(&self, event: &Event, told: &ToldEvent) -> Result<(), CompareError> {
        let position = self.chain.length();
        let same = self.executed(event.sequence, 1)?.pop();
        Err(match same {
            Some(same) if same.bytes == told.bytes => {
                AnswerDifference::RepeatedEvent(same.happened)
            }
            _ if event.height <= self.verified => AnswerDifference::InventedEvent { position },
            _ if event.sequence > position => AnswerDifference::HiddenEvent(Happened {
                sequence: position,
                known: None,
            }),
            _ if event.sequence < position => AnswerDifference::InventedEvent { position },
            _ => return Ok(()),
        }
        .into())
    }

    /// Why something else stands where `due` is due.
    fn why(
        &self,
        event: &Event,
        told: &ToldEvent,
        due: &Executed,
        later: &[Executed],
        rest: &[ToldEvent],
    ) -> Result<AnswerDifference, IndexError> {
        let position = self.chain.length();
        let is_told_later = rest.iter().any(|told| told.bytes == due.bytes);
        let happened = due.happened.clone();
        let same = self.executed(event.sequence, 1)?.pop();
        if let Some(same) = same.filter(|same| same.bytes == told.bytes) {
            return Ok(if event.sequence < position {
                AnswerDifference::RepeatedEvent(same.happened)
            } else if is_told_later {
                AnswerDifference::ReorderedEvents(happened)
            } else {
                AnswerDifference::HiddenEvent(happened)
            });
        }
        // Who leaves an event out can count those after it anew, so that their places have no gap.
        let mut event = event.clone();
        let is_renumbered = later.iter().skip(1).any(|later| {
            event.sequence = later.happened.sequence;
            event.encode() == later.bytes
        });
        Ok(if is_renumbered {
            AnswerDifference::HiddenEvent(happened)
        } else if is_told_later {
            AnswerDifference::InventedEvent { position }
        } else {
            AnswerDifference::AlteredEvent(happened)
        })
    }

    fn executed(&self, first: u64, limit: u64) -> Result<Vec<Executed>, IndexError> {
        const ASK: &str = "SELECT sequence, kind, height, bytes FROM event WHERE subject = $1 \
                           AND sequence >= $2 AND height <= $3 ORDER BY sequence LIMIT $4";
        let subject = self.subject.to_bytes();
        let values = [
            subject[..].into(),
            first.into(),
            self.verified.into(),
            limit.into(),
        ];
        let rows = self.index.ask(ASK, &values)?;
        let read = |row: &Row| {
            Ok(Executed {
                happened: Happened {
                    sequence: row.integer(0)?.unsigned_abs(),
                    known: Some((row.text(1)?.to_owned(), row.integer(2)?.unsigned_abs())),
                },
                bytes: row.bytes(3)?.to_vec(),
            })
        };
        rows.iter().map(read).collect()
    }
}
