//! Buckets.

use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};

/// 1 ms to 16 s.
pub(super) fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 15))
}

/// 50 us to 0.8 s.
pub(super) fn short_seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_05, 2.0, 15))
}

/// 1 to 16,384.
pub(super) fn counts() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 2.0, 15))
}
