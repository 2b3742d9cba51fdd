//! A ledger with names: signs transactions, makes blocks of them, and checks after every block what must
//! hold after every block.

use std::collections::BTreeMap;

use bytes::Bytes;
use talea_ledger::{BlockContext, Ledger};
use talea_types::{
    AccountId, Event, EventDetail, Hash, HoldId, Operation, ParticipantId, SignedTransaction,
    StateKey, Subject, Timestamp, TransactionBody, TransactionId, TransactionResult,
    VerifiedTransaction, crypto::KeyCache, event::verify_complete, transaction::verify_all,
};

use super::{messages::Messages, network, refusal::check_refused_changes_nothing};

/// A transaction before it is signed.
pub struct Draft {
    pub author: String,
    pub operation: Operation,
    /// Names of keys.
    pub signers: Vec<String>,
    pub nonce: Option<u64>,
    pub expires_after_ms: u64,
}

pub struct World {
    pub ledger: Ledger,
    /// Time of the next block.
    pub next_time: Timestamp,
    pub organisations: BTreeMap<String, (ParticipantId, Vec<String>)>,
    /// Accounts by name, each with the keys that sign for it.
    pub accounts: BTreeMap<String, (AccountId, Vec<String>)>,
    /// Named transactions.
    pub transactions: BTreeMap<String, TransactionId>,
    pub histories: BTreeMap<Subject, Vec<Event>>,
    /// State root after each block.
    pub roots: Vec<Hash>,
    /// The first message of each kind: what was signed, what happened, what is in the state.
    pub messages: Messages,
    nonces: BTreeMap<Subject, u64>,
    keys: KeyCache,
}

impl World {
    pub fn new(sandbox: bool) -> Self {
        Self::with_packs(sandbox, &[])
    }

    /// With these of the packs that come with Talea in force.
    pub fn with_packs(sandbox: bool, packs: &[&str]) -> Self {
        let genesis = network::with_packs(network::genesis(sandbox), packs);
        let ledger = Ledger::genesis(&genesis).unwrap();
        ledger.verify_conservation().unwrap();
        Self {
            next_time: ledger.time().plus_millis(1_000),
            organisations: network::organisations(),
            accounts: BTreeMap::new(),
            transactions: BTreeMap::new(),
            histories: BTreeMap::new(),
            roots: vec![ledger.state_root()],
            messages: Messages::default(),
            nonces: BTreeMap::new(),
            keys: KeyCache::new(),
            ledger,
        }
    }

    /// The account with this name. A name that was never opened has an id too.
    pub fn account(&self, name: &str) -> AccountId {
        let unknown = || {
            let never = talea_types::hash::tagged("test name", &[name.as_bytes()]);
            AccountId::opened_by(TransactionId::new(never))
        };
        self.accounts.get(name).map_or_else(unknown, |(id, _)| *id)
    }

    pub fn participant(&self, name: &str) -> ParticipantId {
        self.organisations[name].0
    }

    pub fn subject(&self, name: &str) -> Subject {
        match self.organisations.get(name) {
            Some((id, _)) => Subject::Participant(*id),
            None if name.starts_with("loan:") => self.loan_subject(name).unwrap(),
            None if name.starts_with("case:") => {
                Subject::Case(self.case_named(name.trim_start_matches("case:")))
            }
            None if name.starts_with("debtor:") => {
                Subject::Debtor(self.account(name.trim_start_matches("debtor:")))
            }
            None => Subject::Account(self.account(name)),
        }
    }

    /// Names of the keys that sign for an organisation or an account.
    pub fn signers_of(&self, name: &str) -> Vec<String> {
        let organisation = self.organisations.get(name).map(|(_, signers)| signers);
        let account = || self.accounts.get(name).map(|(_, signers)| signers);
        let own = || vec![name.to_owned()];
        organisation.or_else(account).cloned().unwrap_or_else(own)
    }

    pub fn hold(&self, label: &str, leg: u32) -> HoldId {
        HoldId::placed_by(self.transaction(label), leg)
    }

