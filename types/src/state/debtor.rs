//! The holder of an account as a debtor.

use crate::{
    decode::{DecodeError, ascending},
    encode::FieldWriter,
    event::EventChain,
    ids::LoanId,
    limits::LOANS_PER_DEBTOR_MAX,
    residence::Residence,
    state::canonical_object,
    wire,
};

/// A debtor. Its id is that of the wallet account; its history is apart from the account's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debtor {
    /// Where the debtor lives.
    pub residence: Residence,
    /// Loans that are not closed, strictly ascending.
    pub loans: Vec<LoanId>,
    /// Its history.
    pub events: EventChain,
}

impl Debtor {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        self.residence.write(1, w);
        for loan in &self.loans {
            w.element(2, loan.as_bytes());
        }
        self.events.write(3, w);
    }

    fn from_wire(debtor: &wire::Debtor) -> Result<Self, DecodeError> {
        let max = LOANS_PER_DEBTOR_MAX;
        Ok(Self {
            residence: Residence::from_wire(debtor.residence.as_ref())?,
            loans: ascending("debtor.loans", &debtor.loans, max, |loan| {
                LoanId::from_wire("debtor.loans", loan)
            })?,
            events: EventChain::from_wire(debtor.events.as_ref())?,
        })
    }
}

canonical_object!(Debtor, "debtor");
