//! Loans as somebody would write them who reads only the README: every loan ages every day, in wide
//! integers; each rule is a fault that applies or not, and the outcome is the fault with the lowest number.

use std::collections::BTreeMap;

use talea_types::{
    AccountId, LoanId, Outcome,
    conduct::Protection,
    credit::{Component, FeeGround, Modification, ReportKind, ResidualFate},
    state::LoanStatus,
};

pub mod remedies;

/// A product, by the rules that matter here.
#[derive(Clone)]
pub struct Product {
    pub lender: usize,
    pub days_of_year: u128,
    pub rate_max: u32,
    pub principal_max: u128,
    pub count_max: usize,
    pub supplied: bool,
    pub waterfall: [Component; 3],
    pub grace: u32,
    pub charge_off: u32,
    /// Code, ground, amount, cap.
    pub fees: Vec<(&'static str, FeeGround, u128, u128)>,
}

#[derive(Clone)]
pub struct Agreement {
    pub lender: usize,
    pub shares: Vec<(AccountId, u128)>,
    pub servicer: AccountId,
    pub servicing: u128,
    pub loan_max: u128,
    pub total_max: u128,
    pub outstanding: u128,
    pub guarantor: AccountId,
    pub first_loss_left: u128,
}

/// A pause: what stops from one day until another, which is not in it any more.
#[derive(Clone, Default)]
pub struct Stops {
    pub from: u32,
    pub until: u32,
    pub interest: bool,
    pub fees: bool,
    pub ageing: bool,
    pub furnishing: bool,
    /// The protection or dispute that can end it; 0 for others.
    pub source: u64,
}

#[derive(Clone)]
pub struct Loan {
    pub status: LoanStatus,
    pub agreed_on: u32,
    pub product: usize,
    pub agreement: Option<usize>,
    pub lender: usize,
    pub borrower: AccountId,
    pub rate: u128,
    pub principal: u128,
    /// In parts of 1 / (1,000,000 x days of the year).
    pub interest: u128,
    pub fees: u128,
    pub charged: BTreeMap<&'static str, u128>,
    /// Account, share of interest, claim.
    pub claims: Vec<(AccountId, u128, u128)>,
    pub servicer: AccountId,
    pub servicing: u128,
    pub schedule: Vec<(u32, u128)>,
    pub paid: u128,
    pub late_fee_due: u32,
    pub pauses: Vec<Stops>,
    pub settlement: Option<(u128, u32, ResidualFate)>,
    pub reports: u32,
    pub loss_settled: bool,
}

#[derive(Default)]
pub struct Faults(Vec<Outcome>);

impl Faults {
    pub fn when(&mut self, applies: bool, outcome: Outcome) {
        if applies {
            self.0.push(outcome);
        }
    }

    pub fn verdict(self) -> Result<(), Outcome> {
        self.0.into_iter().min().map_or(Ok(()), Err)
    }
}

#[derive(Default)]
pub struct Naive {
    pub today: u32,
    pub balances: BTreeMap<AccountId, u128>,
    pub products: Vec<Product>,
    pub agreements: Vec<Agreement>,
    pub loans: BTreeMap<LoanId, Loan>,
    pub inquiries: BTreeMap<(AccountId, usize), u32>,
    /// Ledger time in milliseconds.
    pub now: u64,
    pub protected: BTreeMap<(AccountId, Protection), remedies::Protected>,
    /// Open disputes with their sources.
    pub disputes: BTreeMap<LoanId, u64>,
    pub sources: u64,
}

/// Floors, then one each to the first that have a weight.
fn divide(amount: u128, weights: &[u128]) -> Vec<u128> {
    let whole: u128 = weights.iter().sum();
    let mut parts: Vec<u128> = weights
        .iter()
        .map(|one| amount * one / whole.max(1))
        .collect();
    let mut left = amount - parts.iter().sum::<u128>();
    for (part, weight) in parts.iter_mut().zip(weights) {
        if left > 0 && *weight > 0 {
            *part += 1;
            left -= 1;
        }
    }
    parts
}

impl Loan {
    fn scale(&self, products: &[Product]) -> u128 {
        1_000_000 * products[self.product].days_of_year
    }

    pub fn interest_owed(&self, products: &[Product]) -> u128 {
        self.interest / self.scale(products)
    }

