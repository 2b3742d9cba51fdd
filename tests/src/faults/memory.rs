//! Memory of processes, as they occupy it (`/proc`, Linux) and as they use it (their metrics), and how fast it grows.
//!
//! What is judged is what is in use, by two lines: through all samples, and through the least of each few minutes, when
//! nothing is under way. Blocks that pile up behind a fault tilt the first, what a cache happens to hold the second; what
//! is never given back raises both. Each is right to some 2 MiB an hour, a line through resident memory to some 5: a
//! process of 50 MiB goes up and down by 20 with what it does and with when it last gave back what was free (ADR 56).

use std::fmt;
use std::time::{Duration, Instant};

const MEBIBYTE: f64 = (1 << 20) as f64;

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

/// How the memory of one process went once it was warm.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Series {
    /// How long was looked at, seconds.
    pub seconds: f64,
    /// What of its heap was in use.
    pub in_use: Course,
    /// What it occupied.
    pub resident: Course,
}

/// How one figure went.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Course {
    /// The line through all of it, MiB an hour.
    pub mebibytes_per_hour: f64,
    /// The line through the least of each stretch of three minutes, MiB an hour.
    pub least_mebibytes_per_hour: f64,
    /// Bytes for each payment of that time.
    pub bytes_per_payment: f64,
    /// Mean of the first quarter of that time, MiB. With the last it tells a step from a line.
    pub first_quarter_mebibytes: f64,
    /// Mean of the last quarter, MiB.
    pub last_quarter_mebibytes: f64,
    /// The least, MiB.
    pub lowest_mebibytes: f64,
    /// The most, MiB.
    pub highest_mebibytes: f64,
}

/// What a node may grow by once it is warm, MiB an hour in use by one of its lines.
const GROWTH_MAX: f64 = 1.0;
/// Long enough that a fault is over within it.
const STRETCH_SECONDS: f64 = 180.0;
/// What a node may occupy in the last quarter, as a multiple of what it then uses.
const OCCUPIED_TIMES_MAX: f64 = 2.0;
/// Less than this says nothing: a step of half a MiB, as a cache makes it, would weigh too much.
pub(super) const SHOWN_AFTER: Duration = Duration::from_secs(1_800);
/// A soak of this length has time to judge somebody.
pub(super) const SOAK_JUDGES_AFTER: Duration = Duration::from_secs(3_600);

impl Series {
    /// Of a series of samples in the order of time; `None` if they are too few for a line.
    fn of(samples: &[Sample]) -> Option<Self> {
        Some(Self {
            seconds: samples.last()?.seconds - samples.first()?.seconds,
            in_use: Course::of(samples, |one| one.in_use)?,
            resident: Course::of(samples, |one| one.resident)?,
        })
    }

    /// Whether the process grew by more than it may, or occupies far more than it uses; `None` when too little was seen.
    #[must_use]
    pub fn is_too_steep(&self) -> Option<bool> {
        let occupied = self.resident.last_quarter_mebibytes;
        let Course {
            mebibytes_per_hour,
            least_mebibytes_per_hour,
            ..
        } = self.in_use;
        let is_steep = mebibytes_per_hour.min(least_mebibytes_per_hour) > GROWTH_MAX
            || occupied > OCCUPIED_TIMES_MAX * self.in_use.last_quarter_mebibytes;
        (self.seconds >= SHOWN_AFTER.as_secs_f64()).then_some(is_steep)
    }
}

impl Course {
    fn of(samples: &[Sample], figure: fn(&Sample) -> f64) -> Option<Self> {
        let line = |samples: &[Sample], x: fn(&Sample) -> f64| {
            let points: Vec<_> = samples.iter().map(|one| (x(one), figure(one))).collect();
            slope(&points)
        };
        let (begin, end) = (samples.first()?.seconds, samples.last()?.seconds);
        let quarter = (end - begin) / 4.0;
        let mean = |is_in: &dyn Fn(f64) -> bool| {
            let of_it = samples.iter().filter(|one| is_in(one.seconds));
            let of_it: Vec<f64> = of_it.map(figure).collect();
            of_it.iter().sum::<f64>() / of_it.len() as f64 / MEBIBYTE
        };
        let bytes = || samples.iter().map(figure);
        let least = least_of_each_stretch(samples, figure);
        let per_hour = |bytes_per_second: f64| bytes_per_second * 3_600.0 / MEBIBYTE;
        Some(Self {
            mebibytes_per_hour: per_hour(line(samples, |one| one.seconds)?),
            least_mebibytes_per_hour: per_hour(line(&least, |one| one.seconds)?),
            bytes_per_payment: line(samples, |one| one.payments)?,
            first_quarter_mebibytes: mean(&|at| at <= begin + quarter),
            last_quarter_mebibytes: mean(&|at| at >= end - quarter),
            lowest_mebibytes: bytes().fold(f64::INFINITY, f64::min) / MEBIBYTE,
            highest_mebibytes: bytes().fold(0.0, f64::max) / MEBIBYTE,
        })
    }
}

