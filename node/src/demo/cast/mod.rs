//! The accounts of a plan on a network: their keys, ids, nonces and the ledger's time. Turns planned
//! payments into signed transactions.
//!
//! Kept true: a nonce is used once. The caller has at most [`IN_FLIGHT_MAX`] transactions of one author
//! in flight, so that none slides out of the author's window.

mod payment;

use std::time::Duration;

use anyhow::Context;
use talea_client::operations;
use talea_types::{
    AccountId, ChainId, KeyPolicy, Operation, SecretKey, SignedTransaction, Subject, Timestamp,
    TransactionId, limits::NONCE_WINDOW, operation::ClockAdvance,
};

use super::{
    plan::{AccountNumber, Payment, PaymentNumber, Plan},
    signer::{EXPIRY_MS, Organisation, SandboxClock, Signer, account_key, sign},
};

/// Most transactions of one author in flight.
pub const IN_FLIGHT_MAX: usize = NONCE_WINDOW as usize;
/// Those who take part.
#[derive(Debug)]
pub struct Organisations {
    /// Moves the sandbox clock.
    pub operator: Organisation,
    /// Sponsor accounts.
    pub banks: Vec<Organisation>,
}

/// Everybody who signs.
#[derive(Debug)]
pub struct Cast {
    chain: ChainId,
    clock: SandboxClock,
    operator: Signer,
    banks: Vec<Signer>,
    accounts: Vec<Member>,
    /// Of the payments signed so far, by their numbers.
    payments: Vec<SignedPayment>,
}

/// An account with its sponsor.
#[derive(Debug)]
struct Member {
    signer: Signer,
    bank: usize,
}

/// What a later payment needs to know of an earlier one.
#[derive(Clone, Copy, Debug)]
struct SignedPayment {
    id: TransactionId,
    payee: Option<AccountNumber>,
}

impl Cast {
    /// The cast of a plan on a network that was just born, at a ledger time.
    ///
    /// # Errors
    /// When the network has fewer banks than the plan.
    pub fn new(
        chain: ChainId,
        organisations: Organisations,
        plan: &Plan,
        time: Timestamp,
    ) -> anyhow::Result<Self> {
        let banks = organisations.banks.into_iter().take(plan.banks.len());
        let banks: Vec<Signer> = banks.map(Signer::organisation).collect();
        anyhow::ensure!(
            banks.len() == plan.banks.len(),
            "the network has too few banks"
        );
        Ok(Self {
            chain,
            clock: SandboxClock::new(time),
            operator: Signer::organisation(organisations.operator),
            banks,
            accounts: Vec::with_capacity(plan.accounts.len()),
            payments: Vec::with_capacity(plan.payment_count()),
        })
    }

    /// The transaction that opens the next account of the plan.
    ///
    /// # Errors
    /// When it cannot be built: a bug in the plan.
    pub fn sign_account(&mut self, plan: &Plan) -> anyhow::Result<SignedTransaction> {
        let planned = plan.accounts.get(self.accounts.len());
        let planned = planned.context("every account of the plan is open")?;
        let key = account_key(&planned.name);
        let open = operations::open(
            planned.kind,
            KeyPolicy::single(key.public_key()),
            planned.tier,
        );
        let bank = planned.bank;
        let author = self.banks.get_mut(bank).context("no such bank")?;
        let operation = Operation::AccountOpen(open);
        let expires_at = self.clock.now().plus_millis(EXPIRY_MS);
        let transaction = sign(&self.chain, author, operation, &[&key], expires_at)?;
        self.accounts.push(Member {
            signer: Signer {
                subject: Subject::Account(AccountId::opened_by(transaction.id())),
                key,
                next_nonce: 0,
            },
            bank,
        });
        Ok(transaction)
    }

    /// The transaction that moves the sandbox clock. What is signed after it counts from the new time.
    ///
    /// # Errors
    /// When it cannot be built.
    pub fn sign_advance(&mut self, by: Duration) -> anyhow::Result<SignedTransaction> {
        let by_ms = u64::try_from(by.as_millis())?;
        let operation = Operation::ClockAdvance(ClockAdvance { by_ms });
        let expires_at = self.clock.now().plus_millis(EXPIRY_MS);
        let signed = sign(&self.chain, &mut self.operator, operation, &[], expires_at)?;
        self.clock.advance(by_ms);
        Ok(signed)
    }

    /// The transaction of an opening balance, which no payment refers to.
    ///
    /// # Errors
    /// When it cannot be built: a bug in the plan.
    pub fn sign_opening(&mut self, payment: &Payment) -> anyhow::Result<SignedTransaction> {
        Ok(self.sign(payment)?.0)
    }

    /// The transaction of the next payment of the plan's waves.
    ///
    /// # Errors
    /// When it cannot be built: a bug in the plan.
    pub fn sign_payment(&mut self, payment: &Payment) -> anyhow::Result<SignedTransaction> {
        let (transaction, payee) = self.sign(payment)?;
        self.payments.push(SignedPayment {
            id: transaction.id(),
            payee,
        });
        Ok(transaction)
    }

    /// The id of an account of the plan.
    ///
    /// # Errors
    /// When it was not opened.
    pub fn account(&self, number: AccountNumber) -> anyhow::Result<AccountId> {
        match self.member(number)?.signer.subject {
            Subject::Account(id) => Ok(id),
            _ => anyhow::bail!("member {number} is no account"),
        }
    }

    /// The key of an account of the plan.
    ///
    /// # Errors
    /// When it was not opened.
    pub fn key(&self, number: AccountNumber) -> anyhow::Result<&SecretKey> {
        Ok(&self.member(number)?.signer.key)
    }

    /// The transaction of a payment that was signed.
    #[must_use]
    pub fn payment_id(&self, number: PaymentNumber) -> Option<TransactionId> {
        self.payments.get(number).map(|payment| payment.id)
    }

    fn member(&self, number: AccountNumber) -> anyhow::Result<&Member> {
        let member = self.accounts.get(number);
        member.with_context(|| format!("account {number} is not open"))
    }
}
