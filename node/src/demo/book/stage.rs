//! Who plays, and how what they sign reaches the network.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Context;
use talea_client::{
    Client, Trust, key_file,
    operations::{self, IntoOperation, credit},
};
use talea_genesis::key_file::Passphrase;
use talea_types::{
    AccountId, Amount, Asset, ChainId, KeyPolicy, ParticipantId, SecretKey, SignedTransaction,
    Subject, Timestamp,
    operation::{AccountKind, ClockAdvance},
    state::Role,
    time::DAY_MS,
};

use crate::{
    demo::{
        cast::IN_FLIGHT_MAX,
        signer::{EXPIRY_MS, SandboxClock, Signer, account_key, sign},
        submitter::{Ended, Submitter},
    },
    localnet::Localnet,
};

/// Tiers of the local network's genesis.
const PERSON_TIER: u32 = 1;
const UNLIMITED_TIER: u32 = 2;
/// Time of every business day at which it begins here: office hours in Europe, evening in China.
const MORNING_MS: u64 = 10 * 3_600_000;

/// The network with everybody who acts on it.
#[derive(Debug)]
pub(super) struct Stage {
    /// Reaches all validators.
    pub(super) client: Client,
    /// Name and address of each validator.
    pub(super) nodes: Vec<(String, String)>,
    /// What the genesis document says.
    pub(super) trust: Trust,
    pub(super) genesis: PathBuf,
    /// Wallet operator; lends.
    pub(super) lender: Subject,
    /// Sponsors of accounts.
    pub(super) banks: Vec<Subject>,
    pub(super) agencies: Vec<ParticipantId>,
    pub(super) adviser: Subject,
    pub(super) regulator: Subject,
    chain: ChainId,
    clock: SandboxClock,
    submitter: Submitter,
    signers: BTreeMap<Subject, Signer>,
}

impl Stage {
    /// Reads the keys of all organisations, and where their nonces are.
    ///
    /// # Errors
    /// When one is missing, or the network does not answer.
    pub(super) async fn open(localnet: &Localnet, client: &Client) -> anyhow::Result<Self> {
        let passphrase = Passphrase::from_file(&localnet.passphrase_file())?;
        let mut signers = BTreeMap::new();
        let mut by_role: BTreeMap<Role, Vec<ParticipantId>> = BTreeMap::new();
        for entry in &localnet.file().organisations {
            let subject = Subject::Participant(entry.id);
            let key = key_file::load(&localnet.directory().join(&entry.key), &passphrase)?;
            let next_nonce = client.nonces(&subject).await?.next;
            signers.insert(
                subject,
                Signer {
                    subject,
                    key,
                    next_nonce,
                },
            );
            by_role.entry(entry.role).or_default().push(entry.id);
        }
        let all = |role: Role| by_role.get(&role).cloned().unwrap_or_default();
        let one = |role: Role| {
            let id = all(role).first().copied();
            id.map(Subject::Participant)
                .with_context(|| format!("the network has no {role:?}"))
        };
        let network = client.network().await?;
        let nodes = localnet.nodes().iter();
        Ok(Self {
            client: client.clone(),
            nodes: nodes
                .map(|node| (node.entry().name.clone(), node.endpoint()))
                .collect(),
            trust: Trust::load(&localnet.genesis())?,
            genesis: localnet.genesis(),
            lender: one(Role::Operator)?,
            banks: all(Role::Bank)
                .into_iter()
                .map(Subject::Participant)
                .collect(),
            agencies: all(Role::CollectionAgency),
            adviser: one(Role::Adviser)?,
            regulator: one(Role::Regulator)?,
            chain: network.chain,
            clock: SandboxClock::new(network.ledger_time),
            submitter: Submitter::new(client),
            signers,
        })
    }

    /// A sponsor for the account with a number.
    pub(super) fn bank(&self, number: usize) -> anyhow::Result<Subject> {
        let bank = self.banks.get(number % self.banks.len().max(1));
        bank.copied().context("the network has no bank")
    }

    /// The key of an account or organisation.
    pub(super) fn key(&self, subject: &Subject) -> anyhow::Result<&SecretKey> {
        let signer = self.signers.get(subject);
        signer
            .map(|signer| &signer.key)
            .with_context(|| format!("{subject} has no key here"))
    }

    /// Asks where an author's nonces are: somebody else signs for it too.
    pub(super) async fn renew_nonce(&mut self, author: &Subject) -> anyhow::Result<()> {
        let next = self.client.nonces(author).await?.next;
        if let Some(signer) = self.signers.get_mut(author) {
            signer.next_nonce = next;
        }
        Ok(())
    }

