//! Keeps the allocator from holding more than is in use.
//!
//! As it comes, glibc's held 500 MiB where 240 were in use after 1.2 million payments, and grew on: `limits::allocator`
//! says what is set and why. Elsewhere nothing is set.

#![allow(unsafe_code, reason = "glibc is set up by a function of C")]

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) use glibc::{give_back_regularly, set_up};

/// Nothing is known of this allocator.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn set_up() {}

/// Nothing is known of this allocator.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back_regularly() {}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    use std::thread;

    use talea_node::limits::allocator::{
        ARENAS_MAX, GIVEN_BACK_EVERY, MAPPED_BYTES_MIN, TRIMMED_BYTES_MIN,
    };

    /// To be called before there is a second thread.
    pub(crate) fn set_up() {
        for (parameter, value) in [
            (libc::M_ARENA_MAX, ARENAS_MAX),
            (libc::M_MMAP_THRESHOLD, MAPPED_BYTES_MIN),
            (libc::M_TRIM_THRESHOLD, TRIMMED_BYTES_MIN),
        ] {
            // SAFETY: it takes two numbers, keeps no pointer, and no other thread runs yet.
            let taken = unsafe { libc::mallopt(parameter, value) };
            debug_assert_eq!(taken, 1, "glibc knows parameter {parameter}");
        }
    }

    /// Starts a thread that gives back what is free, for a process that runs for long.
    pub(crate) fn give_back_regularly() {
        let regularly = thread::Builder::new().name("allocator".to_owned());
        let started = regularly.spawn(|| {
            loop {
                thread::sleep(GIVEN_BACK_EVERY);
                give_back();
            }
        });
        // Without the thread the process holds more than it uses, and is as right.
        drop(started);
    }

    /// By itself glibc gives back only what is free at the end of an arena.
    fn give_back() {
        // SAFETY: it takes a number and locks each arena while it looks through it.
        let _ = unsafe { libc::malloc_trim(0) };
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn resident_kib() -> u64 {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find(|line| line.starts_with("RssAnon:"));
            line.unwrap()
                .split_whitespace()
                .nth(1)
                .unwrap()
                .parse()
                .unwrap()
        }

        #[test]
        fn what_is_free_between_blocks_in_use_is_given_back() {
            const BLOCKS: usize = 64 << 10;
            let mut blocks: Vec<Option<Vec<u8>>> =
                (0..BLOCKS).map(|_| Some(vec![1; 1 << 10])).collect();
            for (number, block) in blocks.iter_mut().enumerate() {
                if number % 64 != 0 {
                    *block = None;
                }
            }
            let held = resident_kib();
            give_back();
            let left = resident_kib();
            let in_use = blocks.iter().flatten().count();
            assert_eq!(in_use, BLOCKS / 64);
            assert!(left + (32 << 10) < held, "of {held} KiB {left} are left");
        }
    }
}
