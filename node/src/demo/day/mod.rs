//! A day of wallet life: cash in and out, transfers, payments to merchants and debits by banks, hour by
//! hour, with holds, refunds, an atomic batch, and payments that the ledger has to refuse.

mod plan;
mod shape;

pub use plan::{DayOptions, day_plan};
pub use shape::Shape;
