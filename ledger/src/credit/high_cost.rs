//! High-cost short-term credit, for which some rules are stricter.

use talea_types::{credit::add_months, state::Loan};

/// Parts per million a year. A yearly rate of 100 % as the law counts it, with interest on interest, is a
/// nominal one of at least ln 2, however often interest is added: so none is missed.
const NOMINAL_RATE_PPM_MIN: u32 = 693_147;
/// Within which it is to be repaid.
const REPAID_WITHIN_MONTHS: u32 = 12;

/// Whether a loan is high-cost short-term credit: at 100 % a year or more, to be repaid within twelve
/// months. Loans of the ledger are not secured. Whatever may be it is, so that a rule rather binds too
/// much: the months are counted from the first instalment, and interest at the nominal rate.
///
/// Source: FCA Handbook, Glossary, "high-cost short-term credit".
#[must_use]
pub fn is_high_cost_short_term(loan: &Loan) -> bool {
    let (Some(first), Some(last)) = (loan.schedule.first(), loan.schedule.last()) else {
        return loan.rate_ppm >= NOMINAL_RATE_PPM_MIN;
    };
    loan.rate_ppm >= NOMINAL_RATE_PPM_MIN && last.due <= add_months(first.due, REPAID_WITHIN_MONTHS)
}
