//! Money that moves.

use talea_types::{
    AccountId, Asset, HoldId, Operation, Outcome, Subject, Timestamp, TransactionId,
    operation::Restriction, time::DAY_MS,
};

use super::{Faults, Holder, Naive, Reserved, units};

impl Naive {
    /// Faults that any payment along this way has.
    fn way(&self, faults: &mut Faults, from: Option<AccountId>, to: Option<AccountId>) {
        let restricted = |holder: &Holder| match holder.restricted {
            Some((restriction, until)) if self.now < until => restriction,
            _ => Restriction::None,
        };
        for (id, debited) in [(from, true), (to, false)] {
            let Some(id) = id else { continue };
            match self.holders.get(&id) {
                None => faults.when(true, Outcome::AccountUnknown),
                Some(holder) => {
                    faults.when(holder.closed, Outcome::AccountClosed);
                    let restriction = restricted(holder);
                    let stopped = restriction == Restriction::All
                        || (debited && restriction == Restriction::Debits);
                    faults.when(stopped, Outcome::AccountRestricted);
                }
            }
        }
    }

    fn available(&self, account: AccountId, asset: Asset) -> i128 {
        let holder = self.holders.get(&account);
        let available = holder.and_then(|holder| holder.available.get(&asset));
        available.copied().unwrap_or(0)
    }

    fn limits(&self, faults: &mut Faults, account: AccountId, asset: Asset, amount: i128) {
        let Some(holder) = self.holders.get(&account) else {
            return;
        };
        let Some([once, day, month]) = self.tiers[holder.tier].get(&asset) else {
            return;
        };
        let now = Timestamp::from_millis(self.now);
        let sum = |same: &dyn Fn(Timestamp) -> bool| -> i128 {
            let counted = holder.spent.iter();
            counted
                .filter(|(at, of, _)| *of == asset && same(Timestamp::from_millis(*at)))
                .map(|(_, _, amount)| amount)
                .sum()
        };
        let today = sum(&|at| at.day() == now.day());
        let this_month = sum(&|at| at.month() == now.month());
        faults.when(amount > *once, Outcome::LimitPerTransaction);
        faults.when(today + amount > *day, Outcome::LimitPerDay);
        faults.when(this_month + amount > *month, Outcome::LimitPerMonth);
    }

    /// Moves money between accounts, and between their banks.
    fn settle(&mut self, from: AccountId, to: AccountId, asset: Asset, amount: i128) {
        let [payer, payee] = [from, to].map(|id| self.holders[&id].sponsor);
        *self.balance(to, asset) += amount;
        for (bank, sign) in [(payer, -1), (payee, 1)] {
            let (reserve, liabilities) = self.banks.entry((bank, asset)).or_default();
            *reserve += sign * amount;
            *liabilities += sign * amount;
        }
    }

    fn balance(&mut self, account: AccountId, asset: Asset) -> &mut i128 {
        let holder = self.holders.get_mut(&account).unwrap();
        holder.available.entry(asset).or_default()
    }

    fn spend(&mut self, account: AccountId, asset: Asset, amount: i128) {
        *self.balance(account, asset) -= amount;
        let month = Timestamp::from_millis(self.now).month();
        let holder = self.holders.get_mut(&account).unwrap();
        holder
            .spent
            .retain(|(at, _, _)| Timestamp::from_millis(*at).month() == month);
        holder.spent.push((self.now, asset, amount));
    }

