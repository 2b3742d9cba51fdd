//! Who reads: an account or an organisation that shows a key of its own. What the access matrix does not
//! allow to anybody, a node gives only to a reader that it allows it to.
//!
//! Kept true: a key never leaves this process; a token is made for one node and a few minutes; a read
//! that has to be recorded is recorded, and final, before it is made.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use talea_proto::{ApiError, LedgerClient, READER_METADATA, api, reason};
use talea_types::{
    Operation, SecretKey, Subject,
    access::{ReaderStatement, ReaderToken},
    operation::{AccessEntry, AccessLog, AssuranceOperation, DataFields, DataPurpose},
};
use tonic::{
    Request, Status,
    metadata::{BinaryMetadataValue, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};

use crate::{Author, Client, ClientError, Finality, NetworkInfo, options::Node};

/// How far ahead of ledger time tokens end: below the ten minutes that a node takes at most.
const TOKEN_MS: u64 = 8 * 60_000;
/// A token is used for so long, and then replaced by a new one.
const TOKEN_USE: Duration = Duration::from_secs(6 * 60);

/// How often a token is replaced for one call. Once is enough but where the clock of a sandbox is moved by hours
/// between two blocks: then a token can end between its making and its use.
const RENEWALS_MAX: u32 = 16;

/// How long recording a read may take.
const RECORDING_MAX: Duration = Duration::from_secs(30);
/// How long after a read was recorded a node may not know of it yet, and how often it is asked again.
const BEHIND_MAX: Duration = Duration::from_secs(10);
const BEHIND_PAUSE: Duration = Duration::from_millis(100);

/// What was done already to be let in, for one call.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    renewals: u32,
    recorded_at: Option<Instant>,
}

/// As whom a client reads. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    subject: Subject,
    keys: Vec<SecretKey>,
    purpose: Option<DataPurpose>,
    author: Option<Arc<Author>>,
    /// By address of the node.
    tokens: Mutex<HashMap<String, Token>>,
}

#[derive(Clone, Debug)]
struct Token {
    shown: Shown,
    made_at: Instant,
}

impl Reader {
    /// The holder of an account, or an organisation that reads nothing that has to be recorded. One key
    /// of the policy is enough.
    #[must_use]
    pub fn new(subject: Subject, key: SecretKey) -> Self {
        Self::of(subject, vec![key], None, None)
    }

    /// An organisation that reads records of debtors, loans and cases too. Each of these reads is
    /// recorded on the ledger first, with its purpose, where the debtor sees it; so `keys` must be able to
    /// sign for the organisation.
    #[must_use]
    pub fn for_purpose(subject: Subject, keys: Vec<SecretKey>, purpose: DataPurpose) -> Self {
        Self::of(subject, keys, Some(purpose), None)
    }

    /// The same for an organisation that has an [`Author`] in this process, which records the reads: two
    /// authors of one organisation would use the same nonces.
    #[must_use]
    pub fn with_author(author: &Arc<Author>, purpose: DataPurpose) -> Self {
        let keys = author.keys().to_vec();
        Self::of(
            *author.subject(),
            keys,
            Some(purpose),
            Some(Arc::clone(author)),
        )
    }

