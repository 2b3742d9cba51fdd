//! Keeps the allocator from holding more than is in use, and asks it how much that is.
//!
//! As it comes, glibc's held 500 MiB where 240 were in use after 1.2 million payments, and grew on: `limits::allocator`
//! says what is set and why. Elsewhere nothing is set.

#![allow(unsafe_code, reason = "glibc is set up by a function of C")]

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub use glibc::{give_back, give_back_regularly, in_use, set_up};

/// Nothing is known of this allocator.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn set_up() {}

/// Nothing is known of this allocator.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back_regularly() {}

/// Nothing is known of this allocator.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}

/// Nothing is known of this allocator.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn in_use() -> Option<u64> {
    None
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    use std::sync::LazyLock;
    use std::thread;

    use crate::limits::allocator::{
        ARENAS_MAX, GIVEN_BACK_EVERY, MAPPED_BYTES_MIN, TRIMMED_BYTES_MIN,
    };

    /// To be called before there is a second thread.
    pub fn set_up() {
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
    pub fn give_back_regularly() {
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

    /// Bytes of the heap that are in use, also those of them that were never touched and so occupy nothing. Unlike the
    /// memory of the process it does not depend on how the free bytes lie between them. Before glibc 2.33 nobody knows.
    #[must_use]
    pub fn in_use() -> Option<u64> {
        type MallInfo2 = unsafe extern "C" fn() -> libc::mallinfo2;
        static FOUND: LazyLock<Option<MallInfo2>> = LazyLock::new(|| {
            // SAFETY: the name ends with a zero. A program that asked for it by linking would not start with an older glibc.
            let symbol = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"mallinfo2".as_ptr()) };
            // SAFETY: in every glibc that has this name it is this function; a null pointer becomes `None`.
            unsafe { std::mem::transmute::<*mut libc::c_void, Option<MallInfo2>>(symbol) }
        });
        let found = (*FOUND)?;
        // SAFETY: it takes nothing, keeps nothing, and locks each arena while it adds it up.
        let info = unsafe { found() };
        u64::try_from(info.uordblks.saturating_add(info.hblkhd)).ok()
    }

    /// Gives back every page that is free. By itself glibc gives back only what is free at the end of an arena.
    pub fn give_back() {
        // SAFETY: it takes a number and locks each arena while it looks through it.
        let _ = unsafe { libc::malloc_trim(0) };
    }
}
