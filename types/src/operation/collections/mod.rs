//! Operations about debtors and their debts.

mod cases;
mod contacts;
mod debtor;
mod preferences;
mod remedies;

pub use cases::{CasePlace, CaseRecall, NoticeCommit};
pub use contacts::{ContactOutcome, ContactPermit, ContactReport, Strategy};
pub use debtor::{DebtorRegister, ResidenceSet};
pub use preferences::{LocalHours, OptOut, PreferenceSet, Preferences};
pub use remedies::{
    ComplaintAnswer, ComplaintOpen, DisputeOpen, DisputeResolve, PromiseToPay, ProtectionSet,
    RepaymentPlan,
};

use bytes::Bytes;

use crate::{
    decode::{DecodeError, array, optional_array},
    hash::Hash,
    wire::operation::Kind,
};

macro_rules! group {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// One operation of the group.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum CollectionsOperation {
            $($(#[$doc])* $name($name),)*
        }

        impl CollectionsOperation {
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
    /// Registers the holder of an account as a debtor.
    DebtorRegister
    /// Changes where a debtor lives.
    ResidenceSet
    /// A debtor says how it wants to be contacted.
    PreferenceSet
    /// A lender gives loans of a debtor to somebody to collect.
    CasePlace
    /// A lender takes a case back.
    CaseRecall
    /// Commits to a notice that was served.
    NoticeCommit
    /// Asks for the permission for one contact.
    ContactPermit
    /// Says what came of a permitted contact.
    ContactOutcome
    /// A debtor says that a contact happened.
    ContactReport
    /// A debtor promises to pay.
    PromiseToPay
    /// A lender and a debtor agree on a plan.
    RepaymentPlan
    /// A debtor disputes a debt.
    DisputeOpen
    /// A dispute ends.
    DisputeResolve
    /// Protects a debtor, or ends a protection.
    ProtectionSet
    /// A debtor complains.
    ComplaintOpen
    /// A complaint is acknowledged or resolved.
    ComplaintAnswer
}

fn hash(field: &'static str, bytes: &[u8]) -> Result<Hash, DecodeError> {
    array(field, bytes).map(Hash)
}

fn optional_hash(field: &'static str, bytes: &[u8]) -> Result<Option<Hash>, DecodeError> {
    Ok(optional_array(field, bytes)?.map(Hash))
}

fn hash_bytes(hash: &Hash) -> Bytes {
    Bytes::copy_from_slice(hash.as_bytes())
}

fn optional_hash_bytes(hash: Option<&Hash>) -> Bytes {
    hash.map(hash_bytes).unwrap_or_default()
}

/// Reads a code of a published list; 0 is none.
fn code(field: &'static str, number: u32) -> Result<u32, DecodeError> {
    if number == 0 {
        return Err(DecodeError::Missing { field });
    }
    Ok(number)
}
