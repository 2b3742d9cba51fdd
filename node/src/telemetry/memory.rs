//! The memory that the process occupies and what of it is in use, read when somebody asks.

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
};

use crate::allocator;

/// Reads `/proc/self/status` and asks the allocator at each scrape; reports nothing where there is nothing to read.
#[derive(Debug)]
pub(super) struct MemoryCollector;

impl Collector for MemoryCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let in_use = allocator::in_use().and_then(|bytes| i64::try_from(bytes).ok());
        for (name, help, bytes) in [
            (
                "process_resident_memory_bytes",
                "Memory that the process occupies.",
                resident_bytes(),
            ),
            (
                "process_heap_in_use_bytes",
                "Memory of the heap that is in use. If it grows, something is kept; if only resident memory does, \
                 free memory lies between what is in use.",
                in_use,
            ),
        ] {
            let Some(bytes) = bytes else { continue };
            let gauge = ConstGauge::new(bytes);
            let encoder = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(encoder)?;
        }
        Ok(())
    }
}

/// Resident memory, bytes.
pub(super) fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}
