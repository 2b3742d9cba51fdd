//! The rules once more, as plainly as they can be put.

use std::collections::{BTreeMap, BTreeSet};

use talea_ledger::{Genesis, Ledger};
use talea_types::{
    AccountId, Asset, HoldId, KeyPolicy, Operation, Outcome, ParticipantId, PublicKey, Subject,
    Timestamp, TransactionBody, TransactionId, operation::Restriction, time::DAY_MS,
};

#[derive(Clone)]
pub struct Holder {
    pub sponsor: ParticipantId,
    pub tier: usize,
    pub closed: bool,
    pub restricted: Option<(Restriction, u64)>,
    pub available: BTreeMap<Asset, i128>,
    pub held: BTreeMap<Asset, i128>,
    /// Debits that count against limits.
    pub spent: Vec<(u64, Asset, i128)>,
}

#[derive(Clone)]
pub struct Reserved {
    pub from: AccountId,
    pub to: AccountId,
    pub asset: Asset,
    pub amount: i128,
    pub until: u64,
}

#[derive(Clone)]
pub struct Keyring {
    pub current: KeyPolicy,
    pub previous: Option<(KeyPolicy, u64)>,
}

#[derive(Clone)]
pub struct Naive {
    pub now: u64,
    pub tiers: Vec<BTreeMap<Asset, [i128; 3]>>,
    pub assets: BTreeSet<Asset>,
    pub holders: BTreeMap<AccountId, Holder>,
    pub keyrings: BTreeMap<Subject, Keyring>,
    /// Reserve and liabilities.
    pub banks: BTreeMap<(ParticipantId, Asset), (i128, i128)>,
    pub holds: BTreeMap<HoldId, Reserved>,
    /// With the sum of the refunds.
    pub rights: BTreeMap<(TransactionId, u32), (Reserved, i128)>,
    pub nonces: BTreeMap<Subject, (u64, BTreeSet<u64>)>,
}

/// A hold or a right to refund that has ended.
type Ended = Result<HoldId, (TransactionId, u32)>;

/// The faults of an operation; the lowest number is the outcome.
#[derive(Default)]
struct Faults(BTreeSet<Outcome>);

impl Faults {
    fn when(&mut self, applies: bool, outcome: Outcome) {
        if applies {
            self.0.insert(outcome);
        }
    }

    fn verdict(self) -> Result<(), Outcome> {
        self.0.into_iter().next().map_or(Ok(()), Err)
    }
}

fn units(amount: talea_types::Amount) -> i128 {
    i128::from(amount.minor_units())
}

impl Naive {
    pub fn of(genesis: &Genesis) -> Self {
        let keyring = |policy: &KeyPolicy| Keyring {
            current: policy.clone(),
            previous: None,
        };
        let reserve =
            |(id, asset, amount): &(ParticipantId, Asset, _)| ((*id, *asset), (units(*amount), 0));
        let tiers = genesis.tiers.iter().map(|tier| {
            let limits = tier.limits.iter().map(|limit| {
                let all = [limit.per_transaction, limit.per_day, limit.per_month];
                (limit.asset, all.map(units))
            });
            limits.collect()
        });
        Self {
            now: genesis.time.millis(),
            tiers: tiers.collect(),
            assets: genesis.assets.iter().map(|one| one.asset).collect(),
            holders: BTreeMap::new(),
            keyrings: genesis
                .participants
                .iter()
                .map(|one| (Subject::Participant(one.id()), keyring(&one.policy)))
                .collect(),
            banks: genesis.reserves.iter().map(reserve).collect(),
            holds: BTreeMap::new(),
            rights: BTreeMap::new(),
            nonces: BTreeMap::new(),
        }
    }

    /// Time passes; what has ended by then ends, at most so many.
    pub fn begin_block(&mut self, time: Timestamp) {
        self.now = time.millis();
        let holds = self.holds.iter().map(|(id, hold)| (hold.until, Ok(*id)));
        let rights = self
            .rights
            .iter()
            .map(|(id, (right, _))| (right.until, Err(*id)));
        let mut ended: Vec<(u64, Ended)> = holds
            .chain(rights)
            .filter(|(until, _)| *until <= self.now)
            .collect();
        ended.sort();
        ended.truncate(1_024);
        for (_, ended) in ended {
            match ended {
                Ok(hold) => self.release(hold),
                Err(right) => {
                    self.rights.remove(&right);
                }
            }
        }
    }

