//! How the terms of a loan can change, and what can be said of it.

use super::{amount, date, wire_enum};
use crate::{
    amount::Amount,
    decode::DecodeError,
    limits::{INSTALMENTS_MAX, RATE_PPM_MAX},
    wire,
};

wire_enum! {
    /// What becomes of the rest when a settlement was paid.
    ResidualFate, "settlement.residual" {
        /// Nothing more is owed: the loan is closed.
        Waived = 1,
        /// The rest is owed as before.
        Remains = 2,
    }
}

wire_enum! {
    /// What is reported to a credit bureau.
    ReportKind, "report.kind" {
        /// Paid as agreed.
        Positive = 1,
        /// Past due or charged off.
        Adverse = 2,
        /// Replaces an earlier report.
        Correction = 3,
        /// The debtor disputes what was reported.
        DisputeFlag = 4,
    }
}

/// If so much is paid by a date, the residual has the stated fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettlementOffer {
    /// To be paid; never zero. On a loan: what is still to be paid of it.
    pub amount: Amount,
    /// Last business date.
    pub pay_by: u32,
    /// What becomes of the rest.
    pub residual: ResidualFate,
}

/// A change of a loan's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modification {
    /// No ageing and no fees from now until a date.
    Forbear {
        /// Business date from which it no longer holds.
        until: u32,
        /// Whether interest stops too.
        interest_stops: bool,
    },
    /// What is unpaid of the schedule falls due anew, month by month.
    ReAge {
        /// Business date of the first.
        first_due: u32,
    },
    /// A new schedule, of the product's kind, for the principal that is owed.
    ReAmortise {
        /// A year, parts per million.
        rate_ppm: u32,
        /// How many.
        instalments: u32,
        /// Business date of the first.
        first_due: u32,
    },
    /// No interest from now until a date.
    InterestPause {
        /// Business date from which it no longer holds.
        until: u32,
    },
    /// A part settles the whole, or as the fate says.
    Settlement(SettlementOffer),
}

impl SettlementOffer {
    pub(crate) fn to_wire(self) -> wire::SettlementOffer {
        wire::SettlementOffer {
            amount: self.amount.minor_units(),
            pay_by: self.pay_by,
            residual: self.residual.to_wire(),
        }
    }

    pub(crate) fn from_wire(offer: &wire::SettlementOffer) -> Result<Self, DecodeError> {
        if offer.amount == 0 {
            return Err(DecodeError::Range {
                field: "settlement.amount",
                reason: "not zero",
            });
        }
        Ok(Self {
            amount: amount("settlement.amount", offer.amount)?,
            pay_by: date("settlement.pay_by", offer.pay_by)?,
            residual: ResidualFate::from_wire(offer.residual)?,
        })
    }
}

impl Modification {
    /// Its name in tables and documentation.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Forbear { .. } => "forbear",
            Self::ReAge { .. } => "re-age",
            Self::ReAmortise { .. } => "re-amortise",
            Self::InterestPause { .. } => "interest pause",
            Self::Settlement(_) => "settlement",
        }
    }

    pub(crate) fn to_wire(self) -> wire::Modification {
        use wire::modification::Kind;
        let kind = match self {
            Self::Forbear {
                until,
                interest_stops,
            } => Kind::Forbear(wire::Forbearance {
                until,
                interest_stops,
            }),
            Self::ReAge { first_due } => Kind::ReAge(wire::ReAge { first_due }),
            Self::ReAmortise {
                rate_ppm,
                instalments,
                first_due,
            } => Kind::ReAmortise(wire::ReAmortisation {
                rate_ppm,
                instalments,
                first_due,
            }),
            Self::InterestPause { until } => Kind::InterestPause(wire::InterestPause { until }),
            Self::Settlement(offer) => Kind::Settlement(offer.to_wire()),
        };
        wire::Modification { kind: Some(kind) }
    }

    pub(crate) fn from_wire(
        modification: Option<&wire::Modification>,
    ) -> Result<Self, DecodeError> {
        use wire::modification::Kind;
        let kind = modification.and_then(|modification| modification.kind.as_ref());
        Ok(
            match kind.ok_or(DecodeError::Missing {
                field: "modification",
            })? {
                Kind::Forbear(forbear) => Self::Forbear {
                    until: date("forbear.until", forbear.until)?,
                    interest_stops: forbear.interest_stops,
                },
                Kind::ReAge(again) => Self::ReAge {
                    first_due: date("re_age.first_due", again.first_due)?,
                },
                Kind::ReAmortise(again) => {
                    let count = usize::try_from(again.instalments).unwrap_or(usize::MAX);
                    if !(1..=INSTALMENTS_MAX).contains(&count) || again.rate_ppm > RATE_PPM_MAX {
                        return Err(DecodeError::Range {
                            field: "re_amortise",
                            reason: "1 to 480 instalments at 1000 % at most",
                        });
                    }
                    Self::ReAmortise {
                        rate_ppm: again.rate_ppm,
                        instalments: again.instalments,
                        first_due: date("re_amortise.first_due", again.first_due)?,
                    }
                }
                Kind::InterestPause(pause) => Self::InterestPause {
                    until: date("interest_pause.until", pause.until)?,
                },
                Kind::Settlement(offer) => Self::Settlement(SettlementOffer::from_wire(offer)?),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CONC 7.4: a settlement at a discount says what becomes of the rest. There is no other form of one.
    #[test]
    fn an_offer_that_does_not_state_the_fate_of_the_residual_is_refused() {
        let offer = SettlementOffer {
            amount: Amount::new(5).unwrap(),
            pay_by: 20_000,
            residual: ResidualFate::Waived,
        };
        assert_eq!(SettlementOffer::from_wire(&offer.to_wire()), Ok(offer));
        for residual in [0, 3, -1] {
            let unstated = wire::SettlementOffer {
                residual,
                ..offer.to_wire()
            };
            let refused = SettlementOffer::from_wire(&unstated).unwrap_err();
            assert!(
                refused.to_string().contains("settlement.residual"),
                "{refused}"
            );
        }
    }
}
