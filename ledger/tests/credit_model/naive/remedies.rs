//! Protections, disputes and plans: what they stop, by the pack of the model, and when it goes on.

use super::*;

const DAY_MS: u64 = 86_400_000;
/// As many as one debtor may have open.
const DISPUTES_MAX: usize = 32;
/// As many as still matter on one loan.
const PAUSES_MAX: usize = 8;

/// A protection that holds, or held.
#[derive(Clone)]
pub struct Protected {
    /// In milliseconds of ledger time.
    until: Option<u64>,
    source: u64,
}

/// The rules of `pack.toml`: what stops, for how many days, and for how many after it was lifted.
fn terms(protection: Protection) -> (Stops, Option<u32>, u32) {
    let stops = |interest, furnishing| Stops {
        interest,
        fees: true,
        ageing: interest,
        furnishing,
        ..Stops::default()
    };
    match protection {
        Protection::BreathingSpace => (stops(true, false), Some(20), 0),
        Protection::MentalHealthCrisis => (stops(true, true), None, 5),
        Protection::Hardship => (stops(false, false), Some(15), 0),
        other => unreachable!("the model has no {other:?}"),
    }
}

impl Loan {
    /// Forgets pauses that cover nothing that could still be late.
    pub(super) fn prune(&mut self, products: &[Product], today: u32) {
        let is_owed = self.principal + self.interest_owed(products) > 0;
        let oldest = self.unpaid().first().map(|one| one.0);
        let oldest = oldest.unwrap_or(self.schedule.last().unwrap().0);
        let past = if is_owed { oldest.min(today) } else { today };
        self.pauses.retain(|one| one.until > past);
    }

    fn is_full(&self, products: &[Product], today: u32) -> bool {
        let mut loan = self.clone();
        loan.prune(products, today);
        loan.pauses.len() >= PAUSES_MAX
    }

    fn resume(&mut self, source: u64, day: u32) {
        let pauses = self.pauses.iter_mut();
        for pause in pauses.filter(|one| one.source == source && day < one.until) {
            pause.until = day.max(pause.from);
        }
        self.pauses.retain(|one| one.until > one.from);
    }
}

impl Naive {
    fn source(&mut self) -> u64 {
        self.sources += 1;
        self.sources
    }

    fn pause(&mut self, id: LoanId, stops: Stops) {
        let today = self.today;
        let loan = self.loans.get_mut(&id).unwrap();
        loan.prune(&self.products, today);
        loan.pauses.push(stops);
    }

    fn loans_of(&self, borrower: AccountId) -> Vec<LoanId> {
        let open = |one: &Loan| one.borrower == borrower && !one.status.is_over();
        let loans = self.loans.iter().filter(|(_, one)| open(one));
        loans.map(|(id, _)| *id).collect()
    }

    /// `asked` days instead of what the rules give.
    pub fn protect(
        &mut self,
        debtor: AccountId,
        protection: Protection,
        may_set: bool,
        asked: Option<u32>,
    ) -> Result<(), Outcome> {
        let loans = self.loans_of(debtor);
        let (stops, length, _) = terms(protection);
        let length = length.filter(|_| !loans.is_empty());
        let before = self.protected.get(&(debtor, protection));
        let holds = before.is_some_and(|one| one.until.is_none_or(|until| self.now < until));
        let mut faults = Faults::default();
        faults.when(!may_set, Outcome::NotPermitted);
        let full = |id: &LoanId| self.loans[id].is_full(&self.products, self.today);
        faults.when(loans.iter().any(full), Outcome::TooManyPauses);
        faults.when(holds, Outcome::ProtectionExists);
        let too_long = length.zip(asked).is_some_and(|(most, asked)| asked > most);
        faults.when(too_long, Outcome::ProtectionTooLong);
        faults.verdict()?;
        let days = asked.or(length);
        let source = self.source();
        let until = days.map(|days| self.now + u64::from(days) * DAY_MS);
        let protected = Protected { until, source };
        self.protected.insert((debtor, protection), protected);
        for id in loans {
            let pause = Stops {
                from: self.today,
                until: days.map_or(u32::MAX, |days| self.today + days),
                source,
                ..stops.clone()
            };
            self.pause(id, pause);
        }
        Ok(())
    }

