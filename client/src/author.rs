//! An author with its keys: builds, signs and submits, and keeps its nonces and the ledger's time.

use std::{
    collections::BTreeSet,
    sync::Mutex,
    time::{Duration, Instant},
};

use talea_proto::ApiError;
use talea_types::{
    ChainId, Outcome, PublicKey, SecretKey, SignedTransaction, Subject, Timestamp, TransactionBody,
};

use crate::{
    Client, ClientError, Finality, NonceRange, Settlement, nonces::NonceSource,
    operations::IntoOperation,
};

/// How far ahead of the ledger's time transactions expire unless said otherwise.
pub const EXPIRY_DEFAULT: Duration = Duration::from_secs(120);

/// An account or an organisation that authors transactions. Share it by reference between tasks.
#[derive(Debug)]
pub struct Author {
    client: Client,
    chain: ChainId,
    subject: Subject,
    keys: Vec<SecretKey>,
    nonces: NonceSource,
    clock: Mutex<LedgerClock>,
    expiry: Duration,
}

/// The ledger's time, carried on between answers by this machine's monotonic clock.
#[derive(Clone, Copy, Debug)]
struct LedgerClock {
    time: Timestamp,
    read_at: Instant,
}

impl LedgerClock {
    fn read(range: &NonceRange) -> Self {
        Self {
            time: range.ledger_time,
            read_at: Instant::now(),
        }
    }

    fn now(&self) -> Timestamp {
        let elapsed = u64::try_from(self.read_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.time.plus_millis(elapsed)
    }
}

impl Author {
    /// Asks the network where the author's nonces are. `keys` must meet the author's key policy, with
    /// none too many.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::NotFound`] when the author is not on the ledger.
    pub async fn open(
        client: &Client,
        chain: &ChainId,
        subject: Subject,
        keys: Vec<SecretKey>,
    ) -> Result<Self, ClientError> {
        let range = client.nonces(&subject).await?;
        Ok(Self {
            client: client.clone(),
            chain: *chain,
            subject,
            keys,
            nonces: NonceSource::new(&range),
            clock: Mutex::new(LedgerClock::read(&range)),
            expiry: EXPIRY_DEFAULT,
        })
    }

    /// The same with another expiry, at most a day.
    #[must_use]
    pub fn with_expiry(self, expiry: Duration) -> Self {
        Self { expiry, ..self }
    }

    /// Who it is.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Its keys.
    pub(crate) fn keys(&self) -> &[SecretKey] {
        &self.keys
    }

    /// Its nonces.
    #[must_use]
    pub const fn nonces(&self) -> &NonceSource {
        &self.nonces
    }

    /// The ledger's time, as estimated here.
    #[must_use]
    pub fn ledger_time(&self) -> Timestamp {
        self.clock
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .now()
    }

    /// The ledger's time as the network says it now.
    pub(crate) async fn refresh_time(&self) -> Result<Timestamp, ClientError> {
        let range = self.client.nonces(&self.subject).await?;
        *self
            .clock
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = LedgerClock::read(&range);
        Ok(range.ledger_time)
    }

    /// A body with the next nonce, to be signed by the author's keys and by `cosigners`.
    ///
    /// # Errors
    /// [`ClientError::NoncesInFlight`].
    pub fn body(
        &self,
        operation: impl IntoOperation,
        cosigners: &[PublicKey],
    ) -> Result<TransactionBody, ClientError> {
        let own = self.keys.iter().map(SecretKey::public_key);
        let signers: BTreeSet<PublicKey> = own.chain(cosigners.iter().copied()).collect();
        let expiry = u64::try_from(self.expiry.as_millis()).unwrap_or(u64::MAX);
        Ok(TransactionBody {
            signers: signers.into_iter().collect(),
            author: self.subject,
            nonce: self.nonces.take()?,
            expires_at: self.ledger_time().plus_millis(expiry),
            operation: operation.into_operation(),
        })
    }

    /// Builds and signs a transaction, with the next nonce.
    ///
    /// # Errors
    /// [`ClientError::Build`] when a field breaks its rule; [`ClientError::NoncesInFlight`].
    pub fn sign(
        &self,
        operation: impl IntoOperation,
        cosigners: &[&SecretKey],
    ) -> Result<SignedTransaction, ClientError> {
        let public: Vec<PublicKey> = cosigners.iter().map(|key| key.public_key()).collect();
        let body = self.body(operation, &public)?;
        let keys: Vec<&SecretKey> = self.keys.iter().chain(cosigners.iter().copied()).collect();
        SignedTransaction::sign(&self.chain, &body, &keys).map_err(|error| {
            self.nonces.unused(body.nonce);
            ClientError::Build(error)
        })
    }

    /// Builds, signs and submits, and waits until it is final.
    ///
    /// # Errors
    /// As [`Client::submit`] and [`Author::sign`]. After [`ClientError::Uncertain`] the nonce stays in
    /// flight, so that nothing else can take its place.
    pub async fn submit(
        &self,
        operation: impl IntoOperation,
        cosigners: &[&SecretKey],
        deadline: Duration,
    ) -> Result<Settlement, ClientError> {
        let transaction = self.sign(operation, cosigners)?;
        self.submit_signed(&transaction, deadline).await
    }

    /// Submits a transaction of this author that is signed, and keeps account of its nonce.
    ///
    /// # Errors
    /// As [`Client::submit`].
    pub async fn submit_signed(
        &self,
        transaction: &SignedTransaction,
        deadline: Duration,
    ) -> Result<Settlement, ClientError> {
        let result = self.client.submit(transaction, deadline).await;
        self.note(transaction, &result);
        if matches!(&result, Err(ClientError::Refused(error)) if is_about_nonce_or_time(error)) {
            self.refresh().await?;
        }
        result
    }

    /// Takes note of how a transaction of this author ended that was submitted otherwise, as in
    /// [bulk](crate::bulk): its nonce is used, or free again, or still in flight.
    pub fn note(&self, transaction: &SignedTransaction, result: &Result<Settlement, ClientError>) {
        let nonce = transaction.body().nonce;
        match result {
            Ok(settlement) if settlement.finality == Finality::Expired => self.nonces.unused(nonce),
            Ok(_) => self.nonces.used(nonce),
            Err(ClientError::Uncertain { .. }) => {}
            // Somebody else used it, or it is out of the window.
            Err(ClientError::Refused(error)) if is_about_nonce(error) => self.nonces.used(nonce),
            Err(_) => self.nonces.unused(nonce),
        }
    }

    /// Asks the network again for the nonces and the time: after another process signed for this author,
    /// or a sandbox clock was advanced.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn refresh(&self) -> Result<(), ClientError> {
        let range = self.client.nonces(&self.subject).await?;
        self.nonces.synchronise(&range);
        *self
            .clock
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = LedgerClock::read(&range);
        Ok(())
    }
}

fn is_about_nonce(error: &ApiError) -> bool {
    matches!(
        error.known_outcome(),
        Some(Outcome::NonceUsed | Outcome::NonceBelowWindow | Outcome::NonceTooFar)
    )
}

fn is_about_nonce_or_time(error: &ApiError) -> bool {
    is_about_nonce(error)
        || matches!(
            error.known_outcome(),
            Some(Outcome::Expired | Outcome::ExpiryTooFar)
        )
}
