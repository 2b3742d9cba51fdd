//! Memory of processes, from `/proc` (Linux), and how fast it grows.

use std::time::{Duration, Instant};

/// Resident memory of a process, bytes; `None` when there is no such process.
#[must_use]
pub fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1_024)
}

/// Samples of one node's memory over time. A node that is started again begins a new series.
#[derive(Debug, Default)]
pub struct Growth {
    process: u32,
    since: Option<Instant>,
    samples: Vec<(f64, f64)>,
    /// Slope and length of each series that ended.
    ended: Vec<(f64, f64)>,
}

impl Growth {
    /// Notes the memory of a node's process, once it has run for `warm_up`.
    pub fn sample(&mut self, process: u32, warm_up: Duration) {
        if self.process != process {
            self.end_series();
            self.process = process;
            self.since = Some(Instant::now());
        }
        let age = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        if age >= warm_up
            && let Some(bytes) = resident(process)
        {
            self.samples.push((age.as_secs_f64(), bytes as f64));
        }
    }

    fn end_series(&mut self) {
        let samples = std::mem::take(&mut self.samples);
        if let (Some(slope), Some(first), Some(last)) =
            (slope(&samples), samples.first(), samples.last())
        {
            self.ended.push((slope, last.0 - first.0));
        }
    }

    /// Growth in MiB an hour: the mean of all series, each weighed by its length. `None` when no process
    /// ran long enough.
    #[must_use]
    pub fn mebibytes_per_hour(mut self) -> Option<f64> {
        self.end_series();
        let length: f64 = self.ended.iter().map(|(_, length)| length).sum();
        let weighed: f64 = self
            .ended
            .iter()
            .map(|(slope, length)| slope * length)
            .sum();
        (length > 0.0).then(|| weighed / length * 3_600.0 / f64::from(1 << 20))
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

    #[test]
    fn the_slope_of_a_line_is_found() {
        let line: Vec<(f64, f64)> = (0..10)
            .map(|x| (f64::from(x), 7.0 + 2.0 * f64::from(x)))
            .collect();
        assert!((slope(&line).unwrap() - 2.0).abs() < 1e-9);
        assert_eq!(slope(&line[..2]), None, "two points say nothing");
        assert!(resident(std::process::id()).unwrap() > 0);
    }
}
