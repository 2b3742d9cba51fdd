//! What ends by itself when a block's time has come: holds and rights to refund, permits, promises and complaints. Before any transaction
//! of the block, earliest first, at most so many in one block; what waits counts as ended already.

use talea_types::{HoldId, event::PostingKind, limits::EXPIRIES_PER_BLOCK_MAX};

use crate::{
    operations::{end_complaint_time, end_permit_time, end_promise_time, release_hold},
    state::{Expiring, WorkingState},
};

pub(crate) fn apply_ended(state: &mut WorkingState<'_>) {
    let base = state.base;
    let ended = base.expiries.ended_at(state.now);
    for object in ended.take(EXPIRIES_PER_BLOCK_MAX) {
        match object {
            Expiring::Hold(id) => expire_hold(state, id),
            Expiring::RefundRight(id) => state.refund_rights.remove(id),
            Expiring::Permit(id) => end_permit_time(state, id),
            Expiring::Promise(loan) => end_promise_time(state, loan),
            Expiring::Complaint(debtor, number) => end_complaint_time(state, debtor, number),
        }
    }
}

fn expire_hold(state: &mut WorkingState<'_>, id: HoldId) {
    let Some(hold) = state.holds.get(&id).cloned() else {
        unreachable!("the queue holds only holds that are in the state")
    };
    release_hold(state, id, &hold, PostingKind::HoldExpired);
}
