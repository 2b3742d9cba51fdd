//! A real bank: the PKDD'99 "Financial" data set (Czech Republic, 1993 to 1998), as a plan.
//!
//! | in the files | on the ledger |
//! | --- | --- |
//! | an account of `account.asc` | a wallet account at the home bank |
//! | another bank | a participant with one account, from and to which transfers go |
//! | cash paid in, cash and card withdrawals | `Issue`, `Redeem` by the home bank |
//! | interest | `Transfer` from the home bank's own account: it is the bank's expense |
//! | fees, penalty interest | `Transfer` to the home bank's own account |
//! | transfers from and to other banks | `Transfer` from and to the other bank's account |
//! | standing orders of `order.asc` | `Transfer` to the other bank's account, once, after the last day |
//!
//! Every account starts with the smallest balance that covers the debits of any day even when they come
//! before its credits: the files know the date of a row, not its time. `tests/berka_totals.py` computes
//! the same from the files without this code.

mod figures;
mod plan;
mod records;

pub use figures::{BankFigures, Figures, Sum};
pub use plan::{BerkaPlan, HOME};
pub use records::{Dataset, RowKind, Skipped};