    fn owed(&self, products: &[Product]) -> u128 {
        self.principal + self.interest_owed(products) + self.fees
    }

    /// Due dates with something unpaid.
    fn unpaid(&self) -> Vec<(u32, u128)> {
        let mut left = self.paid;
        let mut unpaid = Vec::new();
        for (due, amount) in &self.schedule {
            let part = left.min(*amount);
            left -= part;
            if part < *amount {
                unpaid.push((*due, amount - part));
            }
        }
        unpaid
    }

    fn days_late(&self, due: u32, today: u32, grace: u32) -> u32 {
        let counts = |day: &u32| {
            let mut pauses = self.pauses.iter();
            !pauses.any(|one| one.ageing && one.from <= *day && *day < one.until)
        };
        let days = u32::try_from((due..today).filter(counts).count()).unwrap();
        if days <= grace { 0 } else { days }
    }

    pub fn days_past_due(&self, products: &[Product], today: u32) -> u32 {
        let open = matches!(self.status, LoanStatus::Active | LoanStatus::ChargedOff);
        if !open || self.principal + self.interest_owed(products) == 0 {
            return 0;
        }
        let unpaid = self.unpaid();
        let due = unpaid
            .first()
            .map_or(self.schedule.last().unwrap().0, |one| one.0);
        self.days_late(due, today, products[self.product].grace)
    }

    fn paused(&self, today: u32, stops: impl Fn(&Stops) -> bool) -> bool {
        let mut pauses = self.pauses.iter();
        pauses.any(|one| stops(one) && one.from <= today && today < one.until)
    }

    fn close_if_paid(&mut self, products: &[Product]) {
        if self.owed(products) == 0 {
            self.status = LoanStatus::Closed;
            self.interest = 0;
            self.settlement = None;
        }
    }
}

impl Naive {
    pub fn advance(&mut self, to: u32) -> Result<(), Outcome> {
        let mut faults = Faults::default();
        faults.when(to <= self.today, Outcome::DateGoesBack);
        faults.verdict()?;
        for day in self.today..to {
            for loan in self.loans.values_mut() {
                let stopped = loan.paused(day, |one| one.interest);
                if loan.status == LoanStatus::Active && !stopped {
                    loan.interest += loan.principal * loan.rate;
                }
            }
        }
        self.today = to;
        for loan in self.loans.values_mut() {
            let late = to > loan.schedule[0].0 || to > loan.agreed_on + 30;
            if loan.status == LoanStatus::Originated && late {
                loan.status = LoanStatus::Lapsed;
                loan.principal = 0;
            }
            loan.settlement = loan.settlement.filter(|offer| to <= offer.1);
        }
        Ok(())
    }

    pub fn open_loans(&self, borrower: AccountId) -> usize {
        let loans = self.loans.values();
        loans
            .filter(|one| one.borrower == borrower && !one.status.is_over())
            .count()
    }

    fn pay(&mut self, from: AccountId, to: AccountId, amount: u128) {
        *self.balances.get_mut(&from).unwrap() -= amount;
        *self.balances.get_mut(&to).unwrap() += amount;
    }

    pub fn disburse(&mut self, id: LoanId, lender: usize) -> Result<(), Outcome> {
        let loan = self.loans.get(&id).ok_or(Outcome::LoanUnknown)?.clone();
        let shares: Vec<u128> = loan.claims.iter().map(|one| one.1).collect();
        let parts = divide(loan.principal, &shares);
        let mut faults = Faults::default();
        faults.when(lender != loan.lender, Outcome::NotPermitted);
        let short = loan
            .claims
            .iter()
            .zip(&parts)
            .any(|(one, part)| self.balances[&one.0] < *part);
        faults.when(short, Outcome::InsufficientFunds);
        faults.when(loan.status != LoanStatus::Originated, Outcome::LoanStatus);
        if let Some(agreement) = loan.agreement {
            let agreement = &self.agreements[agreement];
            let above = agreement.outstanding + loan.principal > agreement.total_max;
            faults.when(above, Outcome::AgreementCapExceeded);
        }
        faults.verdict()?;
        for (place, part) in parts.into_iter().enumerate() {
            self.pay(loan.claims[place].0, loan.borrower, part);
            self.loans.get_mut(&id).unwrap().claims[place].2 = part;
        }
        self.agreements[loan.agreement.unwrap()].outstanding += loan.principal;
        self.loans.get_mut(&id).unwrap().status = LoanStatus::Active;
        Ok(())
    }