    fn release(&mut self, id: HoldId) {
        if let Some(hold) = self.holds.remove(&id) {
            let payer = self.holders.get_mut(&hold.from).unwrap();
            *payer.held.get_mut(&hold.asset).unwrap() -= hold.amount;
            *payer.available.get_mut(&hold.asset).unwrap() += hold.amount;
        }
    }

    fn met(&self, subject: &Subject, signers: &[PublicKey]) -> bool {
        let enough = |policy: &KeyPolicy| {
            let present = policy.keys().iter().filter(|key| signers.contains(key));
            present.count() >= policy.threshold() as usize
        };
        self.policies(subject).any(enough)
    }

    fn policies(&self, subject: &Subject) -> impl Iterator<Item = &KeyPolicy> {
        self.keyrings.get(subject).into_iter().flat_map(|keyring| {
            let previous = keyring
                .previous
                .iter()
                .filter(|(_, until)| self.now < *until);
            std::iter::once(&keyring.current).chain(previous.map(|(policy, _)| policy))
        })
    }

    /// What comes of a transaction.
    pub fn execute(&mut self, id: TransactionId, body: &TransactionBody) -> Outcome {
        match self.try_execute(id, body) {
            Ok(()) => Outcome::Applied,
            Err(outcome) => outcome,
        }
    }

    fn try_execute(&mut self, id: TransactionId, body: &TransactionBody) -> Result<(), Outcome> {
        let expiry = body.expires_at.millis();
        let (base, used) = self.nonces.entry(body.author).or_default();
        let mut faults = Faults::default();
        faults.when(expiry < self.now, Outcome::Expired);
        faults.when(expiry > self.now + DAY_MS, Outcome::ExpiryTooFar);
        faults.when(body.nonce < *base, Outcome::NonceBelowWindow);
        faults.when(used.contains(&body.nonce), Outcome::NonceUsed);
        faults.when(body.nonce >= *base + 2_048, Outcome::NonceTooFar);
        let known = self.keyrings.contains_key(&body.author);
        faults.when(!known, Outcome::AuthorUnknown);
        let attributed = self.met(&body.author, &body.signers);
        faults.when(known && !attributed, Outcome::Unauthorised);
        // Below the window everything counts as below, used or not.
        if faults.0.contains(&Outcome::NonceBelowWindow) {
            faults.0.remove(&Outcome::NonceUsed);
        }
        faults.verdict()?;
        let (base, used) = self.nonces.get_mut(&body.author).unwrap();
        used.insert(body.nonce);
        *base = (*base).max((body.nonce + 1).saturating_sub(1_024));
        while used.contains(base) {
            *base += 1;
        }
        *used = used.split_off(base);
        self.check_signers(body)?;
        match &body.operation {
            Operation::AtomicBatch(batch) => {
                // Nonces are the bulk of a long run and no leg uses one.
                let nonces = std::mem::take(&mut self.nonces);
                let before = self.clone();
                let mut legs = batch.legs.iter().zip(0..);
                let paid = legs.try_for_each(|(leg, number)| self.pay(id, number, None, leg));
                if paid.is_err() {
                    *self = before;
                }
                self.nonces = nonces;
                paid
            }
            Operation::AccountOpen(_)
            | Operation::AccountClose(_)
            | Operation::AccountRestrict(_)
            | Operation::KeyRotate(_) => self.administer(id, body),
            payment => self.pay(id, 0, Some(body.author), payment),
        }
    }