    /// A payment, alone (with its author) or as a leg.
    pub(super) fn pay(
        &mut self,
        id: TransactionId,
        leg: u32,
        author: Option<Subject>,
        operation: &Operation,
    ) -> Result<(), Outcome> {
        let mut faults = Faults::default();
        let is = |subject: Subject| author.is_none_or(|author| author == subject);
        let now = self.now;
        match operation {
            Operation::Issue(issue) => {
                let (account, asset, amount) = (issue.account, issue.asset, units(issue.amount));
                self.way(&mut faults, None, Some(account));
                faults.when(!self.assets.contains(&asset), Outcome::AssetUnknown);
                if let Some(holder) = self.holders.get(&account) {
                    faults.when(
                        !is(Subject::Participant(holder.sponsor)),
                        Outcome::NotPermitted,
                    );
                    let bank = self.banks.get(&(holder.sponsor, asset));
                    let (reserve, liabilities) = bank.copied().unwrap_or_default();
                    faults.when(liabilities + amount > reserve, Outcome::ReserveExceeded);
                }
                faults.verdict()?;
                *self.balance(account, asset) += amount;
                let sponsor = self.holders[&account].sponsor;
                self.banks.get_mut(&(sponsor, asset)).unwrap().1 += amount;
            }
            Operation::Redeem(redeem) => {
                let (account, asset, amount) = (redeem.account, redeem.asset, units(redeem.amount));
                self.way(&mut faults, Some(account), None);
                faults.when(!self.assets.contains(&asset), Outcome::AssetUnknown);
                if let Some(holder) = self.holders.get(&account) {
                    faults.when(
                        !is(Subject::Participant(holder.sponsor)),
                        Outcome::NotPermitted,
                    );
                }
                let short = self.available(account, asset) < amount;
                faults.when(short, Outcome::InsufficientFunds);
                faults.verdict()?;
                *self.balance(account, asset) -= amount;
                let sponsor = self.holders[&account].sponsor;
                self.banks.get_mut(&(sponsor, asset)).unwrap().1 -= amount;
            }
            Operation::Transfer(transfer) => {
                let (from, to, asset) = (transfer.from, transfer.to, transfer.asset);
                let amount = units(transfer.amount);
                let until = transfer.refundable_until.millis();
                faults.when(!is(Subject::Account(from)), Outcome::NotPermitted);
                let in_range = now < until && until <= now + 400 * DAY_MS;
                faults.when(until != 0 && !in_range, Outcome::TimeOutOfRange);
                self.way(&mut faults, Some(from), Some(to));
                faults.when(!self.assets.contains(&asset), Outcome::AssetUnknown);
                self.limits(&mut faults, from, asset, amount);
                faults.when(
                    self.available(from, asset) < amount,
                    Outcome::InsufficientFunds,
                );
                faults.verdict()?;
                self.spend(from, asset, amount);
                self.settle(from, to, asset, amount);
                if until != 0 {
                    let right = Reserved {
                        from,
                        to,
                        asset,
                        amount,
                        until,
                    };
                    self.rights.insert((id, leg), (right, 0));
                }
            }
            Operation::HoldPlace(place) => {
                let (from, to, asset) = (place.from, place.to, place.asset);
                let (amount, until) = (units(place.amount), place.expires_at.millis());
                faults.when(!is(Subject::Account(from)), Outcome::NotPermitted);
                let in_range = now < until && until <= now + 400 * DAY_MS;
                faults.when(!in_range, Outcome::TimeOutOfRange);
                self.way(&mut faults, Some(from), Some(to));
                faults.when(!self.assets.contains(&asset), Outcome::AssetUnknown);
                self.limits(&mut faults, from, asset, amount);
                faults.when(
                    self.available(from, asset) < amount,
                    Outcome::InsufficientFunds,
                );
                faults.verdict()?;
                self.spend(from, asset, amount);
                let holder = self.holders.get_mut(&from).unwrap();
                *holder.held.entry(asset).or_default() += amount;
                let hold = Reserved {
                    from,
                    to,
                    asset,
                    amount,
                    until,
                };
                self.holds.insert(HoldId::placed_by(id, leg), hold);
            }
            Operation::HoldResolve(resolve) => {
                let hold = self.holds.get(&resolve.hold).cloned();
                let hold = hold.filter(|hold| now < hold.until);
                let hold = hold.ok_or(Outcome::HoldUnknown)?;
                let capture = units(resolve.capture);
                let by_payee = is(Subject::Account(hold.to));
                let sponsor = Subject::Participant(self.holders[&hold.from].sponsor);
                if capture == 0 {
                    faults.when(!by_payee && !is(sponsor), Outcome::NotPermitted);
                } else {
                    faults.when(!by_payee, Outcome::NotPermitted);
                    self.way(&mut faults, Some(hold.from), Some(hold.to));
                    faults.when(capture > hold.amount, Outcome::CaptureAboveHold);
                }
                faults.verdict()?;
                self.release(resolve.hold);
                if capture > 0 {
                    *self.balance(hold.from, hold.asset) -= capture;
                    self.settle(hold.from, hold.to, hold.asset, capture);
                }
            }
            Operation::Refund(refund) => {
                let key = (refund.original, refund.leg);
                let right = self.rights.get(&key).cloned();
                let right = right.filter(|(right, _)| now < right.until);
                let (right, refunded) = right.ok_or(Outcome::NotRefundable)?;
                let amount = units(refund.amount);
                faults.when(!is(Subject::Account(right.to)), Outcome::NotPermitted);
                self.way(&mut faults, Some(right.to), Some(right.from));
                let short = self.available(right.to, right.asset) < amount;
                faults.when(short, Outcome::InsufficientFunds);
                faults.when(
                    refunded + amount > right.amount,
                    Outcome::RefundAboveOriginal,
                );
                faults.verdict()?;
                *self.balance(right.to, right.asset) -= amount;
                self.settle(right.to, right.from, right.asset, amount);
                if refunded + amount == right.amount {
                    self.rights.remove(&key);
                } else {
                    self.rights.insert(key, (right, refunded + amount));
                }
            }
            other => unreachable!("{}", other.name()),
        }
        Ok(())
    }
}
