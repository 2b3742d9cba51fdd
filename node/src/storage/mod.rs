//! What a node keeps on disk, and how it knows that it kept it.
//!
//! Each fact has one home:
//!
//! - [`block_log`]: bodies, decisions and certificates. The source of truth.
//! - [`base`]: after which block the block log begins, when that is not genesis.
//! - [`consensus_log`]: what consensus must remember before it speaks.
//! - [`rebuildable`]: what can be made again from the block log. Nothing acknowledged rests on it. [`kv`] is what is
//!   looked up: [`checkpoint`]s of the state and the [`index`]es; [`record_log`] what executing each block gave.
//!
//! All logs are [`framed_log`]s, which reach the file system only through [`disk`], so that tests and
//! the simulator can cut the power at any byte. Damage is repaired (a tail that was never synced),
//! rebuilt (everything in `rebuildable`) or refused with its position; it is never silent.

pub mod base;
pub mod block_log;
mod by_height;
pub mod checkpoint;
pub mod consensus_log;
pub mod disk;
pub mod durable_file;
pub mod framed_log;
pub mod index;
pub mod kv;
pub mod rebuildable;
pub mod record_log;
