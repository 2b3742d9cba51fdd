//! A loan as the ledger will have it: the same pure arithmetic, run beforehand, so that a plan knows what
//! is owed on a day. In the end the ledger is asked, and has to say the same.

use anyhow::Context;
use talea_ledger::credit::{Owed, Terms, costs_at_most, generate, waterfall};
use talea_types::{
    AccountId, Amount, EventChain, ParticipantId, ProductId,
    credit::{Bucket, Instalment, ProductTerms, ScheduleKind, age, days_past_due, unpaid},
    state::{Loan, LoanStatus},
};

/// A loan on its way.
#[derive(Clone, Debug)]
pub struct Mirror {
    loan: Loan,
    /// Paid to principal, interest and fees so far.
    paid: Owed,
    /// Fees that were charged so far.
    charged: Amount,
}

/// What a loan follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanTerms {
    /// What is lent.
    pub principal: Amount,
    /// A year, parts per million.
    pub rate_ppm: u32,
    /// How many instalments; 0 when the lender supplies the schedule.
    pub instalments: u32,
    /// Business date of the first.
    pub first_due: u32,
    /// Of the lender, or empty.
    pub schedule: Vec<Instalment>,
}

impl Mirror {
    /// A loan that is paid out on the day on which it is agreed.
    ///
    /// # Errors
    /// When the product does not allow it: a bug in the plan.
    pub fn disbursed(terms: &LoanTerms, product: &ProductTerms, day: u32) -> anyhow::Result<Self> {
        let follows = Terms {
            kind: product.schedule,
            down_payment_ppm: product.down_payment_ppm,
            principal: terms.principal,
            rate_ppm: terms.rate_ppm,
            day_count: product.day_count,
            start: day,
            first_due: terms.first_due,
            count: terms.instalments,
        };
        let schedule = if product.schedule == ScheduleKind::LenderSupplied {
            terms.schedule.clone()
        } else {
            generate(&follows).context("the terms have no schedule")?
        };
        let within = costs_at_most(&follows, &schedule, product.apr_cap_ppm);
        anyhow::ensure!(within == Some(true), "the schedule is not allowed");
        let none = [0; 16];
        let loan = Loan {
            product: ProductId::from_bytes(none),
            agreement: None,
            lender: ParticipantId::from_bytes(none),
            borrower: AccountId::from_bytes(none),
            governing_law: String::new(),
            status: LoanStatus::Active,
            rate_ppm: terms.rate_ppm,
            aged_to: day,
            principal: terms.principal,
            interest: Amount::ZERO,
            interest_fraction: 0,
            fees: Amount::ZERO,
            fee_totals: Vec::new(),
            funders: Vec::new(),
            servicer: AccountId::from_bytes(none),
            servicing_ppm: 0,
            schedule,
            paid: Amount::ZERO,
            late_fee_due: 0,
            pauses: Vec::new(),
            settlement: None,
            reports: 0,
            loss_settled: false,
            events: EventChain::default(),
        };
        Ok(Self {
            loan,
            paid: Owed::default(),
            charged: Amount::ZERO,
        })
    }

    /// As it is on a business date.
    pub fn age(&mut self, product: &ProductTerms, day: u32) {
        age(&mut self.loan, product, day);
    }

    /// What is owed now.
    #[must_use]
    pub const fn owed(&self) -> Owed {
        Owed {
            fees: self.loan.fees,
            interest: self.loan.interest,
            principal: self.loan.principal,
        }
    }

    /// All that is owed now, minor units.
    #[must_use]
    pub fn total_owed(&self) -> u64 {
        self.owed().total().map_or(0, Amount::minor_units)
    }

    /// What was paid so far.
    #[must_use]
    pub const fn paid(&self) -> &Owed {
        &self.paid
    }

    /// Fees that were charged so far.
    #[must_use]
    pub const fn charged(&self) -> Amount {
        self.charged
    }

    /// Unpaid parts of instalments that fall due up to a date, with the fees, minor units.
    #[must_use]
    pub fn due_until(&self, day: u32) -> u64 {
        let due = unpaid(&self.loan).filter(|instalment| instalment.due <= day);
        let sum: u64 = due.map(|instalment| instalment.amount.minor_units()).sum();
        (sum + self.loan.fees.minor_units()).min(self.total_owed())
    }

    /// Days past due, of the loan as it was aged.
    #[must_use]
    pub fn days_past_due(&self, product: &ProductTerms) -> u32 {
        days_past_due(&self.loan, product, self.loan.aged_to)
    }

    /// Its bucket, while something is owed on it and it is not given up.
    #[must_use]
    pub fn bucket(&self, product: &ProductTerms) -> Option<Bucket> {
        let is_active = self.loan.status == LoanStatus::Active;
        is_active.then(|| Bucket::of(self.days_past_due(product)))
    }

    /// Whether it is paid off.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.loan.status == LoanStatus::Closed
    }

    /// Charges a fee.
    pub fn charge(&mut self, fee: Amount) {
        let sum = |amount: Amount| amount.try_add(fee).unwrap_or(Amount::MAX);
        self.loan.fees = sum(self.loan.fees);
        self.charged = sum(self.charged);
    }

    /// A payment, at most what is owed.
    ///
    /// # Errors
    /// When it is more: a bug in the plan.
    pub fn repay(&mut self, product: &ProductTerms, amount: Amount) -> anyhow::Result<()> {
        let parts = waterfall(amount, &self.owed(), &product.waterfall);
        let parts = parts.context("more is paid than is owed")?;
        let less = |amount: Amount, by| amount.try_sub(by).unwrap_or_default();
        let more = |amount: Amount, by| amount.try_add(by).unwrap_or(Amount::MAX);
        self.loan.fees = less(self.loan.fees, parts.fees);
        self.loan.interest = less(self.loan.interest, parts.interest);
        self.loan.principal = less(self.loan.principal, parts.principal);
        self.loan.paid = more(more(self.loan.paid, parts.interest), parts.principal);
        self.paid.fees = more(self.paid.fees, parts.fees);
        self.paid.interest = more(self.paid.interest, parts.interest);
        self.paid.principal = more(self.paid.principal, parts.principal);
        if self.total_owed() == 0 {
            self.loan.status = LoanStatus::Closed;
        }
        Ok(())
    }

    /// Gives it up as an asset.
    pub fn charge_off(&mut self) {
        self.loan.status = LoanStatus::ChargedOff;
    }
}
