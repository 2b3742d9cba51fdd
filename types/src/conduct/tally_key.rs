//! Whose contacts a tally counts.

use crate::{
    decode::{DecodeError, array},
    hash::Hash,
    ids::{AccountId, CaseId, LoanId},
};

/// Whose contacts one tally counts, over all agencies and all of the lender's own desks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TallyKey {
    /// All contacts about a debtor, whoever was contacted.
    Person(AccountId),
    /// All contacts about a debt. A loan has one borrower, so this is also "person and debt".
    Debt(LoanId),
    /// All contacts at a number, address or place.
    ContactPoint(Hash),
    /// All contacts of a case.
    Case(CaseId),
}

const PERSON: u8 = 34;
const DEBT: u8 = 35;
const CONTACT_POINT: u8 = 36;
const CASE: u8 = 37;

impl TallyKey {
    /// The kind of its state key, and its id.
    pub(crate) fn parts(&self) -> (u8, &[u8]) {
        match self {
            Self::Person(id) => (PERSON, id.as_bytes()),
            Self::Debt(id) => (DEBT, id.as_bytes()),
            Self::ContactPoint(commitment) => (CONTACT_POINT, commitment.as_bytes()),
            Self::Case(id) => (CASE, id.as_bytes()),
        }
    }

    /// Reads kind and id; `None` for the kind of another object.
    pub(crate) fn from_parts(kind: u8, id: &[u8]) -> Result<Option<Self>, DecodeError> {
        const FIELD: &str = "state key";
        Ok(Some(match kind {
            PERSON => Self::Person(AccountId::from_wire(FIELD, id)?),
            DEBT => Self::Debt(LoanId::from_wire(FIELD, id)?),
            CONTACT_POINT => Self::ContactPoint(Hash(array(FIELD, id)?)),
            CASE => Self::Case(CaseId::from_wire(FIELD, id)?),
            _ => return Ok(None),
        }))
    }
}