impl fmt::Display for Series {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.seconds / 60.0;
        write!(
            formatter,
            "over {minutes:.0} min, in use {}; occupied {}",
            self.in_use, self.resident
        )?;
        match self.is_too_steep() {
            Some(_) => Ok(()),
            None => formatter.write_str("; too short to say anything"),
        }
    }
}

impl fmt::Display for Course {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:+.2} MiB an hour by the least of each three minutes, {:+.2} by all, {:+.1} bytes a payment (first quarter {:.1} MiB, last {:.1}; lowest {:.1}, highest {:.1})",
            self.least_mebibytes_per_hour,
            self.mebibytes_per_hour,
            self.bytes_per_payment,
            self.first_quarter_mebibytes,
            self.last_quarter_mebibytes,
            self.lowest_mebibytes,
            self.highest_mebibytes,
        )
    }
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    seconds: f64,
    payments: f64,
    resident: f64,
    in_use: f64,
}

/// Samples of one node's memory over time. A node that is started again begins a new series.
#[derive(Debug, Default)]
pub struct Growth {
    process: u32,
    /// When the process was first seen, and how many payments there were.
    since: Option<(Instant, u64)>,
    samples: Vec<Sample>,
    /// Each series that ended.
    ended: Vec<Series>,
}

impl Growth {
    /// Whether a node's process is warm after so many payments, so that its memory is to be noted.
    pub fn is_warm(&mut self, process: u32, payments: u64, warm_up: WarmUp) -> bool {
        if self.process != process {
            self.end_series();
            self.process = process;
            self.since = None;
        }
        let (begun, first) = *self.since.get_or_insert((Instant::now(), payments));
        begun.elapsed() >= warm_up.age && payments.saturating_sub(first) >= warm_up.payments
    }

    /// Notes the memory of a warm process that uses so many bytes of its heap.
    pub fn sample(&mut self, payments: u64, in_use: f64) {
        if let Some((begun, _)) = self.since
            && let Some(resident) = resident(self.process)
        {
            self.samples.push(Sample {
                seconds: begun.elapsed().as_secs_f64(),
                payments: payments as f64,
                resident: resident as f64,
                in_use,
            });
        }
    }

    fn end_series(&mut self) {
        let samples = std::mem::take(&mut self.samples);
        self.ended.extend(Series::of(&samples));
    }

    /// Every process that was warm for a while, in the order in which they ran.
    #[must_use]
    pub fn series(mut self) -> Vec<Series> {
        self.end_series();
        self.ended
    }
}

