//! A network in memory: blocks that four validators would make, and blocks that they never would.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod desk;
pub mod law;
pub mod server;
pub mod story;

use std::{io::Write as _, time::Duration};

use bytes::Bytes;
use talea_audit::Counts;
use talea_client::{BlockInfo, ClientError, WholeBlock};
use talea_genesis::{
    GenesisRecord,
    localnet::{Localnet, LocalnetOptions},
};
use talea_ledger::{BlockContext, Ledger};
use talea_types::{
    AccountId, Amount, Asset, Batch, BlockBody, BlockContent, BlockHash, BlockHeader, Certificate,
    ChainId, CommittedBlock, KeyPolicy, Operation, Outcome, SecretKey, SignedTransaction, Subject,
    Timestamp, TransactionBody, TransactionResult, Vote, VoteKind,
    crypto::KeyCache,
    event::Event,
    operation::{
        AccountKind, AccountOpen, BusinessDateAdvance, CreditOperation, Issue, Purpose, Transfer,
    },
    transaction::verify_all,
};

/// Says that a test is left out, and why, where whoever runs the tests sees it: what a test that passes prints with
/// `println!` is shown to nobody.
pub fn skipped(reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}

/// 2026-09-21 14:13 UTC, a quarter past ten in New York.
pub const START: u64 = 1_790_000_000_000;

/// What the validators of a network do, in one place.
pub struct Network {
    pub localnet: Localnet,
    ledger: Ledger,
    parent: BlockHash,
    parent_certificate: Option<Certificate>,
    nonce: u64,
    /// By so much the clock was moved, milliseconds.
    ahead_ms: u64,
    accounts: Vec<(AccountId, SecretKey)>,
}

/// A block as a node sends it, with what it was made of.
#[derive(Clone)]
pub struct Made {
    pub block: CommittedBlock,
    pub results: Vec<TransactionResult>,
    pub events: Vec<Event>,
}

impl Network {
    pub fn new() -> Self {
        Self::of_seed(5)
    }

    pub fn of_seed(seed: u8) -> Self {
        let options = LocalnetOptions {
            network: "test".to_owned(),
            validators: 4,
            seed: [seed; 32],
            time: Timestamp::from_millis(START),
        };
        Self::of_keys(Localnet::new(&options).unwrap())
    }

    /// A network whose keys and genesis are these.
    pub fn of_keys(localnet: Localnet) -> Self {
        let ledger = Ledger::genesis(&localnet.record.to_ledger()).unwrap();
        let parent = BlockHash::new(localnet.record.chain_id().hash());
        Self {
            localnet,
            ledger,
            parent,
            parent_certificate: None,
            nonce: 0,
            ahead_ms: 0,
            accounts: Vec::new(),
        }
    }

    pub fn record(&self) -> &GenesisRecord {
        &self.localnet.record
    }

    pub fn chain(&self) -> ChainId {
        self.record().chain_id()
    }

    /// The state after the newest block.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Time of the next block.
    pub fn next_time(&self) -> Timestamp {
        Timestamp::from_millis(START + self.ahead_ms + (self.ledger.height() + 1) * 1_000)
    }

    /// Moves the clock: the next block is of a day (since 1970) that is still to come.
    pub fn pass_to(&mut self, day: u32) {
        let begins = u64::from(day) * 86_400_000;
        self.ahead_ms += begins.saturating_sub(self.next_time().millis());
    }

    /// A block on a day (since 1970) that is still to come, in which the operator moves the business date to it.
    pub fn advance_date(&mut self, day: u32, nonce: u64) -> Made {
        self.pass_to(day);
        let operator = self.localnet.operator();
        let advance = BusinessDateAdvance { to: day };
        let body = TransactionBody {
            signers: vec![operator.key.public_key()],
            author: Subject::Participant(operator.id),
            nonce,
            expires_at: self.next_time().plus_millis(60_000),
            operation: Operation::Credit(CreditOperation::BusinessDateAdvance(advance)),
        };
        let signed = SignedTransaction::sign(&self.chain(), &body, &[&operator.key]).unwrap();
        let made = self.block(&[signed]);
        assert_eq!(made.results[0].outcome, Outcome::Applied);
        made
    }

