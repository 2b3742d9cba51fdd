//! Codes that other standards define: identifiers of organisations, countries, currencies, dates.

pub mod bic;
pub mod country;
pub mod currency;
pub mod date;
pub mod decimal;
pub mod lei;
