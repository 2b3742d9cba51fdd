//! The ledger that all nodes of a test share: applies a transaction once, makes one block for each message.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use talea_client::{Trust, operations};
use talea_genesis::localnet::{Localnet, LocalnetOptions};
use talea_types::{
    AccountId, Amount, Asset, BlockHash, BlockHeader, Certificate, Hash, KeyPolicy, Operation,
    Outcome, SecretKey, SignedTransaction, Subject, Timestamp, TransactionBody, TransactionId,
    TransactionResult, ValidatorId, Vote, VoteKind,
    block::results_root,
    event::{Event, EventCause, EventChain, EventDetail, Posted, PostingKind},
    merkle::{MapProof, Terminal, list, map},
    operation::AccountKind,
    receipt::{FinalityProof, Receipt},
    state::{Account, Balance, Keys, NonceWindow, StateKey, value_hash},
};
use tokio::sync::watch;

const START: u64 = 1_800_000_000_000;
/// Between two blocks, milliseconds.
const BLOCK_MS: u64 = 10;

/// A network for one test.
pub struct Fixture {
    pub trust: Trust,
    pub chain: Arc<Chain>,
}

/// What is committed.
pub struct Chain {
    localnet: Localnet,
    state: Mutex<State>,
    /// Height, for those that wait for the next block.
    pub height: watch::Sender<u64>,
}

#[derive(Default)]
pub struct State {
    pub blocks: Vec<Block>,
    /// Where each transaction is.
    pub index: BTreeMap<TransactionId, (usize, u32)>,
    pub bytes: BTreeMap<TransactionId, Bytes>,
    pub events: Vec<Event>,
    pub chain: EventChain,
    pub time_ms: u64,
    /// Ledger time of the oldest block that nodes say they keep.
    pub kept_since_ms: u64,
}

pub struct Block {
    pub header: BlockHeader,
    pub certificate: Certificate,
    pub results: Vec<TransactionResult>,
}

impl Fixture {
    pub fn new() -> Self {
        let localnet = Localnet::new(&LocalnetOptions {
            network: "test-net".to_owned(),
            validators: 4,
            seed: [1; 32],
            time: Timestamp::from_millis(START),
        })
        .unwrap();
        let chain = Chain {
            localnet: localnet.clone(),
            state: Mutex::new(State {
                time_ms: START,
                ..State::default()
            }),
            height: watch::Sender::new(0),
        };
        Self {
            trust: Trust::from_record(&localnet.record),
            chain: Arc::new(chain),
        }
    }

    pub fn wallet() -> AccountId {
        AccountId::from_bytes([1; 16])
    }

    pub fn wallet_key() -> SecretKey {
        SecretKey::from_seed([11; 32])
    }

    /// A payment of the wallet.
    pub fn payment(&self, nonce: u64) -> SignedTransaction {
        self.payment_until(nonce, START + 3_600_000)
    }

    pub fn payment_until(&self, nonce: u64, expires_at: u64) -> SignedTransaction {
        let transfer = operations::transfer(
            Self::wallet(),
            AccountId::from_bytes([2; 16]),
            Asset::new("CZK").unwrap(),
            Amount::new(100 + nonce).unwrap(),
        );
        let body = TransactionBody {
            signers: vec![Self::wallet_key().public_key()],
            author: Subject::Account(Self::wallet()),
            nonce,
            expires_at: Timestamp::from_millis(expires_at),
            operation: Operation::Transfer(transfer),
        };
        SignedTransaction::sign(self.trust.chain(), &body, &[&Self::wallet_key()]).unwrap()
    }
}

impl Chain {
    pub fn localnet(&self) -> &Localnet {
        &self.localnet
    }