    /// A transaction with the author's next nonce.
    pub(super) fn sign(
        &mut self,
        author: &Subject,
        operation: impl IntoOperation,
        cosigners: &[Subject],
    ) -> anyhow::Result<SignedTransaction> {
        let keys = cosigners.iter().map(|subject| self.key(subject).cloned());
        let keys: Vec<SecretKey> = keys.collect::<anyhow::Result<_>>()?;
        let keys: Vec<&SecretKey> = keys.iter().collect();
        let expires_at = self.clock.now().plus_millis(EXPIRY_MS);
        let author = self
            .signers
            .get_mut(author)
            .context("an author without a key")?;
        sign(
            &self.chain,
            author,
            operation.into_operation(),
            &keys,
            expires_at,
        )
    }

    /// A transaction that opens an account, whose keys follow from its name, and the account's id.
    pub(super) fn sign_opening(
        &mut self,
        name: &str,
        sponsor: &Subject,
        kind: AccountKind,
    ) -> anyhow::Result<(SignedTransaction, AccountId)> {
        let key = account_key(name);
        let tier = match kind {
            AccountKind::Wallet => PERSON_TIER,
            AccountKind::Merchant | AccountKind::Own => UNLIMITED_TIER,
        };
        let open = operations::open(kind, KeyPolicy::single(key.public_key()), tier);
        let expires_at = self.clock.now().plus_millis(EXPIRY_MS);
        let author = self
            .signers
            .get_mut(sponsor)
            .context("a sponsor without a key")?;
        let signed = sign(
            &self.chain,
            author,
            open.into_operation(),
            &[&key],
            expires_at,
        )?;
        let id = AccountId::opened_by(signed.id());
        let subject = Subject::Account(id);
        let next_nonce = 0;
        let signer = Signer {
            subject,
            key,
            next_nonce,
        };
        self.signers.insert(subject, signer);
        Ok((signed, id))
    }

    /// Submits, and waits until all are final.
    pub(super) async fn submit(
        &mut self,
        transactions: Vec<SignedTransaction>,
    ) -> anyhow::Result<Vec<Ended>> {
        self.submitter.submit(transactions).await
    }

    /// The same for transactions that all have to be applied, in parts that no author's window is too
    /// small for. `progress` is told of every part.
    pub(super) async fn submit_applied(
        &mut self,
        transactions: Vec<SignedTransaction>,
        mut progress: impl FnMut(usize),
    ) -> anyhow::Result<()> {
        let mut waiting = transactions.into_iter().peekable();
        while waiting.peek().is_some() {
            let part: Vec<SignedTransaction> = waiting.by_ref().take(IN_FLIGHT_MAX).collect();
            let count = part.len();
            self.submitter.submit_applied(part).await?;
            progress(count);
        }
        Ok(())
    }

    /// One that has to be applied.
    pub(super) async fn apply(
        &mut self,
        author: &Subject,
        operation: impl IntoOperation,
        cosigners: &[Subject],
    ) -> anyhow::Result<SignedTransaction> {
        let transaction = self.sign(author, operation, cosigners)?;
        self.submitter
            .submit_applied(vec![transaction.clone()])
            .await?;
        Ok(transaction)
    }

    /// The day on which the network is: that of its clock, which a replay of payments moves without the
    /// business date.
    pub(super) async fn today(&self) -> anyhow::Result<u32> {
        let network = self.client.network().await?;
        Ok(network.ledger_time.day().max(network.business_date))
    }

    /// Moves the sandbox clock to a time that has not passed.
    pub(super) async fn advance_to(&mut self, time: Timestamp) -> anyhow::Result<()> {
        let by_ms = time.millis().saturating_sub(self.clock.now().millis());
        if by_ms > 0 {
            let lender = self.lender;
            self.apply(&lender, ClockAdvance { by_ms }, &[]).await?;
            self.clock.advance(by_ms);
        }
        Ok(())
    }

    /// Moves the clock to the morning of a day and the business date to that day.
    pub(super) async fn begin_day(&mut self, date: u32) -> anyhow::Result<()> {
        self.advance_to(at(date, MORNING_MS)).await?;
        let lender = self.lender;
        self.apply(&lender, credit::advance_business_date(date), &[])
            .await?;
        Ok(())
    }

    /// Issues money to an account.
    pub(super) fn sign_issue(
        &mut self,
        sponsor: &Subject,
        account: AccountId,
        asset: Asset,
        amount: Amount,
    ) -> anyhow::Result<SignedTransaction> {
        self.sign(sponsor, operations::issue(account, asset, amount), &[])
    }
}

/// A time of a day (UTC).
pub(super) const fn at(date: u32, millis: u64) -> Timestamp {
    Timestamp::from_millis(date as u64 * DAY_MS + millis)
}
