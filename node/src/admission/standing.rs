//! What a client's connection may cost. A signature that does not verify costs as much as one that does, and
//! brings nothing: a connection pays for it from an allowance, and while it owes, its transactions are refused
//! before anything is computed. A new connection begins with the whole allowance, so what an attacker costs is bounded
//! by the connections that it can open, not by what it sends on each.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::{allowance::Allowance, limits::admission::BAD_SIGNATURES};

/// How a connection stands.
#[derive(Debug)]
pub struct Standing(Mutex<Allowance>);

impl Default for Standing {
    fn default() -> Self {
        Self(Mutex::new(Allowance::full(BAD_SIGNATURES, Instant::now())))
    }
}

impl Standing {
    /// Pays for a transaction whose signatures did not verify.
    pub(super) fn charge(&self) {
        self.0.lock().take(1, Instant::now());
    }

    /// How long the connection owes; zero when its transactions are verified.
    pub(crate) fn owes_for(&self) -> Duration {
        self.0.lock().owes_for(Instant::now())
    }

    /// Whether nothing of the allowance is used.
    pub(super) fn is_clean(&self) -> bool {
        self.0.lock().is_full(Instant::now())
    }
}
