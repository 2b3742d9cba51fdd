//! Every decoder of bytes from outside under a fuzzer: clients' requests, peers' messages, files and what
//! lies on a disk.
//!
//! | to find | look in |
//! | --- | --- |
//! | what must hold of each decoder | `ledger`, `agreement`, `documents`, `disk`, `records`, `requests` |
//! | what a run starts from | `seeds` |
//! | how inputs are changed | `mutation` |
//! | how memory is counted | `memory` |
//! | many inputs, one report | `run` |
//!
//! Kept true: a target is a pure function of its input. It never panics; what decodes encodes to the same
//! bytes where the form is canonical; it takes no more memory than its bound. The same functions run under
//! libFuzzer, see `tests/fuzz`.

mod agreement;
mod disk;
mod documents;
mod ledger;
pub mod memory;
mod mutation;
mod records;
mod requests;
mod run;
mod seeds;

use bytes::Bytes;

pub use memory::CountingAllocator;
pub use run::{Failure, Report, run};

/// A decoder and what must hold of it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Longest input that is made, bytes: its own limit and a little more.
    pub bytes_max: usize,
    /// Memory it may take.
    pub memory: Bound,
    /// What a run starts from: well-formed inputs.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Decodes. Whether the input was taken.
    pub decode: fn(&Bytes) -> bool,
}

impl Target {
    const fn new(
        name: &'static str,
        bytes_max: usize,
        memory: Bound,
        seeds: fn() -> Vec<Vec<u8>>,
        decode: fn(&Bytes) -> bool,
    ) -> Self {
        Self {
            name,
            bytes_max,
            memory,
            seeds,
            decode,
        }
    }
}

/// Memory as a function of the input's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Bytes for each byte of the input.
    pub times: usize,
    /// Bytes beside that.
    pub constant: usize,
}

impl Bound {
    /// Of every message of a stranger, a client or a peer as it is decoded. What is read in steps or kept as a file has
    /// a bound of its own, which stands beside its target with the reason: `peer-frames`, `snapshot-file`,
    /// `error-details`, and whatever people hand to a program or a node wrote itself.
    pub const STRICT: Self = Self {
        times: 4,
        constant: 64 << 10,
    };

    /// Most bytes that an input of this length may take.
    #[must_use]
    pub const fn bytes(self, length: usize) -> usize {
        self.times * length + self.constant
    }
}

/// Every target.
#[must_use]
pub fn targets() -> Vec<Target> {
    [
        ledger::targets(),
        agreement::targets(),
        requests::targets(),
        documents::targets(),
        disk::targets(),
        records::targets(),
    ]
    .concat()
}

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    targets().into_iter().find(|target| target.name == name)
}
