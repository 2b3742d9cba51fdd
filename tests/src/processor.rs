//! Processor time of processes, from `/proc` (Linux).

use std::time::Duration;

/// Clock ticks a second in `/proc/PID/stat`: fixed by the kernel's interface to user space.
const TICKS_PER_SECOND: u64 = 100;

/// User and system time that a process has used, all its threads together.
///
/// # Errors
/// When there is no such process.
pub fn time_of(process: u32) -> std::io::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name may hold spaces; fields are counted from the parenthesis that ends it.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = |field: usize| {
        fields
            .split_whitespace()
            .nth(field)
            .and_then(|text| text.parse::<u64>().ok())
    };
    let (user, system) = (ticks(11).unwrap_or(0), ticks(12).unwrap_or(0));
    Ok(Duration::from_millis(
        (user + system) * 1_000 / TICKS_PER_SECOND,
    ))
}

/// The time of this process.
///
/// # Errors
/// When `/proc` is not there.
pub fn own_time() -> std::io::Result<Duration> {
    time_of(std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_grows_with_work() {
        let before = own_time().unwrap();
        let mut sum = 0u64;
        while own_time().unwrap() < before + Duration::from_millis(30) {
            sum = sum.wrapping_add((0..100_000u64).map(std::hint::black_box).sum());
        }
        assert!(
            own_time().unwrap() >= before + Duration::from_millis(30),
            "{sum}"
        );
        assert!(time_of(u32::MAX).is_err());
    }
}
