//! Operations with sensible values for what is rarely set, a file for each group. Change a field with the
//! struct update syntax:
//! `Transfer { purpose: Purpose::Purchase, ..operations::transfer(from, to, asset, amount) }`.
//!
//! Those that have no constructor here have nothing that is rarely set: build the struct of
//! [`talea_types::operation`] and hand it on as it is.

mod accounts;
pub mod assurance;
pub mod collections;
pub mod credit;
pub mod governance;
mod payments;

pub use accounts::{close, lift_restriction, open, rotate};
pub use payments::{batch, capture, hold, issue, redeem, refund, transfer, void};

use talea_types::{
    Operation,
    operation::{
        AccountClose, AccountOpen, AccountRestrict, Approve, AtomicBatch, ClockAdvance, HoldPlace,
        HoldResolve, Issue, KeyRotate, Propose, Redeem, Refund, Transfer, Veto, Withdraw,
    },
};

/// What can be asked for in a transaction.
pub trait IntoOperation {
    /// As an operation.
    fn into_operation(self) -> Operation;
}

impl IntoOperation for Operation {
    fn into_operation(self) -> Operation {
        self
    }
}

macro_rules! into_operation {
    ($($operation:ident)*) => {
        $(
            impl IntoOperation for $operation {
                fn into_operation(self) -> Operation {
                    Operation::$operation(self)
                }
            }
        )*
    };
}

into_operation! {
    AccountClose AccountOpen AccountRestrict Approve AtomicBatch ClockAdvance HoldPlace HoldResolve Issue
    KeyRotate Propose Redeem Refund Transfer Veto Withdraw
}

/// The same for the operations of a group, which [`Operation`] holds together.
macro_rules! group_into_operation {
    ($group:ident $enum:ident: $($operation:ident)*) => {
        $(
            impl crate::operations::IntoOperation for talea_types::operation::$operation {
                fn into_operation(self) -> talea_types::Operation {
                    talea_types::Operation::$group(
                        talea_types::operation::$enum::$operation(self),
                    )
                }
            }
        )*
    };
}
use group_into_operation;
