//! A network without nodes: executes blocks, certifies them with the keys of all validators, proves what is
//! in them. Everything follows from one seed.

use std::collections::BTreeMap;

use talea_client::{HistoryProof, ObjectProof, PeriodProof, ReceiptProof};
use talea_genesis::localnet::{Localnet, LocalnetOptions};
use talea_ledger::{BlockContext, Ledger};
use talea_rules::Pack;
use talea_types::{
    AccountId, BlockHash, BlockHeader, Certificate, Hash, KeyPolicy, Operation, RulePackId,
    SecretKey, SignedTransaction, Subject, Timestamp, TransactionBody, TransactionResult,
    Validator, ValidatorId, ValidatorSet, Vote, VoteKind,
    crypto::KeyCache,
    event::{Event, Period},
    merkle::list,
    operation::{AccountKind, AccountOpen, RulePackActivate},
    receipt::{FinalityProof, Receipt, SetChange},
    state::{Registration, Role, StateKey, ValidatorSchedule},
    transaction::verify_all,
};

/// 2026-11-22T15:00:00Z: a Sunday, ten in the morning in New York.
pub const START: Timestamp = Timestamp::from_millis(1_795_359_600_000);
/// Between two blocks, milliseconds.
const BLOCK_MS: u64 = 60_000;
const YEAR_MS: u64 = 31_557_600_000;

/// See the module.
pub struct Network {
    pub localnet: Localnet,
    pub ledger: Ledger,
    pub histories: BTreeMap<Subject, Vec<Event>>,
    /// Voting keys, by validator.
    pub voting_keys: BTreeMap<ValidatorId, SecretKey>,
    pub next_time: Timestamp,
    changes: Vec<SetChange>,
    finality: Option<FinalityProof>,
    results: Vec<TransactionResult>,
    nonces: BTreeMap<Subject, u64>,
    keys: KeyCache,
}

/// The key with this name.
pub fn key(name: &str) -> SecretKey {
    SecretKey::from_seed(talea_types::hash::tagged("golden key", &[name.as_bytes()]).0)
}

impl Network {
    /// Four validators, two rules of Regulation F in force.
    pub fn new() -> Self {
        let options = LocalnetOptions {
            network: "golden".to_owned(),
            validators: 4,
            seed: [7; 32],
            time: START,
        };
        let pack = Pack::from_toml(include_str!("pack.toml")).unwrap();
        let pack = RulePackActivate {
            pack: RulePackId::new(&pack.id).unwrap(),
            version: pack.version,
            document: pack.encode().into(),
        };
        let localnet = Localnet::with_rule_packs(&options, 2, &[pack]).unwrap();
        let validators = localnet.validators.iter();
        Self {
            ledger: Ledger::genesis(&localnet.record.to_ledger()).unwrap(),
            histories: BTreeMap::new(),
            voting_keys: validators
                .map(|one| (one.id, one.voting_key.clone()))
                .collect(),
            next_time: START.plus_millis(BLOCK_MS),
            changes: Vec::new(),
            finality: None,
            results: Vec::new(),
            nonces: BTreeMap::new(),
            keys: KeyCache::new(),
            localnet,
        }
    }

    /// The agency as an author, with its key. It is not on the ledger before it is registered.
    pub fn agency() -> (Subject, SecretKey) {
        (
            Subject::Participant(Self::agency_terms().id()),
            key("agency"),
        )
    }

    /// What is registered of the agency.
    pub fn agency_terms() -> Registration {
        Registration {
            lei: "GOLDENAGENCY00000000".to_owned(),
            bic: String::new(),
            name: "Golden agency".to_owned(),
            jurisdiction: "US".to_owned(),
            roles: vec![Role::CollectionAgency],
            policy: KeyPolicy::single(key("agency").public_key()),
            licence_expires_at: Some(START.plus_millis(YEAR_MS)),
            evaluated_on: None,
        }
    }

    /// An organisation of genesis as an author, with its key.
    pub fn organisation(&self, name: &str) -> (Subject, SecretKey) {
        let mut all = self.localnet.organisations.iter();
        let found = all.find(|one| one.name == name).unwrap();
        (Subject::Participant(found.id), found.key.clone())
    }

    /// Signs an operation with the author's next nonce.
    pub fn sign(
        &mut self,
        author: &(Subject, SecretKey),
        others: &[&SecretKey],
        operation: Operation,
    ) -> SignedTransaction {
        let nonce = self.nonces.entry(author.0).or_default();
        let mut keys = others.to_vec();
        keys.push(&author.1);
        keys.sort_by_key(|key| key.public_key());
        let body = TransactionBody {
            signers: keys.iter().map(|key| key.public_key()).collect(),
            author: author.0,
            nonce: *nonce,
            expires_at: self.next_time.plus_millis(3_600_000),
            operation,
        };
        *nonce += 1;
        SignedTransaction::sign(&self.localnet.record.chain_id(), &body, &keys).unwrap()
    }

    /// Opens an account whose key has this name.
    pub fn open(
        &mut self,
        bank: &(Subject, SecretKey),
        name: &str,
        kind: AccountKind,
    ) -> AccountId {
        let holder = key(name);
        let open = Operation::AccountOpen(AccountOpen {
            kind,
            policy: KeyPolicy::single(holder.public_key()),
            tier: 2,
            holder_commitment: None,
        });
        let signed = self.sign(bank, &[&holder], open);
        self.apply(vec![signed.clone()]);
        AccountId::opened_by(signed.id())
    }

