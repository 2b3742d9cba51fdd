//! Operations that open, restrict and close accounts.

mod account_close;
mod account_open;
mod account_restrict;

pub(super) use account_close::account_close;
pub(super) use account_open::account_open;
pub(super) use account_restrict::account_restrict;