    pub fn repay(&mut self, id: LoanId, payer: AccountId, amount: u128) -> Result<(), Outcome> {
        let mut loan = self.loans.get(&id).ok_or(Outcome::LoanUnknown)?.clone();
        let mut faults = Faults::default();
        let open = matches!(loan.status, LoanStatus::Active | LoanStatus::ChargedOff);
        faults.when(self.balances[&payer] < amount, Outcome::InsufficientFunds);
        faults.when(!open, Outcome::LoanStatus);
        faults.when(
            amount > loan.owed(&self.products),
            Outcome::RepaymentAboveDebt,
        );
        faults.verdict()?;
        let mut left = amount;
        let (mut fees, mut interest, mut principal) = (0, 0, 0);
        for component in self.products[loan.product].waterfall {
            match component {
                Component::Fees => {
                    fees = left.min(loan.fees);
                    left -= fees;
                }
                Component::Interest => {
                    interest = left.min(loan.interest_owed(&self.products));
                    left -= interest;
                }
                Component::Principal => {
                    principal = left.min(loan.principal);
                    left -= principal;
                }
            }
        }
        let servicing = interest * loan.servicing / 1_000_000;
        self.pay(payer, loan.servicer, fees + servicing);
        let shares: Vec<u128> = loan.claims.iter().map(|one| one.1).collect();
        let claims: Vec<u128> = loan.claims.iter().map(|one| one.2).collect();
        let of_interest = divide(interest - servicing, &shares);
        let of_principal = divide(principal, &claims);
        for (place, claim) in loan.claims.iter_mut().enumerate() {
            claim.2 -= of_principal[place];
            self.pay(payer, claim.0, of_interest[place] + of_principal[place]);
        }
        loan.fees -= fees;
        loan.interest -= interest * loan.scale(&self.products);
        loan.principal -= principal;
        loan.paid += principal + interest;
        let mut waived = false;
        if let Some((still, _, fate)) = &mut loan.settlement {
            *still = still.saturating_sub(amount);
            if *still == 0 {
                waived = *fate == ResidualFate::Waived;
                loan.settlement = None;
            }
        }
        let mut released = principal;
        if waived {
            released += loan.principal;
            (loan.principal, loan.interest, loan.fees) = (0, 0, 0);
            loan.claims.iter_mut().for_each(|one| one.2 = 0);
        }
        loan.close_if_paid(&self.products);
        if let Some(agreement) = loan.agreement {
            self.agreements[agreement].outstanding -= released;
        }
        self.loans.insert(id, loan);
        Ok(())
    }

    pub fn fee(
        &mut self,
        id: LoanId,
        lender: usize,
        code: &str,
        ground: FeeGround,
    ) -> Result<(), Outcome> {
        let today = self.today;
        let mut loan = self.loans.get(&id).ok_or(Outcome::LoanUnknown)?.clone();
        let product = &self.products[loan.product];
        let fee = product
            .fees
            .iter()
            .find(|fee| fee.0 == code && fee.1 == ground);
        let late =
            loan.unpaid().into_iter().map(|one| one.0).find(|due| {
                *due > loan.late_fee_due && loan.days_late(*due, today, product.grace) > 0
            });
        let key = (loan.borrower, loan.lender);
        let allowed = self
            .inquiries
            .get(&key)
            .is_some_and(|until| today <= *until);
        let mut faults = Faults::default();
        faults.when(lender != loan.lender, Outcome::NotPermitted);
        faults.when(loan.status != LoanStatus::Active, Outcome::LoanStatus);
        faults.when(ground == FeeGround::Collection, Outcome::FeeForCollection);
        faults.when(fee.is_none(), Outcome::FeeUnknown);
        faults.when(
            ground == FeeGround::LatePayment && late.is_none(),
            Outcome::FeeNotDue,
        );
        if let Some(fee) = fee {
            let before = loan.charged.get(fee.0).copied().unwrap_or_default();
            faults.when(before + fee.2 > fee.3, Outcome::FeeCapExceeded);
        }
        faults.when(
            ground == FeeGround::Inquiry && !allowed,
            Outcome::InquiryNotAuthorised,
        );
        faults.when(loan.paused(today, |one| one.fees), Outcome::FeesPaused);
        faults.verdict()?;
        let fee = fee.unwrap();
        *loan.charged.entry(fee.0).or_default() += fee.2;
        loan.fees += fee.2;
        match ground {
            FeeGround::LatePayment => loan.late_fee_due = late.unwrap(),
            FeeGround::Inquiry => {
                self.inquiries.remove(&key);
            }
            _ => {}
        }
        self.loans.insert(id, loan);
        Ok(())
    }