    /// A block in which everything is applied.
    pub fn apply(&mut self, transactions: Vec<SignedTransaction>) {
        self.block(transactions);
        for result in &self.results {
            assert!(result.outcome.is_applied(), "{result:?}");
        }
    }

    /// Executes, certifies and commits a block of these transactions.
    pub fn block(&mut self, transactions: Vec<SignedTransaction>) {
        let verified = verify_all(&mut self.keys, transactions);
        let verified: Vec<_> = verified.into_iter().map(Result::unwrap).collect();
        let schedule = self.schedule();
        let context = BlockContext {
            height: self.ledger.height() + 1,
            time: self.next_time,
        };
        let execution = self.ledger.execute(&context, &verified).unwrap();
        let header = BlockHeader {
            chain: self.localnet.record.chain_id(),
            height: context.height,
            parent: BlockHash::new(Hash([2; 32])),
            time: context.time,
            proposer: self.localnet.validators[0].id,
            parent_round: 0,
            parent_certificate: Some(Hash([4; 32])),
            batches_root: Hash([5; 32]),
            results_root: execution.results_root,
            result_count: u32::try_from(execution.results.len()).unwrap(),
            state_root: execution.state_root,
            validators_hash: schedule.current.hash(),
            next_validators_hash: execution.next_validators_hash,
            rule_packs_hash: execution.rule_packs_hash,
            business_date: execution.business_date,
        };
        for record in &execution.events {
            let history = self.histories.entry(record.event.subject).or_default();
            history.push(record.event.clone());
        }
        self.results.clone_from(&execution.results);
        self.ledger.commit(execution);
        self.next_time = self.next_time.plus_millis(BLOCK_MS);
        let certificate = self.certify(&header, &schedule.current);
        self.finality = Some(FinalityProof {
            set_changes: self.changes.clone(),
            header: header.clone(),
            certificate: certificate.clone(),
        });
        if header.next_validators_hash != header.validators_hash {
            let next = self.schedule().current;
            assert_eq!(next.hash(), header.next_validators_hash);
            self.changes.push(SetChange {
                header,
                certificate,
                next,
            });
        }
    }

    fn schedule(&self) -> ValidatorSchedule {
        let (value, _) = self.ledger.prove(&StateKey::Validators);
        ValidatorSchedule::decode(&value.unwrap().into()).unwrap()
    }

    fn certify(&self, header: &BlockHeader, set: &ValidatorSet) -> Certificate {
        let block = header.hash();
        let sign = |id: &ValidatorId| {
            let vote = Vote {
                kind: VoteKind::Precommit,
                height: header.height,
                round: 0,
                block: Some(block),
                validator: *id,
            };
            let message = vote.signed_message(&header.chain);
            (*id, self.voting_keys[id].sign(&message))
        };
        Certificate {
            height: header.height,
            round: 0,
            block,
            signatures: set.iter().map(|(id, _)| sign(id)).collect(),
        }
    }

    /// A validator that is to join.
    pub fn newcomer(&mut self) -> Validator {
        let voting_key = key("validator-5 votes");
        let validator = Validator {
            participant: Self::agency_terms().id(),
            voting_key: voting_key.public_key(),
            power: 1,
            network_key: key("validator-5 speaks").public_key(),
            name: "validator-5".to_owned(),
        };
        self.voting_keys.insert(validator.id(), voting_key);
        validator
    }

    /// What happened to a transaction of the last block.
    pub fn receipt(&self, transaction: &SignedTransaction) -> ReceiptProof {
        let place = |result: &TransactionResult| result.transaction == transaction.id();
        let index = self.results.iter().position(place).unwrap();
        let leaves: Vec<Hash> = self.results.iter().map(TransactionResult::hash).collect();
        ReceiptProof {
            transaction: Some(transaction.encoded().clone()),
            receipt: Receipt {
                result: self.results[index].clone(),
                inclusion: list::prove(&leaves, index).unwrap(),
                finality: self.finality.clone().unwrap(),
            },
        }
    }

    /// What is, or that nothing is, at a key after the last block.
    pub fn object(&self, key: StateKey) -> ObjectProof {
        let (value, map) = self.ledger.prove(&key);
        ObjectProof {
            key,
            value: value.map(Into::into),
            map,
            finality: self.finality.clone().unwrap(),
        }
    }

    fn object_of(&self, subject: Subject) -> ObjectProof {
        self.object(match subject {
            Subject::Account(id) => StateKey::Account(id),
            Subject::Participant(id) => StateKey::Participant(id),
            Subject::Debtor(id) => StateKey::Debtor(id),
            Subject::Loan(id) => StateKey::Loan(id),
            Subject::Case(id) => StateKey::Case(id),
        })
    }

    fn events_of(&self, subject: Subject) -> Vec<Event> {
        self.histories.get(&subject).cloned().unwrap_or_default()
    }

    /// Everything that happened to a subject.
    pub fn history(&self, subject: Subject) -> HistoryProof {
        HistoryProof {
            subject: self.object_of(subject),
            events: self.events_of(subject),
        }
    }

    /// What happened to a subject between two times.
    pub fn period(&self, subject: Subject, from: Timestamp, to: Timestamp) -> PeriodProof {
        PeriodProof {
            period: Period::of_history(subject, &self.events_of(subject), from, to),
            object: self.object_of(subject),
        }
    }

    /// Outcome and rules of the only transaction of the last block.
    pub fn only_result(&self) -> &TransactionResult {
        let [result] = &self.results[..] else {
            panic!("one transaction, not {:?}", self.results)
        };
        result
    }
}
