//! The published terms of a kind of loan.

use super::{PPM, amount, share, wire_enum};
use crate::{
    amount::Amount,
    asset::Asset,
    decode::{DecodeError, ascending},
    limits::{
        FEE_CODE_BYTES_MAX, FEES_PER_PRODUCT_MAX, GRACE_DAYS_MAX, INSTALMENTS_MAX,
        LOAN_PRINCIPAL_MAX, RATE_PPM_MAX,
    },
    wire,
};

wire_enum! {
    /// How instalments follow from the terms.
    ScheduleKind, "terms.schedule" {
        /// Equal instalments of principal and interest.
        Annuity = 1,
        /// Equal parts of principal, each with the interest of its period.
        EqualPrincipal = 2,
        /// A part of the price on the day of origination, the rest as an annuity.
        DownPayment = 3,
        /// Interest each month, the principal with the last.
        Bullet = 4,
        /// As the lender says.
        LenderSupplied = 5,
    }
}

wire_enum! {
    /// How the days of a period are counted.
    DayCount, "terms.day_count" {
        /// Actual days, a year of 365.
        Act365 = 1,
        /// Actual days, a year of 360.
        Act360 = 2,
        /// 30E/360: months of 30 days, a 31st counts as a 30th.
        Thirty360 = 3,
    }
}

wire_enum! {
    /// What a payment can go to.
    Component, "terms.waterfall" {
        /// Fees that were charged.
        Fees = 1,
        /// Interest that has accrued.
        Interest = 2,
        /// The principal.
        Principal = 3,
    }
}

wire_enum! {
    /// Why a fee is charged.
    FeeGround, "fee.ground" {
        /// An instalment was missed; one fee for each.
        LatePayment = 1,
        /// The lender asked a credit bureau, as the borrower allowed.
        Inquiry = 2,
        /// A service that the borrower asked for, and signs for.
        Service = 3,
        /// Always refused.
        Collection = 4,
    }
}

/// One line of the fee table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeTerm {
    /// 1 to 16 capital letters, digits and hyphens.
    pub code: String,
    /// When it may be charged; never [`FeeGround::Collection`].
    pub ground: FeeGround,
    /// Each time.
    pub amount: Amount,
    /// All fees of this code on one loan together.
    pub cap: Amount,
}

/// When a loan counts as late, and how late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelinquencyPolicy {
    /// An instalment paid within so many days is not late; after them days count from the due date.
    pub grace_days: u32,
    /// The loan can be charged off from so many days past due on.
    pub charge_off_days: u32,
    /// Days past due from which a loan is at least special mention, substandard, doubtful and loss;
    /// strictly ascending. `None` where the five categories are not used.
    pub category_days: Option<[u32; 4]>,
}

/// The terms of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductTerms {
    /// Of its loans.
    pub asset: Asset,
    /// How instalments follow.
    pub schedule: ScheduleKind,
    /// Of the principal, parts per million; 0 but for [`ScheduleKind::DownPayment`].
    pub down_payment_ppm: u32,
    /// Lowest rate a year, parts per million.
    pub rate_ppm_min: u32,
    /// Highest rate a year, parts per million.
    pub rate_ppm_max: u32,
    /// How days are counted.
    pub day_count: DayCount,
    /// Smallest loan.
    pub principal_min: Amount,
    /// Largest loan, at most [`LOAN_PRINCIPAL_MAX`].
    pub principal_max: Amount,
    /// Most instalments.
    pub instalments_max: u32,
    /// Strictly ascending by code.
    pub fees: Vec<FeeTerm>,
    /// Each component once: a payment goes to the first until nothing of it is owed, then to the next.
    pub waterfall: [Component; 3],
    /// No schedule may cost more a year, parts per million.
    pub apr_cap_ppm: u32,
    /// When a loan is late.
    pub delinquency: DelinquencyPolicy,
}

impl ProductTerms {
    /// The line of the fee table with a code.
    #[must_use]
    pub fn fee(&self, code: &str) -> Option<&FeeTerm> {
        self.fees.iter().find(|fee| fee.code == code)
    }

    pub(crate) fn to_wire(&self) -> wire::ProductTerms {
        let fee = |fee: &FeeTerm| wire::FeeTerm {
            code: fee.code.clone(),
            ground: fee.ground.to_wire(),
            amount: fee.amount.minor_units(),
            cap: fee.cap.minor_units(),
        };
        let policy = &self.delinquency;
        wire::ProductTerms {
            asset: self.asset.to_string(),
            schedule: self.schedule.to_wire(),
            down_payment_ppm: self.down_payment_ppm,
            rate_ppm_min: self.rate_ppm_min,
            rate_ppm_max: self.rate_ppm_max,
            day_count: self.day_count.to_wire(),
            principal_min: self.principal_min.minor_units(),
            principal_max: self.principal_max.minor_units(),
            instalments_max: self.instalments_max,
            fees: self.fees.iter().map(fee).collect(),
            waterfall: self.waterfall.map(Component::to_wire).to_vec(),
            apr_cap_ppm: self.apr_cap_ppm,
            delinquency: Some(wire::DelinquencyPolicy {
                grace_days: policy.grace_days,
                charge_off_days: policy.charge_off_days,
                category_days: policy.category_days.map(Vec::from).unwrap_or_default(),
            }),
        }
    }

