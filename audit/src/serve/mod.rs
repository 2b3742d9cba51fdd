//! The desk: follows a node and answers people and programs over HTTP while it does.
//!
//! | to find | look in |
//! | --- | --- |
//! | each address of the interface | [`pages`] |
//! | who asks, and what it may see | `caller`, `access`, `sessions` |
//! | what following comes to | [`Following`] |
//! | connections and their bounds | `listen` |
//!
//! Kept true: everything shown was verified; what a person may not see is decided by the matrix of the ledger
//! before it is read; a network that lies leaves the desk open, and says so on every page.

mod access;
mod answer;
mod base64;
mod caller;
mod files;
mod following;
mod listen;
mod pages;
mod query;
mod readers;
mod recent;
mod sessions;
mod words;

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use parking_lot::Mutex;
use talea_client::Client;
use talea_genesis::GenesisRecord;
use talea_types::{ChainId, PublicKey, Subject};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{Index, IndexError, IndexPlace, Looks, LooksError, SharedLedger, Source};

pub use caller::{desk_key, token};
pub use following::{Following, FollowingState, Named};
use readers::Readers;
use recent::Recent;
use sessions::Sessions;

/// What a desk needs.
#[derive(Debug)]
pub struct DeskOptions {
    /// The genesis document, as its file has it.
    pub genesis: Bytes,
    /// What it says.
    pub record: GenesisRecord,
    /// The index. It is made where there is none.
    pub index: IndexPlace,
    /// The log of looks.
    pub looks: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The node, as it is shown.
    pub node: String,
    /// Through which signed transactions go to the network and their receipts come; without it the desk only reads.
    pub network: Option<Client>,
    /// As whom the one who starts the desk asks, by which key.
    pub own: Option<(Subject, PublicKey)>,
}

/// Why a desk cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The index cannot be used.
    #[error("{0}")]
    Index(#[from] IndexError),
    /// The log of looks cannot be used.
    #[error("{0}")]
    Looks(#[from] LooksError),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {reason}; choose a free port with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        reason: io::Error,
    },
}

/// A desk that runs.
#[derive(Debug)]
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    /// The secret of the session of whoever started it.
    pub own_session: Option<String>,
    /// How following goes.
    pub following: watch::Receiver<Following>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    unwritten: watch::Receiver<Option<String>>,
}

impl Serving {
    /// Waits until a look could not be written, and says why: nothing more is shown to anybody who would have to be
    /// written down, and the process has to end. Whoever starts it again finds out whether the log can be used.
    pub async fn unwritten(&self) -> String {
        let mut unwritten = self.unwritten.clone();
        match unwritten.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_default(),
            // The desk has ended in another way.
            Err(_) => std::future::pending().await,
        }
    }

    /// Ends it: answers that are on their way are finished, the index is closed.
    pub async fn end(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            // A panic of a task was told by the runtime; the others end all the same.
            let _ = task.await;
        }
    }
}

/// What all handlers share.
struct Desk {
    record: GenesisRecord,
    genesis: Bytes,
    chain: ChainId,
    ledger: SharedLedger,
    readers: Readers,
    recent: Mutex<Recent>,
    book: pages::loan_book::Counted,
    following: watch::Receiver<Following>,
    looks: Arc<Mutex<Looks>>,
    /// Turns to read the whole log of looks.
    log_readings: Arc<tokio::sync::Semaphore>,
    /// Why a look could not be written.
    unwritten: watch::Sender<Option<String>>,
    sessions: Sessions,
    tokens: caller::VerifiedTokens,
    key: PublicKey,
    network: Option<Client>,
    live: Arc<tokio::sync::Semaphore>,
    stop: watch::Receiver<bool>,
}

/// Opens the index, begins to follow `source`, and answers.
///
/// # Errors
/// [`DeskError`]. A node that cannot be reached, or lies, is none: the desk says so.
pub async fn serve<S: Source>(options: DeskOptions, source: S) -> Result<Serving, DeskError> {
    let looks = Looks::open(&options.looks)?;
    let chain_id = options.record.chain_id();
    let mut index = Index::open_or_create(options.index.clone(), &chain_id)?;
    let chain = index.resume(&options.record)?;
    let listener = TcpListener::bind(options.listen).await;
    let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = bound.map_err(|reason| DeskError::Listen {
        address: options.listen,
        reason,
    })?;
    let (stop, stopped) = watch::channel(false);
    let (following, told) = watch::channel(Following::new(options.node, chain.tip().height));
    let (unwritten, is_unwritten) = watch::channel(None);
    let desk = Arc::new(Desk {
        genesis: options.genesis,
        record: options.record.clone(),
        chain: chain_id,
        ledger: chain.shared_ledger(),
        readers: Readers::new(options.index.clone()),
        recent: Mutex::default(),
        book: pages::loan_book::Counted::default(),
        following: told.clone(),
        looks: Arc::new(Mutex::new(looks)),
        log_readings: Arc::new(tokio::sync::Semaphore::new(
            crate::limits::LOOKS_READINGS_MAX,
        )),
        unwritten,
        sessions: Sessions::default(),
        tokens: caller::VerifiedTokens::default(),
        key: audience(),
        network: options.network,
        live: Arc::new(tokio::sync::Semaphore::new(crate::limits::LIVE_STREAMS_MAX)),
        stop: stopped.clone(),
    });
    let own_session = options
        .own
        .map(|(subject, key)| desk.sessions.begin_own(caller::Caller { subject, key }));
    let own = following::Own {
        place: options.index,
        record: options.record,
        told: following,
        stop: stopped.clone(),
    };
    let follow = following::follow_on(source, chain, index, own);
    let listen = listen::serve(listener, pages::routes(desk), stopped);
    Ok(Serving {
        address,
        own_session,
        following: told,
        stop,
        tasks: vec![tokio::spawn(follow), tokio::spawn(listen)],
        unwritten: is_unwritten,
    })
}

/// Names this run of the desk in readers' tokens: what is signed for it is worth nothing at a node, at another
/// desk, or after it has ended. Nothing is signed with it.
fn audience() -> PublicKey {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).unwrap_or_else(|error| panic!("no randomness: {error}"));
    talea_types::SecretKey::from_seed(seed).public_key()
}

/// The clock of the desk: for people and for the log of looks alone.
fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| {
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
    })
}
