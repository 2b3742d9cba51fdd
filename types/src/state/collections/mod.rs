//! Objects of the collection of debts.

mod case;
mod complaint;
mod contact_points;
mod permit;
mod promise;
mod remedy;

pub use case::{Case, CaseNotice};
pub use complaint::Complaint;
pub use contact_points::{ContactPoint, ContactPoints};
pub use permit::Permit;
pub use promise::PaymentPromise;
pub use remedy::{OpenDispute, ProtectionEntry};
