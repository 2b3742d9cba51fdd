//! Every reader of bytes that peers send or that lie on this node's disk, by name, so that tests can hand
//! each of them what nobody sane would write. Whatever comes, each returns.

use crate::{history, network, snapshot, storage};

pub use snapshot::chained as snapshot_of_frames;
pub use storage::framed_log::watermark_of;

/// Reads bytes; whether they were well formed.
pub type Decoder = fn(&[u8]) -> bool;

/// The readers that have no public door of their own.
pub const DECODERS: [(&str, Decoder); 5] = [
    ("peer-frames", network::reads_frames),
    ("checkpoint", storage::checkpoint::reads_value),
    ("index", storage::index::reads_value),
    ("stored-value", storage::kv::reads_value),
    ("history-record", history::reads_record),
];
