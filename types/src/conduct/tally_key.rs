//! Whose contacts a tally counts.

use crate::{
    decode::{DecodeError, array},
    hash::Hash,
    ids::LoanId,
};

/// Whose contacts a tally counts that is an object of its own, over all agencies and all of the lender's
/// own desks. Those of a person stand in its [`Debtor`](crate::state::Debtor), those of a case in its
/// [`Case`](crate::state::Case).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TallyKey {
    /// All contacts about a debt. A loan has one borrower, so this is also "person and debt".
    Debt(LoanId),
    /// All contacts at a number, address or place.
    ContactPoint(Hash),
}

const DEBT: u8 = 35;
const CONTACT_POINT: u8 = 36;

impl TallyKey {
    /// The kind of its state key, and its id.
    pub(crate) fn parts(&self) -> (u8, &[u8]) {
        match self {
            Self::Debt(id) => (DEBT, id.as_bytes()),
            Self::ContactPoint(commitment) => (CONTACT_POINT, commitment.as_bytes()),
        }
    }

    /// Reads kind and id; `None` for the kind of another object.
    pub(crate) fn from_parts(kind: u8, id: &[u8]) -> Result<Option<Self>, DecodeError> {
        const FIELD: &str = "state key";
        Ok(Some(match kind {
            DEBT => Self::Debt(LoanId::from_wire(FIELD, id)?),
            CONTACT_POINT => Self::ContactPoint(Hash(array(FIELD, id)?)),
            _ => return Ok(None),
        }))
    }
}
