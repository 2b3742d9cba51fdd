//! The bounded queue between the node and the writer of one stream.
//!
//! Bounded by bytes and by count. A full queue of votes forgets the oldest, because newer votes
//! replace older ones; any other full queue refuses the newest, because its sender can wait.

use std::collections::VecDeque;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::Priority;

/// What became of a message handed to a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It waits.
    Queued,
    /// It waits; this many older messages were forgotten for it.
    ReplacedOldest(u64),
    /// It was refused: the queue is full.
    Refused,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<Bytes>,
    bytes: usize,
}

/// Messages of one priority that wait to be written to one peer.
#[derive(Debug)]
pub(super) struct SendQueue {
    priority: Priority,
    bytes_max: usize,
    count_max: usize,
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

impl SendQueue {
    pub(super) fn new(priority: Priority) -> Self {
        let (bytes_max, count_max) = priority.send_queue_max();
        Self {
            priority,
            bytes_max,
            count_max,
            waiting: Mutex::new(Waiting::default()),
            arrived: Notify::new(),
        }
    }

    /// Hands over a message of at most the priority's maximum.
    pub(super) fn push(&self, message: Bytes) -> Pushed {
        assert!(
            message.len() <= self.priority.message_bytes_max(),
            "checked by the sender"
        );
        let mut waiting = self.waiting.lock();
        let mut forgotten = 0_u64;
        while waiting.bytes.saturating_add(message.len()) > self.bytes_max
            || waiting.messages.len() >= self.count_max
        {
            if self.priority != Priority::Vote {
                return Pushed::Refused;
            }
            let Some(oldest) = waiting.messages.pop_front() else {
                return Pushed::Refused;
            };
            waiting.bytes = waiting.bytes.saturating_sub(oldest.len());
            forgotten = forgotten.saturating_add(1);
        }
        waiting.bytes = waiting.bytes.saturating_add(message.len());
        waiting.messages.push_back(message);
        drop(waiting);
        self.arrived.notify_one();
        match forgotten {
            0 => Pushed::Queued,
            count => Pushed::ReplacedOldest(count),
        }
    }

    /// Takes the oldest message, if any waits.
    pub(super) fn try_pop(&self) -> Option<Bytes> {
        let mut waiting = self.waiting.lock();
        let message = waiting.messages.pop_front()?;
        waiting.bytes = waiting.bytes.saturating_sub(message.len());
        Some(message)
    }

    /// Takes the oldest message, waiting for one. For one reader.
    pub(super) async fn pop(&self) -> Bytes {
        loop {
            if let Some(message) = self.try_pop() {
                return message;
            }
            self.arrived.notified().await;
        }
    }

    /// Bytes that wait. At most one more message is being written.
    pub(super) fn bytes(&self) -> usize {
        self.waiting.lock().bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_of_votes_forgets_the_oldest() {
        let queue = SendQueue::new(Priority::Vote);
        let (_, count_max) = Priority::Vote.send_queue_max();
        for index in 0..count_max {
            assert_eq!(
                queue.push(Bytes::from(index.to_le_bytes().to_vec())),
                Pushed::Queued
            );
        }
        assert_eq!(
            queue.push(Bytes::from_static(b"newest")),
            Pushed::ReplacedOldest(1)
        );
        assert_eq!(
            queue.try_pop().unwrap(),
            Bytes::from(1_usize.to_le_bytes().to_vec())
        );
        let mut last = Bytes::new();
        while let Some(message) = queue.try_pop() {
            last = message;
        }
        assert_eq!(last, Bytes::from_static(b"newest"));
        assert_eq!(queue.bytes(), 0);
    }

    #[test]
    fn a_full_queue_of_anything_else_refuses_the_newest() {
        for priority in [Priority::Control, Priority::Bulk] {
            let queue = SendQueue::new(priority);
            let (bytes_max, _) = priority.send_queue_max();
            let message = Bytes::from(vec![7; priority.message_bytes_max()]);
            let mut queued = 0;
            while queue.push(message.clone()) == Pushed::Queued {
                queued += 1;
            }
            assert_eq!(queued, bytes_max / message.len());
            assert_eq!(queue.bytes(), queued * message.len());
            queue.try_pop().unwrap();
            assert_eq!(queue.push(message), Pushed::Queued);
        }
    }
}
