//! How a transaction ended, and what the API says of it.

use talea_proto::{ApiError, api};
use talea_types::{Outcome, TransactionId};

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolution {
    /// It is in a block: applied, or rejected for good.
    Final {
        /// What happened.
        outcome: Outcome,
        /// The block.
        height: u64,
        /// Its place among the results.
        index: u32,
    },
    /// A block carried it without any effect. Nothing is final.
    Void {
        /// Why.
        outcome: Outcome,
    },
    /// Its expiry has passed.
    Expired,
}

impl Resolution {
    /// What a block's result says.
    pub(super) fn of_result(outcome: Outcome, height: u64, index: u32) -> Self {
        match outcome {
            Outcome::Expired => Self::Expired,
            void if void.is_void() => Self::Void { outcome: void },
            outcome => Self::Final {
                outcome,
                height,
                index,
            },
        }
    }

    /// As a wire message.
    pub(super) fn to_wire(self, id: &TransactionId) -> api::TransactionStatus {
        use api::TransactionState::{Committed, Expired, Rejected};
        let mut status = api::TransactionStatus {
            id: id.to_wire(),
            ..Default::default()
        };
        match self {
            Self::Final {
                outcome,
                height,
                index,
            } => {
                let state = if outcome.is_applied() {
                    Committed
                } else {
                    Rejected
                };
                status.set_state(state);
                status.outcome = outcome.number();
                if !outcome.is_applied() {
                    outcome.name().clone_into(&mut status.outcome_name);
                    outcome.help().clone_into(&mut status.outcome_help);
                }
                status.height = height;
                status.index = index;
            }
            Self::Void { outcome } => {
                let refusal = ApiError::outcome(outcome).to_refusal();
                return refused(Some(id), refusal);
            }
            Self::Expired => status.set_state(Expired),
        }
        status
    }
}

/// It waits.
pub(super) fn accepted(id: &TransactionId) -> api::TransactionStatus {
    let mut status = api::TransactionStatus {
        id: id.to_wire(),
        ..Default::default()
    };
    status.set_state(api::TransactionState::Accepted);
    status
}

/// It was not taken.
pub(super) fn refused(id: Option<&TransactionId>, refusal: api::Refusal) -> api::TransactionStatus {
    let mut status = api::TransactionStatus {
        id: id.map(TransactionId::to_wire).unwrap_or_default(),
        refusal: Some(refusal),
        ..Default::default()
    };
    status.set_state(api::TransactionState::Refused);
    status
}
