//! Operations about debtors and their debts.

mod debtor;

pub use debtor::{DebtorRegister, ResidenceSet};

use crate::{decode::DecodeError, wire::operation::Kind};

/// One operation of the group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CollectionsOperation {
    /// Registers the holder of an account as a debtor.
    DebtorRegister(DebtorRegister),
    /// Changes where a debtor lives.
    ResidenceSet(ResidenceSet),
}

impl CollectionsOperation {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::DebtorRegister(_) => "DebtorRegister",
            Self::ResidenceSet(_) => "ResidenceSet",
        }
    }

    pub(super) fn to_wire(&self) -> Kind {
        match self {
            Self::DebtorRegister(operation) => Kind::DebtorRegister(operation.to_wire()),
            Self::ResidenceSet(operation) => Kind::ResidenceSet(operation.to_wire()),
        }
    }

    /// `None` for a kind of another group.
    pub(super) fn from_wire(kind: &Kind) -> Result<Option<Self>, DecodeError> {
        Ok(Some(match kind {
            Kind::DebtorRegister(one) => Self::DebtorRegister(DebtorRegister::from_wire(one)?),
            Kind::ResidenceSet(one) => Self::ResidenceSet(ResidenceSet::from_wire(one)?),
            _ => return Ok(None),
        }))
    }
}