    fn check_signers(&self, body: &TransactionBody) -> Result<(), Outcome> {
        let mut subjects = BTreeSet::from([body.author]);
        let mut new_policy = None;
        let legs = match &body.operation {
            Operation::AtomicBatch(batch) => batch.legs.as_slice(),
            other => std::slice::from_ref(other),
        };
        for leg in legs {
            let (accounts, sponsors_of) = match leg {
                Operation::AccountOpen(open) => {
                    new_policy = Some(&open.policy);
                    (vec![], vec![])
                }
                Operation::KeyRotate(rotate) => {
                    new_policy = Some(&rotate.policy);
                    (vec![], vec![])
                }
                Operation::AccountClose(close) => (vec![close.account], vec![close.account]),
                Operation::Issue(issue) => (vec![], vec![issue.account]),
                Operation::Redeem(redeem) => (vec![redeem.account], vec![redeem.account]),
                Operation::Transfer(transfer) => (vec![transfer.from], vec![]),
                Operation::HoldPlace(place) => (vec![place.from], vec![]),
                Operation::HoldResolve(resolve) => match self.holds.get(&resolve.hold) {
                    None => (vec![], vec![]),
                    Some(hold) => {
                        let sponsor = Subject::Participant(self.holders[&hold.from].sponsor);
                        let payee = Subject::Account(hold.to);
                        let void = resolve.capture.is_zero();
                        let by_sponsor = void
                            && self.met(&sponsor, &body.signers)
                            && !self.met(&payee, &body.signers);
                        if by_sponsor {
                            (vec![], vec![hold.from])
                        } else {
                            (vec![hold.to], vec![])
                        }
                    }
                },
                Operation::Refund(refund) => {
                    let right = self.rights.get(&(refund.original, refund.leg));
                    (
                        right.map(|(right, _)| right.to).into_iter().collect(),
                        vec![],
                    )
                }
                _ => (vec![], vec![]),
            };
            subjects.extend(accounts.into_iter().map(Subject::Account));
            for account in sponsors_of {
                if let Some(holder) = self.holders.get(&account) {
                    subjects.insert(Subject::Participant(holder.sponsor));
                }
            }
        }
        subjects.retain(|subject| self.keyrings.contains_key(subject));
        let policy_keys = new_policy.map(KeyPolicy::keys).unwrap_or_default();
        let present = policy_keys.iter().filter(|key| body.signers.contains(key));
        let policy_met =
            new_policy.is_none_or(|policy| present.count() >= policy.threshold() as usize);
        if !policy_met || !subjects.iter().all(|one| self.met(one, &body.signers)) {
            return Err(Outcome::SignatureMissing);
        }
        let needed = |signer: &PublicKey| {
            let of_subject = |subject| {
                let mut policies = self.policies(subject);
                policies.any(|policy| policy.keys().contains(signer))
            };
            policy_keys.contains(signer) || subjects.iter().any(of_subject)
        };
        if !body.signers.iter().all(needed) {
            return Err(Outcome::SignatureNotNeeded);
        }
        Ok(())
    }

