//! The three classes of traffic, each with its own stream, queues and budgets.

use crate::limits::network as limits;

/// A class of messages. The order is the order in which the node takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Votes: small, and never behind anything else.
    Vote,
    /// Proposals, acknowledgements, requests.
    Control,
    /// Batches and answers to sync requests.
    Bulk,
}

impl Priority {
    /// All priorities, the most urgent first.
    pub const ALL: [Priority; 3] = [Priority::Vote, Priority::Control, Priority::Bulk];

    /// The word that stands for the priority in protocol names and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Priority::Vote => "vote",
            Priority::Control => "control",
            Priority::Bulk => "bulk",
        }
    }

    /// Payload of one message at most, in bytes.
    pub fn message_bytes_max(self) -> usize {
        match self {
            Priority::Vote => limits::VOTE_MESSAGE_BYTES_MAX,
            Priority::Control => limits::CONTROL_MESSAGE_BYTES_MAX,
            Priority::Bulk => limits::BULK_MESSAGE_BYTES_MAX,
        }
    }

    /// Bounds of one peer's send queue: bytes and count.
    pub(super) fn send_queue_max(self) -> (usize, usize) {
        match self {
            Priority::Vote => limits::VOTE_SEND_QUEUE,
            Priority::Control => limits::CONTROL_SEND_QUEUE,
            Priority::Bulk => limits::BULK_SEND_QUEUE,
        }
    }

    /// Bytes of one peer that may wait for the node, overhead included.
    pub(super) fn receive_budget_bytes(self) -> usize {
        match self {
            Priority::Vote => limits::VOTE_RECEIVE_BUDGET_BYTES,
            Priority::Control => limits::CONTROL_RECEIVE_BUDGET_BYTES,
            Priority::Bulk => limits::BULK_RECEIVE_BUDGET_BYTES,
        }
    }
}

/// One value for each priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerPriority<T> {
    /// The value for votes.
    pub vote: T,
    /// The value for control messages.
    pub control: T,
    /// The value for bulk messages.
    pub bulk: T,
}

impl<T> PerPriority<T> {
    /// Builds the three values.
    pub fn from_fn(mut value: impl FnMut(Priority) -> T) -> Self {
        Self {
            vote: value(Priority::Vote),
            control: value(Priority::Control),
            bulk: value(Priority::Bulk),
        }
    }

    /// The value of one priority.
    pub fn get(&self, priority: Priority) -> &T {
        match priority {
            Priority::Vote => &self.vote,
            Priority::Control => &self.control,
            Priority::Bulk => &self.bulk,
        }
    }

    /// The value of one priority, to change.
    pub fn get_mut(&mut self, priority: Priority) -> &mut T {
        match priority {
            Priority::Vote => &mut self.vote,
            Priority::Control => &mut self.control,
            Priority::Bulk => &mut self.bulk,
        }
    }
}
