//! Whom an event is about and who authors a transaction.

use std::fmt;

use crate::ids::{AccountId, ParticipantId};

/// An account or an organisation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// An account.
    Account(AccountId),
    /// An organisation.
    Participant(ParticipantId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => id.fmt(f),
            Self::Participant(id) => id.fmt(f),
        }
    }
}

impl std::str::FromStr for Subject {
    type Err = crate::ids::ParseIdError;

    /// Reads either text form; the error is that of an account.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse()
            .map(Self::Participant)
            .or_else(|_| text.parse().map(Self::Account))
    }
}