    pub fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.lock().unwrap())
    }

    pub fn prune_before(&self, time_ms: u64) {
        self.state.lock().unwrap().kept_since_ms = time_ms;
    }

    pub fn advance_clock(&self, by_ms: u64) {
        self.state.lock().unwrap().time_ms += by_ms;
    }

    /// Commits what is new among these in one block. A payment of an amount that ends in 99 is rejected.
    pub fn commit(&self, transactions: &[Bytes]) {
        let mut state = self.state.lock().unwrap();
        let mut results = Vec::new();
        for bytes in transactions {
            let id_of = self.localnet.record.chain_id();
            let transaction = SignedTransaction::decode(&id_of, bytes.clone()).unwrap();
            let id = transaction.id();
            if state.index.contains_key(&id) {
                continue;
            }
            let place = (state.blocks.len(), u32::try_from(results.len()).unwrap());
            state.index.insert(id, place);
            state.bytes.insert(id, bytes.clone());
            results.push(TransactionResult {
                transaction: id,
                outcome: outcome_of(&transaction),
                rules: Vec::new(),
            });
        }
        let first_event = state.events.len() as u64;
        for (index, result) in results.iter().enumerate() {
            let event = posted(
                first_event + index as u64,
                state.blocks.len(),
                state.time_ms + BLOCK_MS,
                result.transaction,
            );
            state.chain.append(&Event::hash_of(&event.encode()));
            state.events.push(event);
        }
        let block = self.block(&mut state, results);
        state.blocks.push(block);
        self.height.send_replace(state.blocks.len() as u64);
    }

    fn block(&self, state: &mut State, results: Vec<TransactionResult>) -> Block {
        state.time_ms += BLOCK_MS;
        let set = self.localnet.record.validator_set();
        let (path, value) = self.wallet_leaf(state);
        let header = BlockHeader {
            chain: self.localnet.record.chain_id(),
            height: state.blocks.len() as u64 + 1,
            parent: BlockHash::new(Hash::ZERO),
            time: Timestamp::from_millis(state.time_ms),
            proposer: self.localnet.validators[0].id,
            parent_round: 0,
            parent_certificate: None,
            batches_root: Hash::ZERO,
            results_root: results_root(&results),
            result_count: u32::try_from(results.len()).unwrap(),
            state_root: map::leaf_hash(&path, &value_hash(&value)),
            validators_hash: set.hash(),
            next_validators_hash: set.hash(),
            rule_packs_hash: Hash::ZERO,
            business_date: 20_779,
        };
        let certificate = self.certify(&header);
        Block {
            header,
            certificate,
            results,
        }
    }

    fn certify(&self, header: &BlockHeader) -> Certificate {
        let block = header.hash();
        let mut signatures: Vec<(ValidatorId, _)> = self
            .localnet
            .validators
            .iter()
            .map(|validator| {
                let vote = Vote {
                    kind: VoteKind::Precommit,
                    height: header.height,
                    round: 0,
                    block: Some(block),
                    validator: validator.id,
                };
                let message = vote.signed_message(&header.chain);
                (validator.id, validator.voting_key.sign(&message))
            })
            .collect();
        signatures.sort_by_key(|(id, _)| *id);
        Certificate {
            height: header.height,
            round: 0,
            block,
            signatures,
        }
    }

    pub fn receipt(&self, id: &TransactionId) -> Option<Receipt> {
        let state = self.state.lock().unwrap();
        let (block, index) = *state.index.get(id)?;
        let block = &state.blocks[block];
        let leaves: Vec<Hash> = block.results.iter().map(TransactionResult::hash).collect();
        Some(Receipt {
            result: block.results[index as usize].clone(),
            inclusion: list::prove(&leaves, index as usize)?,
            finality: finality(block),
        })
    }

    /// The wallet is the only object of the state.
    pub fn wallet_leaf(&self, state: &State) -> (Hash, Vec<u8>) {
        let account = Account {
            kind: AccountKind::Wallet,
            sponsor: self.localnet.banks().next().unwrap().id,
            keys: Keys::new(KeyPolicy::single(Fixture::wallet_key().public_key())),
            tier: 1,
            holder_commitment: None,
            closed: false,
            restriction: None,
            open_holds: 0,
            nonces: NonceWindow::default(),
            events: state.chain,
            balances: vec![Balance {
                available: Amount::new(123_456).unwrap(),
                ..Balance::empty(Asset::new("CZK").unwrap())
            }],
        };
        let path = StateKey::Account(Fixture::wallet()).path();
        (path, account.encode())
    }

    pub fn proven(&self, key: &StateKey) -> (Vec<u8>, MapProof, FinalityProof) {
        let state = self.state.lock().unwrap();
        let (path, value) = self.wallet_leaf(&state);
        let proof = MapProof {
            siblings: Vec::new(),
            terminal: Terminal::Leaf {
                path,
                value_hash: value_hash(&value),
            },
        };
        let found = if key.path() == path {
            value
        } else {
            Vec::new()
        };
        (found, proof, finality(state.blocks.last().unwrap()))
    }
}

fn finality(block: &Block) -> FinalityProof {
    FinalityProof {
        set_changes: Vec::new(),
        header: block.header.clone(),
        certificate: block.certificate.clone(),
    }
}

fn outcome_of(transaction: &SignedTransaction) -> Outcome {
    match &transaction.body().operation {
        Operation::Transfer(transfer) if transfer.amount.minor_units() % 100 == 99 => {
            Outcome::InsufficientFunds
        }
        _ => Outcome::Applied,
    }
}

fn posted(sequence: u64, block: usize, time_ms: u64, transaction: TransactionId) -> Event {
    Event {
        subject: Subject::Account(Fixture::wallet()),
        sequence,
        height: block as u64 + 1,
        time: Timestamp::from_millis(time_ms),
        cause: Some(EventCause {
            transaction,
            index: 0,
            leg: 0,
        }),
        detail: Arc::new(EventDetail::Posted(Posted {
            kind: PostingKind::Sent,
            asset: Asset::new("CZK").unwrap(),
            amount: Amount::new(100).unwrap(),
            available: Amount::new(123_456).unwrap(),
            held: Amount::ZERO,
            counterparty: Some(AccountId::from_bytes([2; 16])),
            purpose: Some(talea_types::operation::Purpose::PersonToPerson),
            end_to_end_id: String::new(),
            travel_rule_commitment: None,
            hold: None,
            until: Timestamp::from_millis(0),
            original: None,
        })),
    }
}
