//! Memory of processes, from `/proc` (Linux), and how fast it grows.

use std::time::{Duration, Instant};

/// Resident memory of a process, bytes; `None` when there is no such process.
#[must_use]
pub fn resident(process: u32) -> Option<u64> {
    read(process, "VmRSS:")
}

/// The most resident memory that a process has had so far, bytes; `None` when there is no such process.
#[must_use]
pub fn peak(process: u32) -> Option<u64> {
    read(process, "VmHWM:")
}

fn read(process: u32, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1_024)
}

/// When a process is warm: its caches are full.
#[derive(Clone, Copy, Debug)]
pub struct WarmUp {
    /// At the earliest after this.
    pub age: Duration,
    /// And after so many payments: what fills the caches is volume.
    pub payments: u64,
}

/// How the memory of one node grows.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Slope {
    /// MiB an hour.
    pub mebibytes_per_hour: f64,
    /// Bytes for each payment of that time.
    pub bytes_per_payment: f64,
    /// How long was looked at, seconds.
    pub seconds: f64,
}

/// What a node may grow by once it is warm, MiB an hour.
const GROWTH_MAX: f64 = 1.0;
/// Less than this says nothing, seconds: a step of half a MiB, as a cache makes it, would weigh too much.
const SHOWN_AFTER: f64 = 1_800.0;

impl Slope {
    /// Whether the node grew by more than it may; `None` when too little was seen.
    #[must_use]
    pub fn is_too_steep(&self) -> Option<bool> {
        (self.seconds >= SHOWN_AFTER).then_some(self.mebibytes_per_hour > GROWTH_MAX)
    }
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    seconds: f64,
    payments: f64,
    bytes: f64,
}

/// Samples of one node's memory over time. A node that is started again begins a new series.
#[derive(Debug, Default)]
pub struct Growth {
    process: u32,
    /// When the process was first seen, and how many payments there were.
    since: Option<(Instant, u64)>,
    samples: Vec<Sample>,
    /// Each series that ended.
    ended: Vec<Slope>,
}

impl Growth {
    /// Notes the memory of a node's process when there were so many payments, once it is warm.
    pub fn sample(&mut self, process: u32, payments: u64, warm_up: WarmUp) {
        if self.process != process {
            self.end_series();
            self.process = process;
            self.since = None;
        }
        let (begun, first) = *self.since.get_or_insert((Instant::now(), payments));
        let age = begun.elapsed();
        if age >= warm_up.age
            && payments.saturating_sub(first) >= warm_up.payments
            && let Some(bytes) = resident(process)
        {
            self.samples.push(Sample {
                seconds: age.as_secs_f64(),
                payments: payments as f64,
                bytes: bytes as f64,
            });
        }
    }

    fn end_series(&mut self) {
        let samples = std::mem::take(&mut self.samples);
        let line = |x: fn(&Sample) -> f64| {
            let points: Vec<_> = samples.iter().map(|one| (x(one), one.bytes)).collect();
            slope(&points)
        };
        if let (Some(bytes_per_second), Some(bytes_per_payment), Some(first), Some(last)) = (
            line(|one| one.seconds),
            line(|one| one.payments),
            samples.first(),
            samples.last(),
        ) {
            let slope = Slope {
                mebibytes_per_hour: bytes_per_second * 3_600.0 / f64::from(1 << 20),
                bytes_per_payment,
                seconds: last.seconds - first.seconds,
            };
            self.ended.push(slope);
        }
    }

    /// The mean of all series, each weighed by its length. `None` when no process ran long enough.
    #[must_use]
    pub fn slope(mut self) -> Option<Slope> {
        self.end_series();
        let seconds: f64 = self.ended.iter().map(|one| one.seconds).sum();
        let mean = |figure: fn(&Slope) -> f64| {
            let weighed = self.ended.iter().map(|one| figure(one) * one.seconds);
            weighed.sum::<f64>() / seconds
        };
        (seconds > 0.0).then(|| Slope {
            mebibytes_per_hour: mean(|one| one.mebibytes_per_hour),
            bytes_per_payment: mean(|one| one.bytes_per_payment),
            seconds,
        })
    }
}

/// Least squares.
fn slope(samples: &[(f64, f64)]) -> Option<f64> {
    let count = samples.len() as f64;
    let mean =
        |values: &dyn Fn(&(f64, f64)) -> f64| samples.iter().map(values).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(&|one| one.0), mean(&|one| one.1));
    let spread: f64 = samples.iter().map(|one| (one.0 - mean_x).powi(2)).sum();
    let product = |one: &(f64, f64)| (one.0 - mean_x) * (one.1 - mean_y);
    (samples.len() > 2 && spread > 0.0).then(|| samples.iter().map(product).sum::<f64>() / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WARM_UP: WarmUp = WarmUp {
        age: Duration::ZERO,
        payments: 100,
    };

    #[test]
    fn the_slope_of_a_line_is_found() {
        let line: Vec<(f64, f64)> = (0..10)
            .map(|x| (f64::from(x), 7.0 + 2.0 * f64::from(x)))
            .collect();
        assert!((slope(&line).unwrap() - 2.0).abs() < 1e-9);
        assert_eq!(slope(&line[..2]), None, "two points say nothing");
        let own = std::process::id();
        let now = resident(own).unwrap();
        assert!(now > 0);
        assert!(peak(own).unwrap() >= now, "read later, it is no less");
    }

    #[test]
    fn only_a_long_look_says_that_a_node_grows() {
        let of = |mebibytes_per_hour, seconds| Slope {
            mebibytes_per_hour,
            bytes_per_payment: 0.0,
            seconds,
        };
        assert_eq!(of(90.0, 1_799.0).is_too_steep(), None);
        assert_eq!(of(0.9, 1_800.0).is_too_steep(), Some(false));
        assert_eq!(of(1.1, 1_800.0).is_too_steep(), Some(true));
    }

    #[test]
    fn a_process_counts_once_it_is_warm() {
        let warm = 7 + WARM_UP.payments;
        let mut growth = Growth::default();
        let process = std::process::id();
        growth.sample(process, 7, WARM_UP);
        growth.sample(process, warm - 1, WARM_UP);
        assert!(growth.samples.is_empty(), "its caches are not full");
        growth.sample(process, warm, WARM_UP);
        assert_eq!(growth.samples.len(), 1);
        // Started again: cold again.
        growth.process += 1;
        growth.sample(process, warm, WARM_UP);
        assert!(growth.samples.is_empty());
        assert_eq!(growth.slope(), None, "too few to say anything");
    }
}