    fn administer(&mut self, id: TransactionId, body: &TransactionBody) -> Result<(), Outcome> {
        let author = match body.author {
            Subject::Participant(id) => Some(id),
            _ => None,
        };
        let mut faults = Faults::default();
        let now = self.now;
        match &body.operation {
            Operation::AccountOpen(open) => {
                faults.when(author.is_none(), Outcome::NotPermitted);
                faults.when(open.tier as usize >= self.tiers.len(), Outcome::TierUnknown);
                faults.verdict()?;
                let account = AccountId::opened_by(id);
                let holder = Holder {
                    sponsor: author.unwrap(),
                    tier: open.tier as usize,
                    closed: false,
                    restricted: None,
                    available: BTreeMap::new(),
                    held: BTreeMap::new(),
                    spent: Vec::new(),
                };
                self.holders.insert(account, holder);
                let keyring = Keyring {
                    current: open.policy.clone(),
                    previous: None,
                };
                self.keyrings.insert(Subject::Account(account), keyring);
            }
            Operation::AccountClose(close) => {
                let holder = self.holders.get_mut(&close.account);
                let Some(holder) = holder else {
                    return Err(Outcome::AccountUnknown);
                };
                let related = body.author == Subject::Account(close.account)
                    || author == Some(holder.sponsor);
                faults.when(!related, Outcome::NotPermitted);
                faults.when(holder.closed, Outcome::AccountClosed);
                let mut amounts = holder.available.values().chain(holder.held.values());
                faults.when(amounts.any(|amount| *amount != 0), Outcome::AccountNotEmpty);
                faults.verdict()?;
                holder.closed = true;
            }
            Operation::AccountRestrict(restrict) => {
                faults.when(author.is_none(), Outcome::NotPermitted);
                let lifts = restrict.restriction == Restriction::None;
                let until = restrict.review_by.millis();
                let in_range = now < until && until <= now + 400 * DAY_MS;
                faults.when(!lifts && !in_range, Outcome::TimeOutOfRange);
                match self.holders.get_mut(&restrict.account) {
                    None => {
                        faults.when(true, Outcome::AccountUnknown);
                        faults.verdict()?;
                    }
                    Some(holder) => {
                        faults.when(author != Some(holder.sponsor), Outcome::NotPermitted);
                        faults.when(holder.closed, Outcome::AccountClosed);
                        faults.verdict()?;
                        holder.restricted = (!lifts).then_some((restrict.restriction, until));
                    }
                }
            }
            Operation::KeyRotate(rotate) => {
                let until = rotate.overlap_until.millis();
                let in_range = now < until && until <= now + 30 * DAY_MS;
                faults.when(until != 0 && !in_range, Outcome::TimeOutOfRange);
                if let Subject::Account(id) = body.author {
                    faults.when(self.holders[&id].closed, Outcome::AccountClosed);
                }
                faults.verdict()?;
                let keyring = self.keyrings.get_mut(&body.author).unwrap();
                let before = std::mem::replace(&mut keyring.current, rotate.policy.clone());
                keyring.previous = (until != 0).then_some((before, until));
            }
            other => unreachable!("{}", other.name()),
        }
        Ok(())
    }

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
    fn pay(
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

    /// Asserts that the ledger has exactly this state, and that it balances.
    pub fn compare(&self, ledger: &Ledger) {
        assert!(ledger.accounts().map(|(id, _)| id).eq(self.holders.keys()));
        let mut owed: BTreeMap<(ParticipantId, Asset), i128> = BTreeMap::new();
        for (id, account) in ledger.accounts() {
            let holder = &self.holders[id];
            assert_eq!(account.closed, holder.closed);
            for asset in &self.assets {
                let available = holder.available.get(asset).copied().unwrap_or(0);
                let held = holder.held.get(asset).copied().unwrap_or(0);
                assert_eq!(units(account.available(*asset)), available, "{id} {asset}");
                assert_eq!(units(account.held(*asset)), held, "{id} {asset}");
                *owed.entry((holder.sponsor, *asset)).or_default() += available + held;
            }
            let nonces = self.nonces.get(&Subject::Account(*id));
            let base = nonces.map_or(0, |(base, _)| *base);
            assert_eq!(account.nonces.base(), base, "{id}");
        }
        for ((bank, asset), (reserve, liabilities)) in &self.banks {
            let position = ledger.position(bank, *asset).copied().unwrap_or_default();
            assert_eq!(units(position.reserve), *reserve);
            assert_eq!(units(position.liabilities), *liabilities);
            let owed = owed.get(&(*bank, *asset)).copied().unwrap_or(0);
            assert_eq!(owed, *liabilities, "{bank} owes what its accounts hold");
            assert!(liabilities <= reserve);
        }
        let holds = ledger.holds().map(|(id, hold)| (*id, units(hold.amount)));
        assert!(holds.eq(self.holds.iter().map(|(id, hold)| (*id, hold.amount))));
        let rights = ledger.refund_rights();
        let rights = rights.map(|(id, right)| (*id, units(right.refunded)));
        let expected = self
            .rights
            .iter()
            .map(|(id, (_, refunded))| (*id, *refunded));
        assert!(rights.eq(expected));
        for asset in &self.assets {
            let totals = ledger.asset(*asset).unwrap();
            let of_asset = self.banks.iter().filter(|((_, of), _)| of == asset);
            let sums = of_asset.fold((0, 0), |sums: (i128, i128), (_, bank)| {
                (sums.0 + bank.0, sums.1 + bank.1)
            });
            let found = (units(totals.settlement), units(totals.accounts));
            assert_eq!(found, sums, "{asset}");
        }
    }
}