    /// The root of the state after the newest block.
    pub fn state_root(&self) -> talea_types::Hash {
        self.ledger.state_root()
    }

    fn of_bank(&mut self, operation: Operation, holder: Option<&SecretKey>) -> SignedTransaction {
        let chain = self.chain();
        let bank = self.localnet.banks().next().unwrap();
        let keys: Vec<&SecretKey> = [&bank.key].into_iter().chain(holder).collect();
        let signed = sign(
            &chain,
            Subject::Participant(bank.id),
            self.nonce,
            operation,
            &keys,
        );
        self.nonce += 1;
        signed
    }

    /// Opens an account for each of so many holders, with money in the block after.
    pub fn open(&mut self, holders: u8) -> Vec<SignedTransaction> {
        (0..holders)
            .map(|number| {
                let holder = SecretKey::from_seed([number + 100; 32]);
                let open = AccountOpen {
                    kind: AccountKind::Wallet,
                    policy: KeyPolicy::single(holder.public_key()),
                    tier: 2,
                    holder_commitment: None,
                };
                let signed = self.of_bank(Operation::AccountOpen(open), Some(&holder));
                let id = AccountId::opened_by(signed.id());
                self.accounts.push((id, holder));
                signed
            })
            .collect()
    }

    /// Money for everybody.
    pub fn issue(&mut self) -> Vec<SignedTransaction> {
        let accounts: Vec<AccountId> = self.accounts.iter().map(|(id, _)| *id).collect();
        let issue = |account| {
            Operation::Issue(Issue {
                account,
                asset: Asset::new("CZK").unwrap(),
                amount: Amount::new(100_000).unwrap(),
                end_to_end_id: String::new(),
            })
        };
        let each = accounts.into_iter().map(issue);
        each.collect::<Vec<_>>()
            .into_iter()
            .map(|operation| self.of_bank(operation, None))
            .collect()
    }

    /// Everybody pays the next one; the first also asks for more than it has.
    pub fn pay(&self, nonce: u64, amount: u64) -> Vec<SignedTransaction> {
        let next = self.accounts.iter().cycle().skip(1);
        let pays = self.accounts.iter().zip(next);
        let mut all: Vec<_> = pays
            .clone()
            .map(|(from, to)| self.transfer(from, to.0, nonce, amount))
            .collect();
        let (poor, to) = pays.clone().next().unwrap();
        all.push(self.transfer(poor, to.0, nonce + 1, 100_000_000));
        all
    }

    fn transfer(
        &self,
        (from, key): &(AccountId, SecretKey),
        to: AccountId,
        nonce: u64,
        amount: u64,
    ) -> SignedTransaction {
        let transfer = Operation::Transfer(Transfer {
            from: *from,
            to,
            asset: Asset::new("CZK").unwrap(),
            amount: Amount::new(amount).unwrap(),
            purpose: Purpose::PersonToPerson,
            end_to_end_id: String::new(),
            travel_rule_commitment: None,
            refundable_until: Timestamp::default(),
        });
        sign(
            &self.chain(),
            Subject::Account(*from),
            nonce,
            transfer,
            &[key],
        )
    }

    /// The next block, as honest validators make it.
    pub fn block(&mut self, transactions: &[SignedTransaction]) -> Made {
        self.block_altered(transactions, |_| {})
    }