    /// The transaction with this label; one that never was for another label.
    pub fn transaction(&self, label: &str) -> TransactionId {
        let unknown = TransactionId::new(Hash([8; 32]));
        *self.transactions.get(label).unwrap_or(&unknown)
    }

    pub fn sign(&mut self, draft: &Draft) -> SignedTransaction {
        let author = self.subject(&draft.author);
        let next = self.nonces.entry(author).or_default();
        let nonce = draft.nonce.unwrap_or(*next);
        if draft.nonce.is_none() {
            *next += 1;
        }
        let mut names = draft.signers.clone();
        names.sort();
        names.dedup();
        let mut keys: Vec<_> = names.iter().map(|name| network::key(name)).collect();
        keys.sort_by_key(|key| key.public_key());
        let body = TransactionBody {
            signers: keys.iter().map(|key| key.public_key()).collect(),
            author,
            nonce,
            expires_at: Timestamp::from_millis(
                (self.next_time.millis() + draft.expires_after_ms).saturating_sub(1_000),
            ),
            operation: draft.operation.clone(),
        };
        let keys: Vec<_> = keys.iter().collect();
        SignedTransaction::sign(&network::chain(), &body, &keys).unwrap()
    }

    /// Forgets that the author signed once more.
    pub fn undo_nonce(&mut self, author: &str) {
        let author = self.subject(author);
        *self.nonces.entry(author).or_default() -= 1;
    }

    pub fn verified(&mut self, signed: Vec<SignedTransaction>) -> Vec<VerifiedTransaction> {
        let all = verify_all(&mut self.keys, signed).into_iter();
        all.map(|one| one.expect("the signatures are right"))
            .collect()
    }

    /// Executes and commits a block of these transactions.
    pub fn block(&mut self, transactions: Vec<SignedTransaction>) -> Vec<TransactionResult> {
        let transactions = self.verified(transactions);
        for transaction in &transactions {
            let name = transaction.body().operation.name().to_owned();
            let operations = &mut self.messages.operations;
            let first = || SignedTransaction::clone(transaction);
            operations.entry(name).or_insert_with(first);
        }
        let context = BlockContext {
            height: self.ledger.height() + 1,
            time: self.next_time,
        };
        let execution = self.ledger.execute(&context, &transactions).unwrap();
        check_refused_changes_nothing(&self.ledger, &context, &transactions, &execution);
        self.next_time = self.next_time.plus_millis(1_000);
        for record in &execution.events {
            assert_eq!(Event::decode(&record.encoded).as_ref(), Ok(&record.event));
            self.messages.add_event(&record.encoded);
            let history = self.histories.entry(record.event.subject).or_default();
            history.push(record.event.clone());
            if let EventDetail::Registered(registered) = &*record.event.detail {
                // An organisation that joins has a key with its name.
                let (name, id) = (&registered.registration.name, registered.registration.id());
                self.organisations
                    .insert(name.clone(), (id, vec![name.clone()]));
            }
        }
        for entry in &execution.delta.entries {
            self.messages.add_object(&entry.key, entry.value.as_ref());
        }
        let results = execution.results.clone();
        let root = execution.state_root;
        self.ledger.commit(execution);
        assert_eq!(self.ledger.state_root(), root);
        self.roots.push(root);
        self.check_invariants();
        results
    }

    fn check_invariants(&self) {
        self.ledger.verify_conservation().unwrap();
        assert_eq!(self.restored().state_root(), self.ledger.state_root());
        for (subject, history) in &self.histories {
            let chain = self.ledger.events_of(subject).unwrap();
            verify_complete(*subject, history, chain).unwrap();
        }
    }

    /// The same state from its objects.
    pub fn restored(&self) -> Ledger {
        self.restored_with(|_| {})
    }

    /// The state from its objects after a change of them.
    pub fn restored_with(&self, change: impl FnOnce(&mut BTreeMap<StateKey, Vec<u8>>)) -> Ledger {
        let mut objects: BTreeMap<_, _> = self.ledger.objects().collect();
        change(&mut objects);
        let objects = objects.into_iter().rev();
        Ledger::restore(objects.map(|(key, value)| (key.to_bytes(), Bytes::from(value)))).unwrap()
    }
}
