//! Gathers the deltas of blocks in the background and writes a checkpoint now and then.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::publish::{Changes, publish};
use super::record::{RECORD_KEY, Record};
use super::{Checkpoint, CheckpointError, CheckpointStore, StateDelta};
use crate::limits::storage::{CHECKPOINT_BLOCKS, CHECKPOINT_DELTA_BYTES, CHECKPOINT_QUEUE_BYTES};
use crate::storage::kv::KeyValue;

/// When a checkpoint is written.
#[derive(Debug, Clone, Copy)]
pub struct CheckpointOptions {
    /// After deltas of this many bytes.
    pub delta_bytes: usize,
    /// At the latest after this many blocks.
    pub blocks: u64,
    /// Bytes of deltas that may wait before a submitter waits.
    pub queue_bytes: usize,
}

impl Default for CheckpointOptions {
    fn default() -> CheckpointOptions {
        CheckpointOptions {
            delta_bytes: CHECKPOINT_DELTA_BYTES,
            blocks: CHECKPOINT_BLOCKS,
            queue_bytes: CHECKPOINT_QUEUE_BYTES,
        }
    }
}

/// The background writer. Dropping it ends the thread; deltas not yet in a checkpoint are forgotten, the
/// block log has them.
pub struct CheckpointWriter {
    shared: Arc<Shared>,
    queue_bytes: usize,
    thread: Option<JoinHandle<()>>,
}

/// Sees a complete checkpoint before the next one is begun.
pub type Observer = Box<dyn FnMut(&Checkpoint) + Send>;

/// Makes durable what a checkpoint rests on, or says why it cannot.
pub type Groundwork = Box<dyn FnMut() -> Result<(), String> + Send>;

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<(StateDelta, usize)>,
    queued_bytes: usize,
    /// Height of the last delta submitted.
    last: Option<u64>,
    published: Option<u64>,
    /// A checkpoint is wanted at this height or above.
    wanted: Option<u64>,
    /// Done before every checkpoint is written, on the writer's thread.
    groundwork: Option<Groundwork>,
    /// Shown every new checkpoint, on the writer's thread.
    observer: Option<Observer>,
    closing: bool,
    stopped: Option<String>,
}

impl CheckpointWriter {
    /// Starts on top of the checkpoint in `store`, or on nothing: then the first delta is all of the
    /// state after genesis.
    ///
    /// # Errors
    /// `Damaged` if the checkpoint's record cannot be read.
    pub fn start(
        store: &Arc<dyn KeyValue>,
        options: CheckpointOptions,
    ) -> Result<CheckpointWriter, CheckpointError> {
        CheckpointStore::new(store).load()?;
        let record = store
            .get(RECORD_KEY)?
            .map(|bytes| Record::decode(&bytes))
            .transpose()?;
        let shared = Arc::new(Shared::default());
        {
            let mut state = shared.state.lock();
            state.published = record.as_ref().map(|record| record.height);
            state.last = state.published;
        }
        let worker = Worker {
            store: Arc::clone(store),
            options,
            shared: Arc::clone(&shared),
            record,
            changes: Changes::new(),
            bytes: 0,
            newest: None,
        };
        let thread = thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || worker.run())
            .map_err(|error| CheckpointError::Stopped {
                reason: error.to_string(),
            })?;
        let queue_bytes = options.queue_bytes;
        Ok(CheckpointWriter {
            shared,
            queue_bytes,
            thread: Some(thread),
        })
    }

    /// Hands over the delta of the next height. Waits while too many bytes are queued.
    ///
    /// # Errors
    /// `Stopped` once the store failed; the node can go on without checkpoints, or restart.
    pub fn submit(&self, delta: StateDelta) -> Result<(), CheckpointError> {
        let bytes = size_of_delta(&delta);
        let mut state = self.shared.state.lock();
        while state.stopped.is_none()
            && state.queued_bytes > 0
            && state.queued_bytes + bytes > self.queue_bytes
        {
            self.shared.changed.wait(&mut state);
        }
        check_running(&state)?;
        if let Some(last) = state.last
            && last.checked_add(1) != Some(delta.height)
        {
            return Err(CheckpointError::NotConsecutive {
                height: delta.height,
                last,
            });
        }
        state.last = Some(delta.height);
        state.queued_bytes += bytes;
        state.queue.push_back((delta, bytes));
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Does `groundwork` before every checkpoint from now on: who submits the delta of a height has given the same
    /// block to whatever else must be there when a start believes the checkpoint. When it fails, the writer stops.
    pub fn rest_on(&self, groundwork: Groundwork) {
        self.shared.state.lock().groundwork = Some(groundwork);
    }

    /// Shows every checkpoint from now on to `observer`. Deltas wait while it looks.
    pub fn observe(&self, observer: Observer) {
        self.shared.state.lock().observer = Some(observer);
    }

    /// Height of the newest complete checkpoint.
    pub fn published(&self) -> Option<u64> {
        self.shared.state.lock().published
    }

    /// Writes a checkpoint of everything submitted so far and waits for it.
    ///
    /// # Errors
    /// `Stopped` once the store failed.
    pub fn publish_now(&self) -> Result<Option<u64>, CheckpointError> {
        let mut state = self.shared.state.lock();
        let wanted = state.last;
        state.wanted = state.wanted.max(wanted);
        self.shared.changed.notify_all();
        while state.stopped.is_none() && state.published < wanted {
            self.shared.changed.wait(&mut state);
        }
        check_running(&state)?;
        Ok(state.published)
    }
}