    /// A new schedule is not computed here: the caller puts the ledger's in.
    pub fn modify(
        &mut self,
        id: LoanId,
        lender: usize,
        modification: Modification,
    ) -> Result<(), Outcome> {
        let today = self.today;
        let mut loan = self.loans.get(&id).ok_or(Outcome::LoanUnknown)?.clone();
        let product = &self.products[loan.product];
        let date = match modification {
            Modification::Forbear { until, .. } | Modification::InterestPause { until } => until,
            Modification::ReAge { first_due } | Modification::ReAmortise { first_due, .. } => {
                first_due
            }
            Modification::Settlement(offer) => offer.pay_by,
        };
        let mut faults = Faults::default();
        faults.when(lender != loan.lender, Outcome::NotPermitted);
        faults.when(date > today + 400, Outcome::TimeOutOfRange);
        faults.when(date <= today, Outcome::DateGoesBack);
        let settles = matches!(modification, Modification::Settlement(_));
        let fits =
            loan.status == LoanStatus::Active || settles && loan.status == LoanStatus::ChargedOff;
        faults.when(!fits, Outcome::LoanStatus);
        let pauses = matches!(
            modification,
            Modification::Forbear { .. } | Modification::InterestPause { .. }
        );
        if pauses {
            loan.prune(&self.products, today);
        }
        faults.when(pauses && loan.pauses.len() >= 8, Outcome::TooManyPauses);
        match modification {
            Modification::ReAge { .. } => {
                faults.when(loan.unpaid().is_empty(), Outcome::ScheduleInvalid);
            }
            Modification::ReAmortise {
                rate_ppm,
                instalments,
                ..
            } => {
                let allowed =
                    rate_ppm <= product.rate_max && instalments as usize <= product.count_max;
                faults.when(!allowed, Outcome::TermsOutsideProduct);
                faults.when(loan.principal == 0, Outcome::ScheduleInvalid);
            }
            Modification::Settlement(offer) => {
                let above = u128::from(offer.amount.minor_units()) > loan.owed(&self.products);
                faults.when(above, Outcome::RepaymentAboveDebt);
            }
            _ => {}
        }
        faults.verdict()?;
        match modification {
            Modification::Forbear {
                until,
                interest_stops,
            } => loan.pauses.push(Stops {
                from: today,
                until,
                interest: interest_stops,
                fees: true,
                ageing: true,
                ..Stops::default()
            }),
            Modification::InterestPause { until } => loan.pauses.push(Stops {
                from: today,
                until,
                interest: true,
                ..Stops::default()
            }),
            Modification::ReAge { .. } => loan.paid = 0,
            Modification::ReAmortise { rate_ppm, .. } => {
                loan.paid = 0;
                loan.rate = rate_ppm.into();
            }
            Modification::Settlement(offer) => {
                let amount = offer.amount.minor_units().into();
                loan.settlement = Some((amount, offer.pay_by, offer.residual));
            }
        }
        self.loans.insert(id, loan);
        Ok(())
    }

    pub fn charge_off(&mut self, id: LoanId, lender: usize) -> Result<(), Outcome> {
        let loan = self.loans.get(&id).ok_or(Outcome::LoanUnknown)?;
        let days = loan.days_past_due(&self.products, self.today);
        let mut faults = Faults::default();
        faults.when(lender != loan.lender, Outcome::NotPermitted);
        faults.when(loan.status != LoanStatus::Active, Outcome::LoanStatus);
        faults.when(
            days < self.products[loan.product].charge_off,
            Outcome::NotLateEnough,
        );
        faults.verdict()?;
        self.loans.get_mut(&id).unwrap().status = LoanStatus::ChargedOff;
        Ok(())
    }

