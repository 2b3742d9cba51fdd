//! A proposed contact.

use talea_types::{
    AccountId, CaseId, Hash, LoanId, Timestamp,
    conduct::{Channel, Party, Purpose, Slot},
};

/// A contact that somebody asks a permit for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// How.
    pub channel: Channel,
    /// With whom.
    pub party: Party,
    /// What for.
    pub purpose: Purpose,
    /// From when on.
    pub from: Timestamp,
    /// Until when, exclusive; after `from`. Every moment of the window must be legal.
    pub until: Timestamp,
    /// Whose debt it is.
    pub debtor: AccountId,
    /// The debt.
    pub debt: LoanId,
    /// The collection case.
    pub case: CaseId,
    /// Commitment to the number, address or place that is contacted.
    pub contact_point: Hash,
    /// Whether the message tells how to opt out.
    pub opt_out_statement: bool,
    /// Whether it will be recorded.
    pub recorded: bool,
}

impl Contact {
    /// The milliseconds at which it may happen.
    #[must_use]
    pub fn slot(&self) -> Slot {
        let last = Timestamp::from_millis(self.until.millis().saturating_sub(1));
        Slot {
            from: self.from,
            last: last.max(self.from),
        }
    }

    /// The same contact, as long a window, from another time on.
    #[must_use]
    pub fn starting(&self, from: Timestamp) -> Self {
        let length = self.until.millis().saturating_sub(self.from.millis());
        Self {
            from,
            until: from.plus_millis(length),
            ..self.clone()
        }
    }
}