    pub(crate) fn from_wire(terms: Option<&wire::ProductTerms>) -> Result<Self, DecodeError> {
        let terms = terms.ok_or(DecodeError::Missing { field: "terms" })?;
        let range = |field, holds: bool, reason| {
            holds
                .then_some(())
                .ok_or(DecodeError::Range { field, reason })
        };
        let read = Self {
            asset: Asset::new(&terms.asset)?,
            schedule: ScheduleKind::from_wire(terms.schedule)?,
            down_payment_ppm: share("terms.down_payment_ppm", terms.down_payment_ppm)?,
            rate_ppm_min: terms.rate_ppm_min,
            rate_ppm_max: terms.rate_ppm_max,
            day_count: DayCount::from_wire(terms.day_count)?,
            principal_min: amount("terms.principal_min", terms.principal_min)?,
            principal_max: amount("terms.principal_max", terms.principal_max)?,
            instalments_max: terms.instalments_max,
            fees: fees_from_wire(&terms.fees)?,
            waterfall: waterfall_from_wire(&terms.waterfall)?,
            apr_cap_ppm: terms.apr_cap_ppm,
            delinquency: DelinquencyPolicy::from_wire(terms.delinquency.as_ref())?,
        };
        let part = read.down_payment_ppm;
        let is_part = if read.schedule == ScheduleKind::DownPayment {
            part > 0 && part < PPM
        } else {
            part == 0
        };
        range(
            "terms.down_payment_ppm",
            is_part,
            "a part of the principal, of a schedule with a down payment",
        )?;
        let rates = [
            read.rate_ppm_min,
            read.rate_ppm_max,
            read.apr_cap_ppm,
            RATE_PPM_MAX,
        ];
        range(
            "terms.rate_ppm_max",
            rates.is_sorted(),
            "from the lowest rate to the cap, at most 1000 %",
        )?;
        let principals = [
            1,
            terms.principal_min,
            terms.principal_max,
            LOAN_PRINCIPAL_MAX,
        ];
        range(
            "terms.principal_max",
            principals.is_sorted(),
            "from the smallest loan, not zero, to 2^42",
        )?;
        let count = usize::try_from(terms.instalments_max).unwrap_or(usize::MAX);
        range(
            "terms.instalments_max",
            (1..=INSTALMENTS_MAX).contains(&count),
            "1 to 480",
        )?;
        Ok(read)
    }
}

fn fees_from_wire(fees: &[wire::FeeTerm]) -> Result<Vec<FeeTerm>, DecodeError> {
    ascending("terms.fees", fees, FEES_PER_PRODUCT_MAX, |fee| {
        code("fee.code", &fee.code)
    })?;
    let read = |fee: &wire::FeeTerm| {
        let ground = FeeGround::from_wire(fee.ground)?;
        if ground == FeeGround::Collection {
            return Err(DecodeError::Range {
                field: "fee.ground",
                reason: "there is no fee for collection",
            });
        }
        if fee.amount == 0 || fee.amount > fee.cap {
            return Err(DecodeError::Range {
                field: "fee.amount",
                reason: "not zero, and not above its cap",
            });
        }
        Ok(FeeTerm {
            code: fee.code.clone(),
            ground,
            amount: amount("fee.amount", fee.amount)?,
            cap: amount("fee.cap", fee.cap)?,
        })
    };
    fees.iter().map(read).collect()
}

/// Reads the code of a fee.
pub(crate) fn code(field: &'static str, code: &str) -> Result<String, DecodeError> {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    let is_code = (1..=FEE_CODE_BYTES_MAX).contains(&code.len()) && code.bytes().all(allowed);
    is_code.then(|| code.to_owned()).ok_or(DecodeError::Text {
        field,
        reason: "1 to 16 capital letters, digits and hyphens",
    })
}

fn waterfall_from_wire(order: &[i32]) -> Result<[Component; 3], DecodeError> {
    let refuse = DecodeError::Range {
        field: "terms.waterfall",
        reason: "fees, interest and principal, each once",
    };
    let [first, second, third] = *order else {
        return Err(refuse);
    };
    let order = [
        Component::from_wire(first)?,
        Component::from_wire(second)?,
        Component::from_wire(third)?,
    ];
    let mut sorted = order;
    sorted.sort_unstable();
    if sorted != [Component::Fees, Component::Interest, Component::Principal] {
        return Err(refuse);
    }
    Ok(order)
}

impl DelinquencyPolicy {
    fn from_wire(policy: Option<&wire::DelinquencyPolicy>) -> Result<Self, DecodeError> {
        let policy = policy.ok_or(DecodeError::Missing {
            field: "terms.delinquency",
        })?;
        let refuse = |reason| DecodeError::Range {
            field: "terms.delinquency",
            reason,
        };
        if policy.grace_days > GRACE_DAYS_MAX || policy.charge_off_days <= policy.grace_days {
            return Err(refuse("at most 90 days of grace, and charge-off later"));
        }
        let category_days = match *policy.category_days.as_slice() {
            [] => None,
            [mention, substandard, doubtful, loss]
                if 0 < mention
                    && mention < substandard
                    && substandard < doubtful
                    && doubtful < loss =>
            {
                Some([mention, substandard, doubtful, loss])
            }
            _ => return Err(refuse("four numbers of days, strictly ascending, or none")),
        };
        Ok(Self {
            grace_days: policy.grace_days,
            charge_off_days: policy.charge_off_days,
            category_days,
        })
    }
}
