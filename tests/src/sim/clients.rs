//! The clients: payments, replays, double spends, and debts that two agencies collect at once.
//!
//! A client keeps submitting the same bytes, to one node after the other, until a block says something
//! final about them or they have expired. What was promised to it is checked in [`super::checks`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use talea_genesis::localnet::LocalnetOrganisation;
use talea_types::crypto::KeyCache;
use talea_types::operation::{AccountKind, AccountOpen, Issue, KeyRotate, Purpose, Transfer};
use talea_types::transaction::verify_all;
use talea_types::{
    AccountId, Amount, Asset, ChainId, KeyPolicy, Operation, SecretKey, SignedTransaction, Subject,
    Timestamp, TransactionBody, TransactionId, VerifiedTransaction, hash::tagged, limits,
};

use super::collections::Debt;
use super::plan::START_MS;
use super::random::Random;

/// Between two submissions of the same bytes, milliseconds.
const RETRY_MS: u64 = 1_500;
/// Most transactions that wait.
const PENDING_MAX: usize = 64;

/// Who signs with one key and counts nonces.
#[derive(Clone, Debug)]
pub struct Author {
    /// Its id.
    pub subject: Subject,
    /// Signs for it.
    pub key: SecretKey,
    next_nonce: u64,
    /// It has another key too.
    rotated: bool,
}

impl Author {
    /// An author whose first nonce is 0.
    #[must_use]
    pub fn new(subject: Subject, key: SecretKey) -> Self {
        Self {
            subject,
            key,
            next_nonce: 0,
            rotated: false,
        }
    }

    /// An author whose first nonce is another.
    #[must_use]
    pub fn with_nonce(subject: Subject, key: SecretKey, next_nonce: u64) -> Self {
        Self {
            next_nonce,
            ..Self::new(subject, key)
        }
    }

    fn take_nonce(&mut self) -> u64 {
        self.next_nonce += 1;
        self.next_nonce - 1
    }
}

/// Signs for one network.
#[derive(Clone, Copy, Debug)]
pub struct Signing {
    /// The network.
    pub chain: ChainId,
}

impl Signing {
    /// An operation of an author with its next nonce, signed by others too.
    pub fn sign(
        self,
        author: &mut Author,
        others: &[&SecretKey],
        expires_ms: u64,
        operation: Operation,
    ) -> SignedTransaction {
        let nonce = author.take_nonce();
        self.sign_with(author, others, nonce, expires_ms, operation)
    }

    fn sign_with(
        self,
        author: &Author,
        others: &[&SecretKey],
        nonce: u64,
        expires_ms: u64,
        operation: Operation,
    ) -> SignedTransaction {
        let mut keys: Vec<&SecretKey> = others.to_vec();
        keys.push(&author.key);
        keys.sort_by_key(|key| key.public_key());
        keys.dedup_by_key(|key| key.public_key());
        let body = TransactionBody {
            signers: keys.iter().map(|key| key.public_key()).collect(),
            author: author.subject,
            nonce,
            expires_at: Timestamp::from_millis(START_MS + expires_ms),
            operation,
        };
        SignedTransaction::sign(&self.chain, &body, &keys).expect("clients keep the limits")
    }
}