impl Drop for CheckpointWriter {
    fn drop(&mut self) {
        self.shared.state.lock().closing = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported when it happened; there is nobody to tell here.
            let _ = thread.join();
        }
    }
}

fn check_running(state: &MutexGuard<'_, State>) -> Result<(), CheckpointError> {
    match &state.stopped {
        None => Ok(()),
        Some(reason) => Err(CheckpointError::Stopped {
            reason: reason.clone(),
        }),
    }
}

fn size_of_delta(delta: &StateDelta) -> usize {
    let size = |value: &Option<Vec<u8>>| value.as_ref().map_or(0, Vec::len);
    delta
        .changes
        .iter()
        .map(|change| 32 + change.key.len() + size(&change.value))
        .sum::<usize>()
        + 48
}

struct Worker {
    store: Arc<dyn KeyValue>,
    options: CheckpointOptions,
    shared: Arc<Shared>,
    record: Option<Record>,
    changes: Changes,
    /// Bytes of deltas merged into `changes`.
    bytes: usize,
    /// Height and root of the last delta merged.
    newest: Option<(u64, [u8; 32])>,
}

impl Worker {
    fn run(mut self) {
        // Said even if this thread panics: nobody may wait for it for ever.
        let stopped = Stopping(Arc::clone(&self.shared));
        while let Some((delta, wanted)) = self.next() {
            if let Some((delta, bytes)) = delta {
                self.merge(delta, bytes);
            }
            if self.is_due(wanted)
                && let Err(error) = self.publish()
            {
                stopped.0.state.lock().stopped = Some(error.to_string());
                return;
            }
        }
    }

    /// Waits for a delta or for the wish to publish what there is; `None` when closing.
    #[allow(clippy::type_complexity)]
    fn next(&mut self) -> Option<(Option<(StateDelta, usize)>, Option<u64>)> {
        let mut state = self.shared.state.lock();
        loop {
            if state.closing {
                return None;
            }
            let wanted = state.wanted.filter(|_| state.wanted > state.published);
            if let Some((delta, bytes)) = state.queue.pop_front() {
                state.queued_bytes -= bytes;
                self.shared.changed.notify_all();
                return Some((Some((delta, bytes)), wanted));
            }
            if wanted.is_some() && self.newest.is_some() {
                return Some((None, wanted));
            }
            self.shared.changed.wait(&mut state);
        }
    }

    fn merge(&mut self, delta: StateDelta, bytes: usize) {
        for change in delta.changes {
            self.changes.insert((change.path, change.key), change.value);
        }
        self.bytes += bytes;
        self.newest = Some((delta.height, delta.root));
    }

    fn is_due(&self, wanted: Option<u64>) -> bool {
        let Some((height, _)) = self.newest else {
            return false;
        };
        let blocks = self
            .record
            .as_ref()
            .map_or(u64::MAX, |record| height - record.height);
        self.bytes >= self.options.delta_bytes
            || blocks >= self.options.blocks
            || wanted.is_some_and(|wanted| height >= wanted)
    }

    fn publish(&mut self) -> Result<(), CheckpointError> {
        let Some((height, root)) = self.newest.take() else {
            return Ok(());
        };
        let groundwork = self.shared.state.lock().groundwork.take();
        if let Some(mut groundwork) = groundwork {
            groundwork().map_err(|reason| CheckpointError::Stopped { reason })?;
            self.shared
                .state
                .lock()
                .groundwork
                .get_or_insert(groundwork);
        }
        let changes = std::mem::take(&mut self.changes);
        self.bytes = 0;
        let record = publish(&*self.store, self.record.as_ref(), changes, height, root)?;
        let observer = self.shared.state.lock().observer.take();
        if let Some(mut observer) = observer {
            observer(&Checkpoint::new(&self.store, record.clone()));
            self.shared.state.lock().observer.get_or_insert(observer);
        }
        self.record = Some(record);
        self.shared.state.lock().published = Some(height);
        self.shared.changed.notify_all();
        Ok(())
    }
}

/// Tells the waiting when the worker ends.
struct Stopping(Arc<Shared>);

impl Drop for Stopping {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state
            .stopped
            .get_or_insert_with(|| "the writer ended".to_owned());
        self.0.changed.notify_all();
    }
}
