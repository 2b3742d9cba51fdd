//! Operations on loans.

mod funding;
mod loan;
mod servicing;

pub use funding::{AgreementRegister, DebtAssign, LossShareSettle, ProductPublish};
pub use loan::{ChargeOff, LoanDisburse, LoanModify, LoanOriginate, RepaymentApply};
pub use servicing::{BusinessDateAdvance, CreditFurnish, FeeAssess, InquiryAuthorise};

use crate::{decode::DecodeError, wire::operation::Kind};

macro_rules! group {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// One operation of the group.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum CreditOperation {
            $($(#[$doc])* $name($name),)*
        }

        impl CreditOperation {
            pub(super) const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)*
                }
            }

            pub(super) fn to_wire(&self) -> Kind {
                match self {
                    $(Self::$name(operation) => Kind::$name(operation.to_wire()),)*
                }
            }

            /// `None` for a kind of another group.
            pub(super) fn from_wire(kind: &Kind) -> Result<Option<Self>, DecodeError> {
                Ok(Some(match kind {
                    $(Kind::$name(operation) => Self::$name($name::from_wire(operation)?),)*
                    _ => return Ok(None),
                }))
            }
        }
    };
}

group! {
    /// Publishes the terms of a kind of loan.
    ProductPublish
    /// Registers what those who fund loans together agree on.
    AgreementRegister
    /// A lender, a borrower and the funders agree on a loan.
    LoanOriginate
    /// Pays a loan out.
    LoanDisburse
    /// Pays a loan back, in part or whole.
    RepaymentApply
    /// Allows a lender one credit inquiry.
    InquiryAuthorise
    /// Charges a fee of the product's table.
    FeeAssess
    /// Moves the business date on.
    BusinessDateAdvance
    /// Changes the terms of a loan.
    LoanModify
    /// Gives a loan up as an asset; it is owed as before.
    ChargeOff
    /// Shares the loss of a loan that was charged off.
    LossShareSettle
    /// Sells a debt.
    DebtAssign
    /// Reports a loan to a credit bureau.
    CreditFurnish
}

/// Reads an amount that is not zero.
fn positive(field: &'static str, minor_units: u64) -> Result<crate::Amount, DecodeError> {
    if minor_units == 0 {
        return Err(DecodeError::Range {
            field,
            reason: "not zero",
        });
    }
    crate::credit::amount(field, minor_units)
}