    pub fn lift(
        &mut self,
        debtor: AccountId,
        protection: Protection,
        has_set: bool,
    ) -> Result<(), Outcome> {
        let loans = self.loans_of(debtor);
        let after = terms(protection).2;
        let after = if loans.is_empty() { 0 } else { after };
        let now = self.now;
        let entry = self.protected.get_mut(&(debtor, protection));
        let mut faults = Faults::default();
        faults.when(entry.is_some() && !has_set, Outcome::NotPermitted);
        let entry = entry.filter(|one| one.until.is_none_or(|until| now < until));
        faults.when(entry.is_none(), Outcome::ProtectionUnknown);
        faults.verdict()?;
        let entry = entry.unwrap();
        let ends = now + u64::from(after) * DAY_MS;
        entry.until = Some(entry.until.map_or(ends, |until| until.min(ends)));
        let (source, day) = (entry.source, self.today + after);
        for id in loans {
            self.loans.get_mut(&id).unwrap().resume(source, day);
        }
        Ok(())
    }

    pub fn dispute(&mut self, id: LoanId, by: AccountId) -> Result<(), Outcome> {
        let loan = self.loans.get(&id).ok_or(Outcome::LoanUnknown)?;
        let borrower = loan.borrower;
        let is_known = self.disputes.contains_key(&id);
        let of_debtor = self.disputes.keys().map(|id| self.loans[id].borrower);
        let open = of_debtor.filter(|one| *one == borrower).count();
        let live = matches!(loan.status, LoanStatus::Active | LoanStatus::ChargedOff);
        let mut faults = Faults::default();
        faults.when(by != borrower, Outcome::NotPermitted);
        faults.when(!live, Outcome::LoanStatus);
        let full = !is_known && loan.is_full(&self.products, self.today);
        faults.when(full, Outcome::TooManyPauses);
        faults.when(is_known, Outcome::DisputeExists);
        faults.when(open >= DISPUTES_MAX, Outcome::TooManyOpen);
        faults.verdict()?;
        let source = self.source();
        self.disputes.insert(id, source);
        let pause = Stops {
            from: self.today,
            until: u32::MAX,
            interest: true,
            fees: true,
            ageing: true,
            furnishing: true,
            source,
        };
        self.pause(id, pause);
        Ok(())
    }

    pub fn settle(&mut self, id: LoanId, lender: usize) -> Result<(), Outcome> {
        let loan = self.loans.get(&id).ok_or(Outcome::LoanUnknown)?;
        let source = self.disputes.get(&id).copied();
        let mut faults = Faults::default();
        faults.when(lender != loan.lender, Outcome::NotPermitted);
        faults.when(source.is_none(), Outcome::DisputeUnknown);
        faults.verdict()?;
        self.disputes.remove(&id);
        let today = self.today;
        let loan = self.loans.get_mut(&id).unwrap();
        loan.resume(source.unwrap(), today);
        Ok(())
    }

    pub fn plan(&mut self, id: LoanId, lender: usize, plan: &[(u32, u128)]) -> Result<(), Outcome> {
        let mut faults = Faults::default();
        faults.when(plan[0].0 < self.today, Outcome::DateGoesBack);
        let Some(loan) = self.loans.get(&id) else {
            faults.when(true, Outcome::LoanUnknown);
            return faults.verdict();
        };
        let live = matches!(loan.status, LoanStatus::Active | LoanStatus::ChargedOff);
        let sum: u128 = plan.iter().map(|one| one.1).sum();
        faults.when(lender != loan.lender, Outcome::NotPermitted);
        faults.when(!live, Outcome::LoanStatus);
        faults.when(sum != loan.owed(&self.products), Outcome::ScheduleInvalid);
        let full = loan.is_full(&self.products, self.today);
        faults.when(full, Outcome::TooManyPauses);
        faults.verdict()?;
        let loan = self.loans.get_mut(&id).unwrap();
        loan.schedule = plan.to_vec();
        loan.paid = 0;
        let pause = Stops {
            from: self.today,
            until: plan.last().unwrap().0 + 1,
            interest: true,
            fees: true,
            source: self.source(),
            ..Stops::default()
        };
        self.pause(id, pause);
        Ok(())
    }
}
