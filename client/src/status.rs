//! What became of a transaction, as far as a node tells. A [receipt](crate::Client::receipt) proves it.

use talea_proto::{
    ApiError,
    api::{self, TransactionState},
};
use talea_types::{DecodeError, Outcome, TransactionId};

/// Where a transaction stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The node does not know it.
    Unknown,
    /// A node has it; it is not final.
    Accepted,
    /// It is decided for ever.
    Final(Finality),
    /// The node did not take it; nothing is decided.
    Refused(ApiError),
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finality {
    /// It was applied.
    Committed {
        /// The block.
        height: u64,
        /// Its place among the block's results.
        index: u32,
    },
    /// It is in a block, not applied, and never will be.
    Rejected {
        /// Why.
        rejection: Rejection,
        /// The block.
        height: u64,
        /// Its place among the block's results.
        index: u32,
    },
    /// Its time passed before it was applied; it never will be.
    Expired,
}

/// Why a transaction was not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Number of the outcome.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// What was wrong and what to do.
    pub help: String,
}

/// A transaction with its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The transaction.
    pub id: TransactionId,
    /// How it ended.
    pub finality: Finality,
}

impl Settlement {
    /// Whether it was applied.
    #[must_use]
    pub const fn is_committed(&self) -> bool {
        matches!(self.finality, Finality::Committed { .. })
    }
}

impl Rejection {
    /// That of an outcome.
    #[must_use]
    pub fn of(outcome: Outcome) -> Self {
        Self {
            number: outcome.number(),
            name: outcome.name().to_owned(),
            help: outcome.help().to_owned(),
        }
    }

    /// The outcome, if this software knows its number.
    #[must_use]
    pub const fn outcome(&self) -> Option<Outcome> {
        Outcome::from_number(self.number)
    }
}

impl Standing {
    /// Reads a node's answer.
    ///
    /// # Errors
    /// [`DecodeError`] when it contradicts itself.
    pub(crate) fn from_api(status: &api::TransactionStatus) -> Result<Self, DecodeError> {
        let (height, index) = (status.height, status.index);
        Ok(match TransactionState::try_from(status.state) {
            Ok(TransactionState::Unknown) => Self::Unknown,
            Ok(TransactionState::Accepted) => Self::Accepted,
            Ok(TransactionState::Committed) => Self::Final(Finality::Committed { height, index }),
            Ok(TransactionState::Rejected) => Self::Final(Finality::Rejected {
                rejection: rejection(status),
                height,
                index,
            }),
            Ok(TransactionState::Expired) => Self::Final(Finality::Expired),
            Ok(TransactionState::Refused) => Self::Refused(ApiError::from_refusal(
                status.refusal.as_ref().ok_or(DecodeError::Missing {
                    field: "status.refusal",
                })?,
            )),
            Err(_) => {
                return Err(DecodeError::Range {
                    field: "status.state",
                    reason: "no state has this number",
                });
            }
        })
    }
}

/// Outcomes that this software does not know keep the words of the node.
fn rejection(status: &api::TransactionStatus) -> Rejection {
    Outcome::from_number(status.outcome).map_or_else(
        || Rejection {
            number: status.outcome,
            name: status.outcome_name.clone(),
            help: status.outcome_help.clone(),
        },
        Rejection::of,
    )
}
