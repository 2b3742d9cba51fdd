//! One loan of a consumer lender, with what became of it.

/// How a loan stood when the lender published its books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nothing is late.
    Current,
    /// At most 15 days late.
    InGrace,
    /// 16 to 30 days late.
    Late30,
    /// 31 to 120 days late.
    Late120,
    /// Given up as an asset.
    ChargedOff,
    /// Paid off, before its time.
    FullyPaid,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Current,
        Self::InGrace,
        Self::Late30,
        Self::Late120,
        Self::ChargedOff,
        Self::FullyPaid,
    ];

    /// As the lender's books name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "Current",
            Self::InGrace => "In Grace Period",
            Self::Late30 => "Late (16-30 days)",
            Self::Late120 => "Late (31-120 days)",
            Self::ChargedOff => "Charged Off",
            Self::FullyPaid => "Fully Paid",
        }
    }
}

/// What was paid until the books were published, minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// As the books give the sum. They give parts of a cent, so it may differ from the parts by one.
    pub total: u64,
    /// Of the principal.
    pub principal: u64,
    /// Of the interest.
    pub interest: u64,
    /// Of late fees.
    pub late_fees: u64,
}

impl Paid {
    /// The sum of the parts.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.principal + self.interest + self.late_fees
    }
}

/// A loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerLoan {
    /// Its number in the books, from 1.
    pub number: usize,
    /// Where the borrower lives, ISO 3166-2.
    pub region: String,
    /// Minor units.
    pub principal: u64,
    /// How many instalments, one a month.
    pub months: u32,
    /// A year, parts per million.
    pub rate_ppm: u32,
    /// Minor units.
    pub instalment: u64,
    /// Month in which it was made, 0 for the first month of the books.
    pub issued: usize,
    /// How it stood in the end.
    pub status: Status,
    /// What was paid until then.
    pub paid: Paid,
}
