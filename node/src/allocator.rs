//! Keeps the allocator from holding more than is in use.
//!
//! As it comes, glibc's held 500 MiB where 240 were in use after 1.2 million payments, and grew on: `limits::allocator`
//! says what is set and why. Elsewhere nothing is set.

#![allow(unsafe_code, reason = "glibc is set up by a function of C")]

/// To be called before there is a second thread.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn set_up() {
    use talea_node::limits::allocator::{ARENAS_MAX, MAPPED_BYTES_MIN, TRIMMED_BYTES_MIN};

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

/// Nothing is known of this allocator.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn set_up() {}
