//! Snapshots: the whole state at one height in one file, that anybody can verify who has the genesis
//! document.
//!
//! A file carries what decided its height (the header, its certificate, and every change of the validator set up
//! to it), the headers below it that the schedule of proposers depends on, and every object of the state, the
//! heads of all histories of events among them. Frames are chained by checksums, so that rot and a missing end
//! are found; what a liar could have made is found by [`verify`](SnapshotHead::verify) and
//! [`restore`](VerifiedSnapshot::restore): certificates lead from the genesis validators to the header, and the
//! objects must give the header's state root. Nothing of a file is used before both have passed.
//!
//! What reading takes, whoever made the file: its proofs and headers, each list of which is counted before it is decoded
//! and which are bounded in number; one frame at a time; and, once the root was found to be the one that was decided, the
//! state itself.
//!
//! Files are named by height and root, written under another name and renamed when they are durable.

mod directory;
mod error;
mod format;
mod head;
mod name;
mod reader;
mod root;
mod seal;
mod writer;

pub use directory::{copy, list, remove, remove_left_over, rename_durably};
pub use error::SnapshotError;
pub use format::chained;
pub use head::SnapshotHead;
pub use name::{FETCHED_SUFFIX, SNAPSHOTS_DIRECTORY, SnapshotName};
pub use reader::{SnapshotReader, VerifiedSnapshot};
pub use seal::{Seal, open_sealed};
pub use writer::write;