    pub fn share_loss(&mut self, id: LoanId, lender: usize) -> Result<(), Outcome> {
        let mut loan = self.loans.get(&id).ok_or(Outcome::LoanUnknown)?.clone();
        let agreement = loan.agreement.map(|one| self.agreements[one].clone());
        let cover = agreement
            .as_ref()
            .map_or(0, |one| one.first_loss_left.min(loan.principal));
        let mut faults = Faults::default();
        faults.when(lender != loan.lender, Outcome::NotPermitted);
        if let Some(agreement) = &agreement {
            faults.when(
                self.balances[&agreement.guarantor] < cover,
                Outcome::InsufficientFunds,
            );
        }
        faults.when(loan.status != LoanStatus::ChargedOff, Outcome::LoanStatus);
        faults.when(
            loan.loss_settled || loan.principal == 0,
            Outcome::LossSettled,
        );
        faults.verdict()?;
        if let Some(agreement) = &agreement {
            let claims: Vec<u128> = loan.claims.iter().map(|one| one.2).collect();
            for (place, part) in divide(cover, &claims).into_iter().enumerate() {
                loan.claims[place].2 -= part;
                self.pay(agreement.guarantor, loan.claims[place].0, part);
            }
            loan.claims.push((agreement.guarantor, 0, cover));
            self.agreements[loan.agreement.unwrap()].first_loss_left -= cover;
        }
        loan.loss_settled = true;
        self.loans.insert(id, loan);
        Ok(())
    }

    pub fn assign(
        &mut self,
        id: LoanId,
        lender: usize,
        to: usize,
        buyer: AccountId,
        price: u128,
    ) -> Result<(), Outcome> {
        let mut loan = self.loans.get(&id).ok_or(Outcome::LoanUnknown)?.clone();
        let open = matches!(loan.status, LoanStatus::Active | LoanStatus::ChargedOff);
        let mut faults = Faults::default();
        faults.when(lender != loan.lender, Outcome::NotPermitted);
        faults.when(self.balances[&buyer] < price, Outcome::InsufficientFunds);
        faults.when(!open, Outcome::LoanStatus);
        faults.verdict()?;
        let by_claims = loan.principal > 0;
        let weights = loan
            .claims
            .iter()
            .map(|one| if by_claims { one.2 } else { one.1 });
        let parts = divide(price, &weights.collect::<Vec<_>>());
        for (claim, part) in loan.claims.iter().zip(parts) {
            self.pay(buyer, claim.0, part);
        }
        if let Some(agreement) = loan.agreement.take() {
            self.agreements[agreement].outstanding -= loan.principal;
        }
        loan.lender = to;
        loan.servicer = buyer;
        loan.servicing = 0;
        loan.claims = vec![(buyer, 1_000_000, loan.principal)];
        self.loans.insert(id, loan);
        Ok(())
    }

    pub fn furnish(
        &mut self,
        id: LoanId,
        lender: usize,
        kind: ReportKind,
        days: u32,
        of: u32,
    ) -> Result<(), Outcome> {
        let loan = self.loans.get(&id).ok_or(Outcome::LoanUnknown)?;
        let found = loan.days_past_due(&self.products, self.today);
        let late = found > 0 || loan.status == LoanStatus::ChargedOff;
        let mut faults = Faults::default();
        faults.when(lender != loan.lender, Outcome::NotPermitted);
        let never_paid_out = matches!(loan.status, LoanStatus::Originated | LoanStatus::Lapsed);
        faults.when(never_paid_out, Outcome::LoanStatus);
        faults.when(days != found, Outcome::ReportNotTrue);
        faults.when(kind == ReportKind::Positive && late, Outcome::ReportNotTrue);
        faults.when(kind == ReportKind::Adverse && !late, Outcome::ReportNotTrue);
        faults.when(of > loan.reports, Outcome::ReportUnknown);
        let is_new = matches!(kind, ReportKind::Positive | ReportKind::Adverse);
        let stopped = loan.paused(self.today, |one| one.furnishing);
        faults.when(is_new && stopped, Outcome::FurnishingPaused);
        faults.verdict()?;
        self.loans.get_mut(&id).unwrap().reports += 1;
        Ok(())
    }
}
