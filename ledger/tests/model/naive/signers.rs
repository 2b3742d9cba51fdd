//! Who has to sign, and who may.

use std::collections::BTreeSet;

use talea_types::{KeyPolicy, Operation, Outcome, PublicKey, Subject, TransactionBody};

use super::Naive;

impl Naive {
    pub(super) fn met(&self, subject: &Subject, signers: &[PublicKey]) -> bool {
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

    pub(super) fn check_signers(&self, body: &TransactionBody) -> Result<(), Outcome> {
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
}
