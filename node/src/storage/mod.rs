//! What a node keeps on disk, and how it knows that it kept it.
//!
//! Each fact has one home:
//!
//! - [`block_log`]: bodies, decisions and certificates. The source of truth.
//! - [`consensus_log`]: what consensus must remember before it speaks.
//!
//! Both logs are [`framed_log`]s, which reach the file system only through [`disk`], so that tests and
//! the simulator can cut the power at any byte. Damage is repaired (a tail that was never synced) or
//! refused with its position; it is never silent.

pub mod block_log;
pub mod consensus_log;
pub mod disk;
pub mod durable_file;
pub mod framed_log;
