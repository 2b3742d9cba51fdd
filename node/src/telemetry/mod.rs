//! What operators see of a running node: log lines, metrics, health.
//!
//! Kept true: no key, passphrase or personal data is ever logged or counted; labels take values from
//! closed lists, so that no client can grow the memory of the metrics.

mod histograms;
mod http;
mod labels;
mod logging;
mod memory;
mod metrics;
#[cfg(test)]
mod tests;
mod watched;

pub use http::{Health, HealthSource, MetricsServer, serve};
pub use labels::{Direction, FaultKind, RequestLabels};
pub use logging::{LoggingError, start_logging};
pub use metrics::Metrics;
pub use watched::{Watched, WatchedPeer};
