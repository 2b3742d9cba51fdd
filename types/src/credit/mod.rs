//! The vocabulary of loans: what a product, an agreement and a modification say, and what time does to a
//! loan.
//!
//! Dates are business dates, days since 1970-01-01. Rates and shares are parts per million. Whatever is
//! read here is well formed by itself; how terms fit together on the ledger is checked there.

mod ageing;
mod agreement;
mod calendar;
mod day_count;
mod delinquency;
mod instalment;
mod interest;
mod modification;
mod pause;
mod product;

pub use ageing::{age, days_late, days_past_due, has_lapsed, oldest_unpaid, unpaid};
pub use agreement::{AgreementTerms, FunderShare};
pub use calendar::{add_months, civil, date_of};
pub use day_count::{days_between, days_of_year};
pub use delinquency::{Bucket, Category};
pub use instalment::Instalment;
pub(crate) use instalment::{schedule_from_wire, schedule_to_wire};
pub use interest::Accrual;
pub use modification::{Modification, ReportKind, ResidualFate, SettlementOffer};
pub use pause::{Pause, is_paused, paused_days};
pub(crate) use product::code;
pub use product::{
    Component, DayCount, DelinquencyPolicy, FeeGround, FeeTerm, ProductTerms, ScheduleKind,
};

/// All of it.
pub const PPM: u32 = 1_000_000;

/// An enum whose values are those of the wire.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident, $field:literal { $($(#[$value_doc:meta])* $variant:ident = $number:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$value_doc])* $variant,)*
        }

        impl $name {
            /// As a wire value.
            #[must_use]
            pub const fn to_wire(self) -> i32 {
                match self {
                    $(Self::$variant => $number,)*
                }
            }

            /// Reads a wire value.
            ///
            /// # Errors
            /// [`DecodeError::Range`](crate::DecodeError::Range) for another number.
            pub fn from_wire(number: i32) -> Result<Self, crate::DecodeError> {
                match number {
                    $($number => Ok(Self::$variant),)*
                    _ => Err(crate::DecodeError::Range {
                        field: $field,
                        reason: "no value has this number",
                    }),
                }
            }
        }
    };
}
pub(crate) use wire_enum;

/// Reads an amount.
pub(crate) fn amount(
    field: &'static str,
    minor_units: u64,
) -> Result<crate::Amount, crate::DecodeError> {
    crate::Amount::new(minor_units).ok_or(crate::DecodeError::Range {
        field,
        reason: "at most 2^63 - 1 minor units",
    })
}

/// Reads parts of a whole.
pub(crate) fn share(field: &'static str, ppm: u32) -> Result<u32, crate::DecodeError> {
    if ppm > PPM {
        return Err(crate::DecodeError::Range {
            field,
            reason: "at most 1,000,000 parts per million",
        });
    }
    Ok(ppm)
}

/// Reads a business date.
pub(crate) fn date(field: &'static str, day: u32) -> Result<u32, crate::DecodeError> {
    if day > crate::limits::BUSINESS_DATE_MAX {
        return Err(crate::DecodeError::Range {
            field,
            reason: "no later than the year 4840",
        });
    }
    Ok(day)
}