/// The sample with the least of a figure in each of as many equal stretches as there is time for.
fn least_of_each_stretch(samples: &[Sample], figure: fn(&Sample) -> f64) -> Vec<Sample> {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return Vec::new();
    };
    let length = last.seconds - first.seconds;
    let stretches = (length / STRETCH_SECONDS).floor().max(1.0);
    let stretch = |one: &Sample| {
        let part = (one.seconds - first.seconds) / length * stretches;
        // The last sample belongs to the last stretch.
        part.floor().min(stretches - 1.0)
    };
    let chunks = samples.chunk_by(|one, next| stretch(one) == stretch(next));
    let least = |chunk: &[Sample]| {
        let by_figure = |one: &&Sample, other: &&Sample| figure(one).total_cmp(&figure(other));
        chunk.iter().min_by(by_figure).copied()
    };
    chunks.filter_map(least).collect()
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

    /// One sample each ten seconds of so many, by what is in use after so many minutes.
    fn samples(seconds: u32, mebibytes: impl Fn(f64) -> f64) -> Vec<Sample> {
        let at = (0..=seconds).step_by(10).map(f64::from);
        at.map(|seconds| Sample {
            seconds,
            payments: seconds * 100.0,
            resident: 300.0 * MEBIBYTE,
            in_use: mebibytes(seconds / 60.0) * MEBIBYTE,
        })
        .collect()
    }

    #[test]
    fn only_a_long_look_says_that_a_node_grows() {
        let growing = |mebibytes_per_hour: f64, seconds| {
            let line = |minutes| 200.0 + mebibytes_per_hour * minutes / 60.0;
            Series::of(&samples(seconds, line)).unwrap()
        };
        assert_eq!(growing(90.0, 1_790).is_too_steep(), None);
        assert_eq!(growing(0.9, 1_800).is_too_steep(), Some(false));
        assert_eq!(growing(1.1, 1_800).is_too_steep(), Some(true));
        assert!(growing(90.0, 1_790).to_string().contains("too short"));
        assert!(!growing(1.1, 1_800).to_string().contains("too short"));
    }

    /// What lies free between what is used is growth as well, though it does not fill more than the gaps.
    #[test]
    fn a_node_that_occupies_more_than_twice_what_it_uses_is_told() {
        let of = |in_use: f64| Series::of(&samples(1_800, |_| in_use)).unwrap();
        assert_eq!(of(151.0).is_too_steep(), Some(false));
        assert_eq!(of(149.0).is_too_steep(), Some(true));
    }

    /// What comes and goes does not hide growth, and is not taken for it.
    #[test]
    fn what_comes_and_goes_is_no_growth() {
        // Every ten minutes a fault makes 30 MiB pile up, for as many minutes as there were such faults: a line through
        // all of it rises.
        let piled =
            |minutes: f64| f64::from(minutes % 10.0 < (minutes / 10.0).floor().min(2.0)) * 30.0;
        let of = |growth: f64| {
            let course = |minutes| 200.0 + piled(minutes) + growth * minutes / 60.0;
            Series::of(&samples(3_600, course)).unwrap()
        };
        assert!(of(0.0).in_use.mebibytes_per_hour > 2.0, "{}", of(0.0));
        assert!(
            of(0.0).in_use.least_mebibytes_per_hour.abs() < 0.1,
            "{}",
            of(0.0)
        );
        assert_eq!(of(0.0).is_too_steep(), Some(false));
        assert_eq!(of(1.3).is_too_steep(), Some(true));
        // A cache that drops some of what it has, beside faults, and both more often at first: the least rises.
        let first = |minutes: f64, part: std::ops::Range<f64>| {
            f64::from(minutes < 20.0 && part.contains(&(minutes % 3.0)))
        };
        let cached =
            |minutes| 200.0 - first(minutes, 0.0..1.0) * 5.0 + first(minutes, 2.0..3.0) * 20.0;
        let cached = Series::of(&samples(3_600, cached)).unwrap();
        assert!(cached.in_use.least_mebibytes_per_hour > 2.0, "{cached}");
        assert_eq!(cached.is_too_steep(), Some(false));
    }

    /// A step leaves both quarters at its lowest and its highest; a line does not.
    #[test]
    fn quarters_tell_a_step_from_a_line() {
        let of = |seconds, mebibytes: fn(f64) -> f64| {
            Series::of(&samples(seconds, mebibytes)).map(|series| series.in_use)
        };
        let step = of(2_400, |minutes| if minutes < 20.0 { 200.0 } else { 208.0 }).unwrap();
        let near = |found: f64, expected: f64| (found - expected).abs() < 0.1;
        assert!(near(step.first_quarter_mebibytes, 200.0), "{step}");
        assert!(near(step.last_quarter_mebibytes, 208.0), "{step}");
        assert!(near(step.lowest_mebibytes, 200.0) && near(step.highest_mebibytes, 208.0));
        let line = of(2_400, |minutes| 200.0 + minutes * 0.4).unwrap();
        assert!(near(line.first_quarter_mebibytes, 202.0), "{line}");
        assert!(near(line.last_quarter_mebibytes, 214.0), "{line}");
        assert!(near(line.lowest_mebibytes, 200.0) && near(line.highest_mebibytes, 216.0));
        assert!(near(line.mebibytes_per_hour, 24.0), "{line}");
        assert!(near(line.least_mebibytes_per_hour, 24.0), "{line}");
        assert_eq!(of(10, |_| 200.0), None, "two samples");
    }

    #[test]
    fn a_process_counts_once_it_is_warm() {
        let warm = 7 + WARM_UP.payments;
        let mut growth = Growth::default();
        let process = std::process::id();
        assert!(!growth.is_warm(process, 7, WARM_UP));
        assert!(
            !growth.is_warm(process, warm - 1, WARM_UP),
            "its caches are not full"
        );
        assert!(growth.is_warm(process, warm, WARM_UP));
        for _ in 0..3 {
            growth.sample(warm, 1.0);
        }
        // Started again: cold again.
        growth.process += 1;
        assert!(!growth.is_warm(process, warm, WARM_UP));
        assert!(growth.samples.is_empty());
    }
}
