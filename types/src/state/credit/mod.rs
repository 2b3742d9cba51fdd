//! Objects of credit. They are written through their wire forms: none is written for a payment.

mod agreement;
mod inquiry_right;
mod loan;
mod product;

pub use agreement::Agreement;
pub use inquiry_right::InquiryRight;
pub use loan::{FeeTotal, Funder, Loan, LoanStatus};
pub use product::Product;
