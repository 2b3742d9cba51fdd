//! What falls due when.

use super::{amount, date};
use crate::{
    amount::Amount,
    decode::{DecodeError, ascending},
    limits::INSTALMENTS_MAX,
    wire,
};

/// An instalment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instalment {
    /// Business date on which it falls due.
    pub due: u32,
    /// Principal and interest together; never zero.
    pub amount: Amount,
}

pub(crate) fn schedule_to_wire(schedule: &[Instalment]) -> Vec<wire::Instalment> {
    let one = |instalment: &Instalment| wire::Instalment {
        due: instalment.due,
        amount: instalment.amount.minor_units(),
    };
    schedule.iter().map(one).collect()
}

pub(crate) fn schedule_from_wire(
    schedule: &[wire::Instalment],
) -> Result<Vec<Instalment>, DecodeError> {
    ascending("schedule", schedule, INSTALMENTS_MAX, |one| {
        date("schedule.due", one.due)
    })?;
    let read = |one: &wire::Instalment| {
        if one.amount == 0 {
            return Err(DecodeError::Range {
                field: "schedule.amount",
                reason: "not zero",
            });
        }
        Ok(Instalment {
            due: one.due,
            amount: amount("schedule.amount", one.amount)?,
        })
    };
    schedule.iter().map(read).collect()
}