    fn of(
        subject: Subject,
        keys: Vec<SecretKey>,
        purpose: Option<DataPurpose>,
        author: Option<Arc<Author>>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                subject,
                keys,
                purpose,
                author,
                tokens: Mutex::default(),
            }),
        }
    }

    /// As whom it reads.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.inner.subject
    }

    /// What shows it to a node: the token that the node has seen, or a new one.
    pub(crate) async fn shown_to(&self, node: &Node) -> Result<Shown, Status> {
        let known = self.tokens().get(&node.url).cloned();
        if let Some(token) = known.filter(|token| token.made_at.elapsed() < TOKEN_USE) {
            return Ok(token.shown);
        }
        let answer = node.ledger().get_network(api::GetNetworkRequest {}).await?;
        let shown = self
            .sign_for(&answer.into_inner())
            .map_err(|message| Status::internal(format!("{}: {message}", node.url)))?;
        let token = Token {
            shown: shown.clone(),
            made_at: Instant::now(),
        };
        self.tokens().insert(node.url.clone(), token);
        Ok(shown)
    }

    fn sign_for(&self, node: &api::GetNetworkResponse) -> Result<Shown, String> {
        let node = NetworkInfo::from_api(node).map_err(|error| error.to_string())?;
        let Some(key) = self.inner.keys.first() else {
            return Err("the reader has no key".to_owned());
        };
        let statement = ReaderStatement {
            chain: node.chain,
            reader: self.inner.subject,
            audience: node.network_key,
            expires_at: node.ledger_time.plus_millis(TOKEN_MS),
            key: key.public_key(),
        };
        let token = ReaderToken::sign(statement, key).map_err(|error| error.to_string())?;
        Ok(Shown(Some(MetadataValue::from_bytes(token.encoded()))))
    }

    /// Does what a refusal asks for, if this reader can: a new token, or a record of the read. `false`
    /// when asking again is pointless.
    ///
    /// # Errors
    /// [`ClientError`] of recording the read.
    pub(crate) async fn overcome(
        &self,
        client: &Client,
        refusal: &ApiError,
        patience: &mut Patience,
    ) -> Result<bool, ClientError> {
        match (refusal.reason.as_str(), refusal.subject) {
            (reason::TOKEN_EXPIRED, _) if patience.renewals < RENEWALS_MAX => {
                patience.renewals += 1;
                self.tokens().clear();
                Ok(true)
            }
            (reason::TOKEN_INVALID, _) if patience.renewals == 0 => {
                patience.renewals += 1;
                self.tokens().clear();
                Ok(true)
            }
            (reason::READ_NOT_LOGGED, Some(subject)) => {
                match (patience.recorded_at, self.inner.purpose) {
                    (None, Some(purpose)) => {
                        self.record(client, subject, purpose).await?;
                        patience.recorded_at = Some(Instant::now());
                        Ok(true)
                    }
                    // The node that is asked may be a moment behind the one that answered.
                    (Some(at), _) if at.elapsed() < BEHIND_MAX => {
                        tokio::time::sleep(BEHIND_PAUSE).await;
                        Ok(true)
                    }
                    _ => Ok(false),
                }
            }
            _ => Ok(false),
        }
    }

    /// Records that this reader reads records of a subject, and waits until that is final.
    async fn record(
        &self,
        client: &Client,
        subject: Subject,
        purpose: DataPurpose,
    ) -> Result<(), ClientError> {
        let Subject::Participant(reader) = self.inner.subject else {
            return Ok(());
        };
        let opened;
        let author = match &self.inner.author {
            Some(author) => author.as_ref(),
            None => {
                let chain = client.network().await?.chain;
                let keys = self.inner.keys.clone();
                opened = Author::open(client, &chain, self.inner.subject, keys).await?;
                &opened
            }
        };
        let entry = AccessEntry {
            subject,
            reader,
            purpose,
            fields: DataFields::of_records(&subject),
            read_at: author.refresh_time().await?,
        };
        let log = AssuranceOperation::AccessLog(AccessLog {
            entries: vec![entry],
        });
        let settlement = author
            .submit(Operation::Assurance(log), &[], RECORDING_MAX)
            .await?;
        match settlement.finality {
            Finality::Committed { .. } => Ok(()),
            Finality::Rejected { rejection, .. } => Err(ClientError::ReadNotRecorded {
                subject,
                reason: format!("{}: {}", rejection.name, rejection.help),
            }),
            Finality::Expired => Err(ClientError::ReadNotRecorded {
                subject,
                reason: "the record expired before it was applied".to_owned(),
            }),
        }
    }

    fn tokens(&self) -> std::sync::MutexGuard<'_, HashMap<String, Token>> {
        self.inner
            .tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts a reader's token, or nothing, into the metadata of each call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown(Option<BinaryMetadataValue>);

impl Interceptor for Shown {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request
                .metadata_mut()
                .insert_bin(READER_METADATA, token.clone());
        }
        Ok(request)
    }
}

/// A node's ledger, for whoever shows who it is.
pub(crate) type LedgerShown = LedgerClient<InterceptedService<Channel, Shown>>;

#[cfg(test)]
mod tests {
    use talea_types::AccountId;

    use super::*;
    use crate::Options;

    async fn overcome(reason: &str) -> u32 {
        let client = Client::new(&Options::new(["http://127.0.0.1:1"])).unwrap();
        let holder = Subject::Account(AccountId::from_bytes([1; 16]));
        let reader = Reader::new(holder, SecretKey::from_seed([1; 32]));
        let refusal = ApiError::unauthenticated(reason, "");
        let mut patience = Patience::default();
        let mut times = 0;
        while reader
            .overcome(&client, &refusal, &mut patience)
            .await
            .unwrap()
        {
            times += 1;
            assert!(times < 1_000, "it never ends");
        }
        times
    }

    #[tokio::test]
    async fn a_token_is_renewed_while_the_clock_runs_ahead_and_a_bad_one_once() {
        assert_eq!(overcome(reason::TOKEN_EXPIRED).await, RENEWALS_MAX);
        assert_eq!(overcome(reason::TOKEN_INVALID).await, 1);
        assert_eq!(overcome(reason::READER_UNKNOWN).await, 0);
    }
}
