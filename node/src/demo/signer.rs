//! Who signs: organisations and accounts with their keys and nonces, and the ledger's time.

use std::time::Instant;

use talea_types::{
    ChainId, Operation, ParticipantId, SecretKey, SignedTransaction, Subject, Timestamp,
    TransactionBody, hash::tagged,
};

/// How long a transaction may take, ledger time. Long: the machine may be busy.
pub(super) const EXPIRY_MS: u64 = 3_600_000;

/// An organisation of the network with its key.
#[derive(Debug)]
pub struct Organisation {
    /// Its id.
    pub id: ParticipantId,
    /// Signs for it alone.
    pub key: SecretKey,
}

/// An organisation or an account that authors transactions.
#[derive(Debug)]
pub(super) struct Signer {
    pub(super) subject: Subject,
    pub(super) key: SecretKey,
    pub(super) next_nonce: u64,
}

impl Signer {
    pub(super) fn organisation(organisation: Organisation) -> Self {
        Self {
            subject: Subject::Participant(organisation.id),
            key: organisation.key,
            next_nonce: 0,
        }
    }
}

/// The ledger's time, estimated from this machine's clock and the advances so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct SandboxClock {
    time: Timestamp,
    read_at: Instant,
}

impl SandboxClock {
    pub(super) fn new(time: Timestamp) -> Self {
        Self {
            time,
            read_at: Instant::now(),
        }
    }

    pub(super) fn advance(&mut self, by_ms: u64) {
        self.time = self.time.plus_millis(by_ms);
    }

    pub(super) fn now(&self) -> Timestamp {
        let elapsed = u64::try_from(self.read_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.time.plus_millis(elapsed)
    }
}

/// A signed transaction with the author's next nonce.
///
/// # Errors
/// When a field breaks its rule: a bug in the plan.
pub(super) fn sign(
    chain: &ChainId,
    author: &mut Signer,
    operation: Operation,
    cosigners: &[&SecretKey],
    expires_at: Timestamp,
) -> anyhow::Result<SignedTransaction> {
    let mut keys = vec![&author.key];
    keys.extend(cosigners);
    let mut signers: Vec<_> = keys.iter().map(|key| key.public_key()).collect();
    signers.sort_unstable();
    signers.dedup();
    let body = TransactionBody {
        signers,
        author: author.subject,
        nonce: author.next_nonce,
        expires_at,
        operation,
    };
    let signed = SignedTransaction::sign(chain, &body, &keys)?;
    author.next_nonce += 1;
    Ok(signed)
}

/// Keys of a demonstration follow from names: whoever reads this has them.
pub(super) fn account_key(name: &str) -> SecretKey {
    SecretKey::from_seed(tagged("talea/demo-account/v1", &[name.as_bytes()]).0)
}
