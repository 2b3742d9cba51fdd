//! A proposal that waits for its approvals or for its height.

use crate::{
    decode::{DecodeError, ascending},
    encode::{FieldWriter, required},
    ids::ParticipantId,
    limits::{VALIDATOR_CHANGE_DELAY, VALIDATORS_MAX},
    operation::{Change, ChangeKind},
    state::canonical_object,
    time::Timestamp,
    wire,
};

/// A proposal. It is in the state until it takes effect, fails, lapses, is withdrawn or vetoed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The initiator.
    pub proposed_by: ParticipantId,
    /// What is to change.
    pub change: Change,
    /// Height at whose start it takes effect; for validators, the first height that they decide.
    pub effective_height: u64,
    /// Ledger time by which it must have its approvals.
    pub approve_by: Timestamp,
    /// Organisations that approved; strictly ascending. Never the initiator.
    pub approvals: Vec<ParticipantId>,
    /// Height and time of the approval that was enough.
    pub accepted: Option<(u64, Timestamp)>,
}

impl Proposal {
    /// The height at whose start the ledger takes it up. Validators are named in headers ahead of the
    /// heights that they decide.
    #[must_use]
    pub fn due_height(&self) -> u64 {
        due_height(self.change.kind(), self.effective_height)
    }

    /// Whether a block of this height and time takes it up: its height has come, or the time for its
    /// approvals has passed.
    #[must_use]
    pub fn is_due(&self, height: u64, now: Timestamp) -> bool {
        let lapsed = self.accepted.is_none() && self.approve_by < now;
        lapsed || self.due_height() <= height
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.proposed_by.as_bytes());
        w.element(2, self.change.encode());
        w.number(3, self.effective_height);
        w.time(4, self.approve_by);
        for approval in &self.approvals {
            w.element(5, approval.as_bytes());
        }
        if let Some((height, time)) = self.accepted {
            w.number(6, height);
            w.time(7, time);
        }
    }

    fn from_wire(proposal: &wire::Proposal) -> Result<Self, DecodeError> {
        let (height, time) = (proposal.accepted_height, proposal.accepted_at_ms);
        let accepted = match height {
            0 if time == 0 => None,
            0 => {
                return Err(DecodeError::Missing {
                    field: "proposal.accepted_height",
                });
            }
            _ => Some((height, Timestamp::from_millis(time))),
        };
        Ok(Self {
            proposed_by: ParticipantId::from_wire("proposal.proposed_by", &proposal.proposed_by)?,
            change: Change::from_wire(required("proposal.change", proposal.change.as_ref())?)?,
            effective_height: proposal.effective_height,
            approve_by: Timestamp::from_millis(proposal.approve_by_ms),
            approvals: ascending(
                "proposal.approvals",
                &proposal.approvals,
                VALIDATORS_MAX,
                |id| ParticipantId::from_wire("proposal.approvals", id),
            )?,
            accepted,
        })
    }
}

canonical_object!(Proposal, "proposal");

/// The height at whose start a change of a kind is taken up to be effective at a height.
#[must_use]
pub fn due_height(kind: ChangeKind, effective_height: u64) -> u64 {
    match kind {
        ChangeKind::Validators => effective_height.saturating_sub(VALIDATOR_CHANGE_DELAY),
        _ => effective_height,
    }
}
