//! How the process ends. The numbers are public API: scripts and supervisors read them.

/// Everything went well.
pub const EXIT_OK: i32 = 0;
/// What was asked for failed; the message says why.
pub const EXIT_FAILURE: i32 = 1;
/// The command line is wrong.
pub const EXIT_USAGE: i32 = 2;
/// The configuration, the genesis document or a key file is refused.
pub const EXIT_CONFIG: i32 = 3;
/// The data directory is damaged or its disk fails; `talea-node doctor` says what to do.
pub const EXIT_STORAGE: i32 = 4;
/// Consensus stopped this node: it disagrees with a quorum, or its key is in use elsewhere.
pub const EXIT_HALTED: i32 = 5;
/// The node cannot be reached, or is not healthy.
pub const EXIT_UNREACHABLE: i32 = 6;
/// A broken invariant: a bug of this program.
pub const EXIT_BUG: i32 = 70;