/// A transaction that is not final yet.
#[derive(Debug)]
struct Waiting {
    transaction: VerifiedTransaction,
    sent_at: Option<u64>,
    expires_ms: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Clients {
    signing: Signing,
    asset: Asset,
    random: Random,
    /// Each only after everything of the one before is final.
    stages: VecDeque<Vec<SignedTransaction>>,
    waiting: BTreeMap<TransactionId, Waiting>,
    /// All that was ever submitted.
    asked: BTreeSet<TransactionId>,
    banks: Vec<Author>,
    wallets: Vec<Author>,
    debt: Option<Debt>,
    keys: KeyCache,
    next_at: u64,
    pace_ms: u64,
    /// Transactions of the probe after everything healed.
    probes: Vec<TransactionId>,
}

/// Long enough for what must get through.
const LONG_MS: u64 = 3_600_000;

impl Clients {
    /// Clients of two banks.
    #[must_use]
    pub fn new(
        chain: ChainId,
        banks: &[&LocalnetOrganisation],
        seed: u64,
        pace_ms: u64,
        collections: bool,
    ) -> Self {
        let signing = Signing { chain };
        let asset = Asset::new("CZK").expect("a currency");
        let mut banks: Vec<Author> = banks
            .iter()
            .map(|bank| Author::new(Subject::Participant(bank.id), bank.key.clone()))
            .collect();
        let (mut opens, mut issues, mut wallets) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..4u64 {
            let position = (number % banks.len() as u64) as usize;
            let bank = &mut banks[position];
            let key = SecretKey::from_seed(tagged("sim wallet", &[&number.to_be_bytes()]).0);
            let (open, account) = open_account(signing, bank, &key, AccountKind::Wallet);
            opens.push(open);
            issues.push(issue(signing, bank, account, asset, 1_000_000, LONG_MS));
            wallets.push(Author::new(Subject::Account(account), key));
        }
        let mut stages = VecDeque::from([opens, issues]);
        let debt = collections.then(|| Debt::new(signing, &mut banks[0], asset, &mut stages));
        Self {
            signing,
            asset,
            random: Random::new(seed, "clients"),
            stages,
            waiting: BTreeMap::new(),
            asked: BTreeSet::new(),
            banks,
            wallets,
            debt,
            keys: KeyCache::new(),
            next_at: 0,
            pace_ms,
            probes: Vec::new(),
        }
    }

    /// Takes a transaction to be submitted until it is final.
    pub fn enqueue(&mut self, signed: SignedTransaction, expires_ms: u64) -> TransactionId {
        let verified = verify_all(&mut self.keys, vec![signed]);
        let transaction = verified
            .into_iter()
            .flatten()
            .next()
            .expect("clients sign well");
        let id = transaction.id();
        self.asked.insert(id);
        self.waiting.insert(
            id,
            Waiting {
                transaction,
                sent_at: None,
                expires_ms,
            },
        );
        id
    }

    /// What is to be submitted now.
    pub fn due(&mut self, now: u64) -> Vec<VerifiedTransaction> {
        self.waiting.retain(|_, one| one.expires_ms > now);
        if self.waiting.is_empty()
            && let Some(stage) = self.stages.pop_front()
        {
            for signed in stage {
                self.enqueue(signed, LONG_MS);
            }
        }
        if self.stages.is_empty() && now >= self.next_at && self.waiting.len() < PENDING_MAX {
            self.next_at = now + 1 + self.random.below(2 * self.pace_ms);
            self.invent(now);
        }
        let again = |one: &&mut Waiting| one.sent_at.is_none_or(|at| at + RETRY_MS <= now);
        self.waiting
            .values_mut()
            .filter(again)
            .map(|one| {
                one.sent_at = Some(now);
                one.transaction.clone()
            })
            .collect()
    }

    /// Says that something final is known about a transaction.
    pub fn on_final(&mut self, id: &TransactionId) {
        self.waiting.remove(id);
    }

    /// One payment that shows that the network works again.
    pub fn probe(&mut self, now: u64) {
        if !self.stages.is_empty() {
            // The stages themselves are what has to get through.
            return;
        }
        let bank = &mut self.banks[0];
        let Subject::Account(account) = self.wallets[0].subject else {
            unreachable!("a wallet is an account")
        };
        let signed = issue(self.signing, bank, account, self.asset, 1, now + LONG_MS);
        let id = self.enqueue(signed, now + LONG_MS);
        self.probes.push(id);
    }

    /// Whether every probe, and every stage, got through.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.stages.is_empty() && self.probes.iter().all(|id| !self.waiting.contains_key(id))
    }

