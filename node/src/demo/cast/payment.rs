//! A planned payment as a signed transaction.

use anyhow::Context;
use talea_client::operations;
use talea_types::{
    Amount, HoldId, Operation, SecretKey, SignedTransaction, Timestamp, TransactionId,
    hash::tagged,
    operation::{AccountRestrict, HoldPlace, Issue, Redeem, Refund, Restriction},
};

use super::Cast;
use crate::demo::{
    plan::{AccountNumber, Action, Payment, PaymentNumber, Transfer},
    signer::{EXPIRY_MS, sign},
};

/// How long the restriction of the demonstration lasts, ledger time.
const RESTRICTION_MS: u64 = 30 * 86_400_000;
/// Code for "asked for by the holder" in this demonstration.
const RESTRICTION_REASON: u32 = 1;

/// Whose transaction it is.
enum Author {
    Bank(usize),
    Account(AccountNumber),
}

impl Cast {
    /// The transaction, and its payee where a later payment may need it.
    pub(super) fn sign(
        &mut self,
        payment: &Payment,
    ) -> anyhow::Result<(SignedTransaction, Option<AccountNumber>)> {
        let amount = Amount::new(payment.amount).context("an amount above the largest")?;
        let now = self.clock.now();
        let asset = payment.asset;
        let end_to_end_id = payment.end_to_end_id();
        let mut payee = None;
        let mut cosigners = Vec::new();
        let (author, operation) = match &payment.action {
            Action::Issue(to) => {
                let account = self.account(*to)?;
                let issue = Issue {
                    end_to_end_id,
                    ..operations::issue(account, asset, amount)
                };
                (self.sponsor(*to)?, Operation::Issue(issue))
            }
            Action::Redeem(from) => {
                let account = self.account(*from)?;
                cosigners.push(self.member(*from)?.signer.key.clone());
                let redeem = Redeem {
                    end_to_end_id,
                    ..operations::redeem(account, asset, amount)
                };
                (self.sponsor(*from)?, Operation::Redeem(redeem))
            }
            Action::Transfer(planned) => {
                payee = Some(planned.to);
                let transfer = self.transfer(planned, payment, amount, now)?;
                (Author::Account(planned.from), Operation::Transfer(transfer))
            }
            Action::Hold { from, to, lasts_ms } => {
                payee = Some(*to);
                let until = now.plus_millis(*lasts_ms);
                let (payer, payee) = (self.account(*from)?, self.account(*to)?);
                let hold = HoldPlace {
                    end_to_end_id,
                    ..operations::hold(payer, payee, asset, amount, until)
                };
                (Author::Account(*from), Operation::HoldPlace(hold))
            }
            Action::Capture(hold) => {
                let (id, payee) = self.earlier(*hold)?;
                let capture = operations::capture(HoldId::placed_by(id, 0), amount);
                (Author::Account(payee), Operation::HoldResolve(capture))
            }
            Action::Void(hold) => {
                let (id, payee) = self.earlier(*hold)?;
                let void = operations::void(HoldId::placed_by(id, 0));
                (Author::Account(payee), Operation::HoldResolve(void))
            }
            Action::Refund(original) => {
                let (id, payee) = self.earlier(*original)?;
                let refund = Refund {
                    end_to_end_id,
                    ..operations::refund(id, amount)
                };
                (Author::Account(payee), Operation::Refund(refund))
            }
            Action::Batch(planned) => {
                let mut legs = Vec::with_capacity(planned.len());
                for leg in planned {
                    let transfer = self.transfer(leg, payment, amount, now)?;
                    legs.push(Operation::Transfer(transfer));
                    cosigners.push(self.member(leg.from)?.signer.key.clone());
                }
                let first = planned.first().context("a batch without legs")?;
                let batch = Operation::AtomicBatch(operations::batch(legs));
                (Author::Account(first.from), batch)
            }
            Action::Restrict(account) => {
                let restrict = AccountRestrict {
                    account: self.account(*account)?,
                    restriction: Restriction::Debits,
                    reason: RESTRICTION_REASON,
                    notice_commitment: Some(tagged("talea/demo-notice/v1", &[])),
                    review_by: now.plus_millis(RESTRICTION_MS),
                };
                (
                    self.sponsor(*account)?,
                    Operation::AccountRestrict(restrict),
                )
            }
        };
        let author = match author {
            Author::Bank(bank) => self.banks.get_mut(bank),
            Author::Account(number) => self.accounts.get_mut(number).map(|one| &mut one.signer),
        };
        let author = author.context("an author that is not in the plan")?;
        let cosigners: Vec<&SecretKey> = cosigners.iter().collect();
        let expires_at = now.plus_millis(EXPIRY_MS);
        let signed = sign(&self.chain, author, operation, &cosigners, expires_at)?;
        Ok((signed, payee))
    }

    fn transfer(
        &self,
        planned: &Transfer,
        payment: &Payment,
        amount: Amount,
        now: Timestamp,
    ) -> anyhow::Result<talea_types::operation::Transfer> {
        let (from, to) = (self.account(planned.from)?, self.account(planned.to)?);
        let refundable_until = match planned.refundable_ms {
            0 => Timestamp::from_millis(0),
            millis => now.plus_millis(millis),
        };
        Ok(talea_types::operation::Transfer {
            purpose: planned.purpose,
            end_to_end_id: payment.end_to_end_id(),
            refundable_until,
            ..operations::transfer(from, to, payment.asset, amount)
        })
    }

    fn sponsor(&self, account: AccountNumber) -> anyhow::Result<Author> {
        Ok(Author::Bank(self.member(account)?.bank))
    }

    fn earlier(&self, number: PaymentNumber) -> anyhow::Result<(TransactionId, AccountNumber)> {
        let payment = self.payments.get(number);
        let payment = payment.with_context(|| format!("payment {number} was not signed"))?;
        Ok((
            payment.id,
            payment.payee.context("a payment without payee")?,
        ))
    }
}
