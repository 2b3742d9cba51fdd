//! Where the ledger stands in time.

use crate::{
    decode::DecodeError, encode::FieldWriter, state::canonical_object, time::Timestamp, wire,
};

/// Height and time of the last block. It changes with every block, so every state root is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerClock {
    /// Of the last block; 0 for genesis.
    pub height: u64,
    /// Of the last block.
    pub time: Timestamp,
    /// What a proposer adds to its wall clock, milliseconds; 0 but on a sandbox network.
    pub offset_ms: u64,
    /// Business date, days since 1970-01-01.
    pub business_date: u32,
}

impl LedgerClock {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.number(1, self.height);
        w.time(2, self.time);
        w.number(3, self.offset_ms);
        w.number(4, self.business_date);
    }

    #[allow(clippy::unnecessary_wraps, reason = "the form of every state object")]
    const fn from_wire(clock: &wire::LedgerClock) -> Result<Self, DecodeError> {
        Ok(Self {
            height: clock.height,
            time: Timestamp::from_millis(clock.time_ms),
            offset_ms: clock.offset_ms,
            business_date: clock.business_date,
        })
    }
}

canonical_object!(LedgerClock, "ledger clock");
