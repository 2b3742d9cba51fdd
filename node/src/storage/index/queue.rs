//! What the inserting side and the worker of an index share.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use parking_lot::{Condvar, Mutex, RwLock};

use super::entry::{EntryKey, Location};
use super::run::Run;

pub(super) type MemoryRun = BTreeMap<EntryKey, Location>;

/// A run that waits to be written.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) entries: MemoryRun,
    /// With it, every block up to this height is in a run.
    pub(super) complete_to: u64,
}

/// What look-ups see: always every entry, in one of the three.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) memory: MemoryRun,
    pub(super) sealed: VecDeque<Arc<Sealed>>,
    pub(super) runs: Vec<Arc<Run>>,
    /// Height of the last block inserted.
    pub(super) last: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Signals {
    /// Runs in `sealed`.
    pub(super) waiting: usize,
    pub(super) complete_to: Option<u64>,
    pub(super) closing: bool,
    pub(super) stopped: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) view: RwLock<View>,
    pub(super) signals: Mutex<Signals>,
    pub(super) changed: Condvar,
}
