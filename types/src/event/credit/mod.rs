//! What can happen to a loan and around it.

mod entry;
mod record;

pub use entry::{FunderLoss, LoanEntry, LoanEntryKind, LossShared};
pub use record::{
    AgreementRegistered, BusinessDateAdvanced, CreditFurnished, DebtAssigned, InquiryAuthorised,
    LoanModified, LoanOriginated, LoanPaused, LoanResumed, ProductPublished,
};

use crate::{decode::DecodeError, encode::FieldWriter, wire::event::Detail};
use prost::Message;

macro_rules! group {
    ($($tag:literal $(#[$doc:meta])* $name:ident)*) => {
        /// What happened.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum CreditEvent {
            $($(#[$doc])* $name($name),)*
        }

        impl CreditEvent {
            /// Its name in logs, tables and documentation.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)*
                }
            }

            pub(super) fn write(&self, w: &mut FieldWriter<'_>) {
                match self {
                    $(Self::$name(event) => w.element($tag, event.to_wire().encode_to_vec()),)*
                }
            }

            /// `None` for a detail of another group.
            pub(super) fn from_wire(detail: &Detail) -> Result<Option<Self>, DecodeError> {
                Ok(Some(match detail {
                    $(Detail::$name(event) => Self::$name($name::from_wire(event)?),)*
                    _ => return Ok(None),
                }))
            }
        }
    };
}

group! {
    30 /// A product was published.
    ProductPublished
    31 /// An agreement was registered.
    AgreementRegistered
    32 /// A loan was agreed on.
    LoanOriginated
    33 /// Something moved on a loan.
    LoanEntry
    34 /// The debtor allowed a credit inquiry.
    InquiryAuthorised
    35 /// The subject moved the business date on.
    BusinessDateAdvanced
    36 /// The terms of a loan were changed.
    LoanModified
    37 /// The loss of a loan was shared.
    LossShared
    38 /// A debt was sold.
    DebtAssigned
    39 /// A loan was reported to a credit bureau.
    CreditFurnished
    40 /// Something stopped on a loan.
    LoanPaused
    41 /// It goes on.
    LoanResumed
}
