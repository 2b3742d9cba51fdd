//! Who is a debtor, and where.

use crate::{decode::DecodeError, ids::AccountId, residence::Residence, wire};

/// Registers the holder of a wallet account as a debtor: from then on the account can borrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtorRegister {
    /// The account.
    pub account: AccountId,
    /// Where its holder lives.
    pub residence: Residence,
}

/// Changes where a debtor lives, at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResidenceSet {
    /// The debtor.
    pub debtor: AccountId,
    /// From now on.
    pub residence: Residence,
}

impl DebtorRegister {
    pub(crate) fn to_wire(&self) -> wire::DebtorRegister {
        wire::DebtorRegister {
            account: self.account.to_wire(),
            residence: Some(self.residence.to_wire()),
        }
    }

    pub(crate) fn from_wire(operation: &wire::DebtorRegister) -> Result<Self, DecodeError> {
        Ok(Self {
            account: AccountId::from_wire("account", &operation.account)?,
            residence: Residence::from_wire(operation.residence.as_ref())?,
        })
    }
}

impl ResidenceSet {
    pub(crate) fn to_wire(&self) -> wire::ResidenceSet {
        wire::ResidenceSet {
            debtor: self.debtor.to_wire(),
            residence: Some(self.residence.to_wire()),
        }
    }

    pub(crate) fn from_wire(operation: &wire::ResidenceSet) -> Result<Self, DecodeError> {
        Ok(Self {
            debtor: AccountId::from_wire("debtor", &operation.debtor)?,
            residence: Residence::from_wire(operation.residence.as_ref())?,
        })
    }
}