    /// What was asked for by anybody who may.
    #[must_use]
    pub const fn asked(&self) -> &BTreeSet<TransactionId> {
        &self.asked
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn invent(&mut self, now: u64) {
        let expires_ms = match self.random.below(8) {
            0 => now + self.random.between(200, 3_000),
            _ => now + 20_000,
        };
        if let Some(debt) = &mut self.debt
            && self.random.chance(450)
        {
            let signed = debt.contact(self.signing, &mut self.random, now, expires_ms);
            self.enqueue(signed, expires_ms);
            return;
        }
        let from = self.random.position(self.wallets.len());
        let to = (from + 1 + self.random.position(self.wallets.len() - 1)) % self.wallets.len();
        let amount = match self.random.below(12) {
            0 => 900_000_000,
            _ => 1 + self.random.below(500),
        };
        let payment = |clients: &Self, amount: u64| transfer(clients, from, to, amount);
        match self.random.below(20) {
            // Two payments with one nonce: at most one of them may be final.
            0..3 => {
                let nonce = self.wallets[from].take_nonce();
                for amount in [amount, amount + 1] {
                    let operation = payment(self, amount);
                    let wallet = &self.wallets[from];
                    let signed = self
                        .signing
                        .sign_with(wallet, &[], nonce, expires_ms, operation);
                    self.enqueue(signed, expires_ms);
                }
            }
            // A nonce far ahead slides the window; what it leaves behind is used up or lost.
            3 => {
                let ahead = self.random.one_of(&[1, 7, limits::NONCE_WINDOW - 1, 1_100]);
                self.wallets[from].next_nonce += ahead;
                let operation = payment(self, amount);
                let signed = self
                    .signing
                    .sign(&mut self.wallets[from], &[], expires_ms, operation);
                self.enqueue(signed, expires_ms);
            }
            // An old nonce once more.
            4 => {
                let back = 1 + self.random.below(3);
                let nonce = self.wallets[from].next_nonce.saturating_sub(back);
                let operation = payment(self, amount);
                let wallet = &self.wallets[from];
                let signed = self
                    .signing
                    .sign_with(wallet, &[], nonce, expires_ms, operation);
                self.enqueue(signed, expires_ms);
            }
            5 if !self.wallets[from].rotated => self.rotate_key(from, expires_ms),
            _ => {
                let operation = payment(self, amount);
                let signed = self
                    .signing
                    .sign(&mut self.wallets[from], &[], expires_ms, operation);
                self.enqueue(signed, expires_ms);
            }
        }
    }

    /// A wallet gets a new key, once; the old one goes on signing in the overlap.
    fn rotate_key(&mut self, wallet: usize, expires_ms: u64) {
        let number = self.random.any();
        let new = SecretKey::from_seed(tagged("sim new key", &[&number.to_be_bytes()]).0);
        let rotate = KeyRotate {
            policy: KeyPolicy::single(new.public_key()),
            overlap_until: Timestamp::from_millis(START_MS + expires_ms + 600_000),
        };
        let wallet = &mut self.wallets[wallet];
        let signed = self
            .signing
            .sign(wallet, &[&new], expires_ms, Operation::KeyRotate(rotate));
        wallet.rotated = true;
        self.enqueue(signed, expires_ms);
    }
}

fn transfer(clients: &Clients, from: usize, to: usize, amount: u64) -> Operation {
    let account = |wallet: usize| match clients.wallets[wallet].subject {
        Subject::Account(account) => account,
        _ => unreachable!("a wallet is an account"),
    };
    Operation::Transfer(Transfer {
        from: account(from),
        to: account(to),
        asset: clients.asset,
        amount: amount_of(amount),
        purpose: Purpose::PersonToPerson,
        end_to_end_id: String::new(),
        travel_rule_commitment: None,
        refundable_until: Timestamp::from_millis(0),
    })
}

/// Opens an account with a bank.
pub fn open_account(
    signing: Signing,
    bank: &mut Author,
    key: &SecretKey,
    kind: AccountKind,
) -> (SignedTransaction, AccountId) {
    let open = AccountOpen {
        kind,
        policy: KeyPolicy::single(key.public_key()),
        tier: 2,
        holder_commitment: None,
    };
    let open = signing.sign(bank, &[key], LONG_MS, Operation::AccountOpen(open));
    let account = AccountId::opened_by(open.id());
    (open, account)
}

/// Puts money on an account.
pub fn issue(
    signing: Signing,
    bank: &mut Author,
    account: AccountId,
    asset: Asset,
    amount: u64,
    expires_ms: u64,
) -> SignedTransaction {
    let issue = Issue {
        account,
        asset,
        amount: amount_of(amount),
        end_to_end_id: String::new(),
    };
    signing.sign(bank, &[], expires_ms, Operation::Issue(issue))
}

/// An amount.
#[must_use]
pub fn amount_of(minor_units: u64) -> Amount {
    Amount::new(minor_units).expect("clients pay small amounts")
}
