//! Accounts and keys.

use std::collections::BTreeMap;

use talea_types::{
    AccountId, Operation, Outcome, Subject, TransactionBody, TransactionId, operation::Restriction,
    time::DAY_MS,
};

use super::{Faults, Holder, Keyring, Naive};

impl Naive {
    pub(super) fn administer(
        &mut self,
        id: TransactionId,
        body: &TransactionBody,
    ) -> Result<(), Outcome> {
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
}
