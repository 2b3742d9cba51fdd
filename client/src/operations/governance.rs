//! Changes of the network, and its clocks.

use talea_types::{
    ProposalId, Timestamp,
    operation::{Approve, Change, ClockAdvance, Propose, Veto, Withdraw},
};

/// Proposes a change that takes effect at a height if enough organisations approve in time.
#[must_use]
pub const fn propose(change: Change, effective_height: u64, approve_by: Timestamp) -> Propose {
    Propose {
        change,
        effective_height,
        approve_by,
    }
}

/// Approves a proposal of another organisation.
#[must_use]
pub const fn approve(proposal: ProposalId) -> Approve {
    Approve { proposal }
}

/// A regulator stops a proposal about a rule pack.
#[must_use]
pub const fn veto(proposal: ProposalId, reason: u32) -> Veto {
    Veto { proposal, reason }
}

/// The initiator takes a proposal back.
#[must_use]
pub const fn withdraw(proposal: ProposalId) -> Withdraw {
    Withdraw { proposal }
}

/// Moves a sandbox ledger's clock forward.
#[must_use]
pub const fn advance_clock(by_ms: u64) -> ClockAdvance {
    ClockAdvance { by_ms }
}
