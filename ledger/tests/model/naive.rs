//! The rules once more, as plainly as they can be put.

mod administration;
mod comparison;
mod payments;
mod signers;

use std::collections::{BTreeMap, BTreeSet};

use talea_ledger::Genesis;
use talea_types::{
    AccountId, Asset, HoldId, KeyPolicy, Operation, Outcome, ParticipantId, Subject, Timestamp,
    TransactionBody, TransactionId, operation::Restriction, time::DAY_MS,
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
}