    /// The next block with a header that all validators sign although it is not so. What it does to the
    /// state is what the transactions do.
    pub fn block_altered(
        &mut self,
        transactions: &[SignedTransaction],
        alter: impl FnOnce(&mut BlockContent),
    ) -> Made {
        let verified: Vec<_> = verify_all(&mut KeyCache::new(), transactions.to_vec())
            .into_iter()
            .filter_map(Result::ok)
            .collect();
        let height = self.ledger.height() + 1;
        let context = BlockContext {
            height,
            time: self.next_time(),
        };
        let execution = self.ledger.execute(&context, &verified).unwrap();
        let encoded = transactions.iter().map(|one| one.encoded().clone());
        let encoded: Vec<Bytes> = encoded.collect();
        let proposer = self.localnet.validators[0].id;
        let batches: Vec<Batch> = encoded
            .chunks(1_000)
            .zip(0..)
            .map(|(part, number)| {
                let sequence = height * 100 + number;
                Batch::seal(proposer, sequence, part.to_vec()).unwrap()
            })
            .collect();
        let digests: Vec<_> = batches.iter().map(Batch::digest).collect();
        let certificate = self.parent_certificate.as_ref();
        let validators_hash = self.ledger.validators().hash();
        let header = BlockHeader {
            chain: self.chain(),
            height,
            parent: self.parent,
            time: context.time,
            proposer,
            parent_round: certificate.map_or(0, |one| one.round),
            parent_certificate: certificate.map(Certificate::hash),
            batches_root: BlockContent::batches_root(&digests),
            results_root: execution.results_root,
            result_count: u32::try_from(execution.results.len()).unwrap(),
            state_root: execution.state_root,
            validators_hash,
            next_validators_hash: execution.next_validators_hash,
            rule_packs_hash: execution.rule_packs_hash,
            business_date: execution.business_date,
        };
        let mut content = BlockContent {
            header,
            parent_certificate: self.parent_certificate.clone(),
            batch_digests: digests,
        };
        alter(&mut content);
        let certificate = self.certify(&content.header);
        let results = execution.results.clone();
        let events = execution.events.iter().map(|one| one.event.clone());
        let events = events.collect();
        self.ledger.commit(execution);
        self.parent = content.header.hash();
        self.parent_certificate = Some(certificate.clone());
        let body = BlockBody { content, batches };
        Made {
            block: CommittedBlock { body, certificate },
            results,
            events,
        }
    }

    /// Precommits of three of the four for a header.
    pub fn certify(&self, header: &BlockHeader) -> Certificate {
        let block = header.hash();
        let mut signatures: Vec<_> = self
            .localnet
            .validators
            .iter()
            .take(3)
            .map(|validator| {
                let vote = Vote {
                    kind: VoteKind::Precommit,
                    height: header.height,
                    round: 0,
                    block: Some(block),
                    validator: validator.id,
                };
                let message = vote.signed_message(&self.chain());
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

    /// So many blocks of payments, after two that open and fill the accounts.
    pub fn history(&mut self, blocks: u64) -> Vec<Made> {
        let opened = self.open(6);
        let mut made = vec![self.block(&opened)];
        let issued = self.issue();
        made.push(self.block(&issued));
        for number in 0..blocks {
            let paid = self.pay(number * 2, 10 + number);
            made.push(self.block(&paid));
        }
        made
    }
}

pub fn sign(
    chain: &ChainId,
    author: Subject,
    nonce: u64,
    operation: Operation,
    keys: &[&SecretKey],
) -> SignedTransaction {
    let mut signers: Vec<_> = keys.iter().map(|key| key.public_key()).collect();
    signers.sort_unstable();
    let body = TransactionBody {
        signers,
        author,
        nonce,
        expires_at: Timestamp::from_millis(START + 3_600_000),
        operation,
    };
    SignedTransaction::sign(chain, &body, keys).unwrap()
}

impl Made {
    /// As an honest node sends it.
    pub fn sent(&self) -> WholeBlock {
        let counts = Counts::of(&self.results);
        WholeBlock {
            info: BlockInfo {
                header: self.block.body.content.header.clone(),
                certificate: self.block.certificate.clone(),
                applied: counts.applied,
                rejected: counts.rejected,
                void: counts.void,
            },
            block: self.block.encode(),
            results: self.results.clone(),
        }
    }
}

/// A node that sends what it was given.
#[derive(Clone, Default)]
pub struct Node {
    pub blocks: Vec<WholeBlock>,
    /// The height that it says it has; that of its blocks where it is `None`.
    pub height: Option<u64>,
}

impl Node {
    pub fn of(made: &[Made]) -> Self {
        Self {
            blocks: made.iter().map(Made::sent).collect(),
            height: None,
        }
    }
}

impl talea_audit::Source for Node {
    async fn block(&self, height: u64) -> Result<Option<WholeBlock>, ClientError> {
        let place = usize::try_from(height).unwrap() - 1;
        Ok(self.blocks.get(place).cloned())
    }

    async fn height(&self) -> Result<u64, ClientError> {
        Ok(self.height.unwrap_or(self.blocks.len() as u64))
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(1)
    }
}
