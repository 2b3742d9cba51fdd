//! A node that begins after a snapshot which its peers have: asked for, fetched in chunks, verified, made the base.
//!
//! ```text
//!  fetching node                                  serving node
//!  Fetcher ── list ──────────────────────────────> Serving (its own thread)
//!          <───────────────── offers: height, root, length, seal ──
//!          ── a few chunks at a time ────────────>  in turn, at a bounded rate
//!          <──────────────────────────── chunks, or why not ───────
//! ```
//!
//! Kept true:
//!
//! - **Nothing unverified is used.** What was fetched goes through the same door as a file that an operator restores
//!   ([`begin_after`](crate::upkeep::begin_after)): certificates lead from genesis to the header, the objects give its
//!   state root. Until then it has another name.
//! - **A liar costs itself.** Wrong bytes, another height, chunks that were not asked for, an end that does not come:
//!   the peer is passed over and the next one is asked. Without the certificate of a quorum it makes nobody store more
//!   than the head of a snapshot.
//! - **Serving stops nobody.** One thread, a bounded queue, a bounded rate for all peers together, a chunk for each in
//!   turn, on the lane of the lowest priority; refusals are typed. Consensus waits for none of it.

mod error;
mod fetch;
mod fetcher;
mod message;
mod pace;
mod partial;
mod peers;
mod server;
mod serving;

pub use error::{FetchError, PassedOver};
pub use fetch::{FetchConfig, fetch};
pub use fetcher::{FetchEvent, FetchNews, FetchSetup, Fetched, Fetcher};
pub use message::{ChunkPosition, RefusalReason, SnapshotOffer, SnapshotReply, SnapshotRequest};
pub use server::SnapshotServer;
pub use serving::{Serving, Turn};
