//! The verifier threads.

use std::{fmt, io, sync::Arc, thread, time::Duration};

use talea_types::{Batch, ChainId, crypto::KeyCache};
use tokio::sync::mpsc::Sender;

use super::{
    AdmissionHandle, AdmissionState, BatchReply, Submission,
    queue::{BatchJob, Queue},
    worker::Worker,
};
use crate::{budget::Budget, config::AdmissionConfig, limits, telemetry::Metrics};

/// What the pool needs to start.
pub struct VerifierConfig {
    /// The network.
    pub chain: ChainId,
    /// Threads and queues.
    pub admission: AdmissionConfig,
    /// The committed state.
    pub state: Arc<dyn AdmissionState>,
    /// Where verified transactions go. Bounded: a full one refuses clients.
    pub driver: Sender<Submission>,
    /// Figures.
    pub metrics: Arc<Metrics>,
}

/// The threads. Dropping the pool stops them; clients that wait are told so.
pub struct VerifierPool {
    queue: Arc<Queue>,
    clients: Arc<Budget>,
    batches: Arc<Budget>,
    metrics: Arc<Metrics>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl fmt::Debug for VerifierPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "VerifierPool({} threads, {:?})",
            self.threads.len(),
            self.queue
        )
    }
}

impl VerifierPool {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start(config: VerifierConfig) -> io::Result<Self> {
        let VerifierConfig {
            chain,
            admission,
            state,
            driver,
            metrics,
        } = config;
        let delay = Duration::from_micros(admission.batch_delay_us);
        let queue = Arc::new(Queue::new(admission.batch_signatures, delay));
        let mut pool = Self {
            queue: Arc::clone(&queue),
            clients: Budget::new(admission.queue_bytes_max),
            batches: Budget::new(limits::admission::BATCH_QUEUE_BYTES_MAX),
            metrics: Arc::clone(&metrics),
            threads: Vec::new(),
        };
        for index in 0..thread_count(admission.verifier_threads) {
            let worker = Worker {
                chain,
                queue: Arc::clone(&queue),
                state: Arc::clone(&state),
                driver: driver.clone(),
                metrics: Arc::clone(&metrics),
                keys: KeyCache::new(),
            };
            let thread = thread::Builder::new().name(format!("verifier-{index}"));
            pool.threads.push(thread.spawn(move || {
                let _stop = StopOnBug;
                worker.run();
            })?);
        }
        Ok(pool)
    }

    /// The clients' entrance.
    #[must_use]
    pub fn admission(&self) -> AdmissionHandle {
        AdmissionHandle {
            queue: Arc::clone(&self.queue),
            budget: Arc::clone(&self.clients),
            metrics: Arc::clone(&self.metrics),
        }
    }

    /// Verifies a peer's batch; `reply` is called with it on a verifier thread.
    ///
    /// # Errors
    /// The batch itself when too many bytes of batches wait: it is fetched again when it is needed.
    pub fn try_verify_batch(&self, batch: Batch, reply: BatchReply) -> Result<(), Batch> {
        match self.batches.try_take(batch.encoded().len()) {
            Ok(permit) => {
                // A node that is stopping needs no verdict.
                self.queue.push_batch(BatchJob {
                    batch,
                    reply,
                    permit,
                });
                Ok(())
            }
            Err(_) => Err(batch),
        }
    }
}

impl Drop for VerifierPool {
    fn drop(&mut self) {
        self.queue.stop();
        for thread in self.threads.drain(..) {
            // It cannot have panicked: see `StopOnBug`.
            let _ = thread.join();
        }
    }
}

/// Threads for `configured`; 0 is one for each core but one, at least one.
fn thread_count(configured: usize) -> usize {
    if configured > 0 {
        return configured;
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    cores.saturating_sub(1).max(1)
}

/// A panic here is a bug; a node that lost a thread silently would be worse than one that stops.
struct StopOnBug;

impl Drop for StopOnBug {
    fn drop(&mut self) {
        if thread::panicking() {
            tracing::error!("a verifier thread failed; the node stops");
            std::process::abort();
        }
    }
}
