//! Who is at the other end of a connection.

use std::fmt;

use talea_types::PublicKey;

/// A peer, named by its network key: the transport has authenticated it. It need not be a validator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub PublicKey);

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
