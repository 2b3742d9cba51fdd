//! What the allocator gives back, and what it says is in use. In a program of its own: both are figures of the whole process.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::hint::black_box;

use talea_node::allocator::{give_back, in_use};

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:"));
    let mut words = line.unwrap().split_whitespace();
    words.nth(1).unwrap().parse().unwrap()
}

#[test]
fn what_is_free_between_blocks_in_use_is_given_back_and_never_counted_as_in_use() {
    const BLOCKS: usize = 64 << 10;
    const BLOCK_BYTES: usize = 1 << 10;
    const ALL: u64 = (BLOCKS * BLOCK_BYTES) as u64;
    let before = in_use().unwrap();
    let mut blocks: Vec<Option<Vec<u8>>> =
        (0..BLOCKS).map(|_| Some(vec![1; BLOCK_BYTES])).collect();
    assert!(in_use().unwrap() >= before + ALL);
    for (number, block) in blocks.iter_mut().enumerate() {
        if number % 64 != 0 {
            *block = None;
        }
    }
    let (held, used) = (resident_kib(), in_use().unwrap());
    assert!(used < before + ALL / 8, "{used} are still in use");
    give_back();
    let left = resident_kib();
    assert_eq!(blocks.iter().flatten().count(), BLOCKS / 64);
    assert!(left + (32 << 10) < held, "of {held} KiB {left} are left");

    let untouched = black_box(vec![0_u8; BLOCKS * BLOCK_BYTES]);
    assert!(in_use().unwrap() >= used + ALL / 2);
    assert!(resident_kib() < left + (32 << 10));
    drop(black_box(untouched));
}
