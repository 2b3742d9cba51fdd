//! One target under libFuzzer: the one that has this program's name.

#![no_main]

use std::sync::LazyLock;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use talea_tests::fuzz::{CountingAllocator, Target, memory, target};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let target = target(env!("CARGO_BIN_NAME")).expect("the program has the name of a target");
    // What is made once for the whole process is not the first input's.
    for seed in (target.seeds)() {
        (target.decode)(&Bytes::from(seed));
    }
    target
});

fuzz_target!(|input: &[u8]| {
    let target = &*TARGET;
    let input = Bytes::copy_from_slice(input);
    let (_, peak) = memory::peak_of(|| (target.decode)(&input));
    assert!(peak <= target.memory.bytes(input.len()), "{peak} bytes for {}", input.len());
});
