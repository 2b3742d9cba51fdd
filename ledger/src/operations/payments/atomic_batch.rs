//! `AtomicBatch`: several payments apply together or not at all. The signatures of everybody concerned
//! were checked before the first leg is looked at; the outcome is that of the first leg that is refused.

use talea_types::{Operation, Outcome, TransactionBody, operation::AtomicBatch};

use crate::{
    authorisation::{Caller, parties_of},
    operations::Refusal,
    state::WorkingState,
};

pub(in crate::operations) fn atomic_batch(
    state: &mut WorkingState<'_>,
    body: &TransactionBody,
    operation: &AtomicBatch,
) -> Result<(), Refusal> {
    // A party that could not be found could not be asked. No leg can bring it into being (an id follows
    // from the whole transaction), and if one could, nothing would apply.
    let parties = parties_of(state, body.author, &body.operation, &body.signers);
    let events = state.begin_batch();
    let applied = apply_legs(state, &operation.legs);
    let done = applied.and_then(|()| match parties.unknown {
        Some(outcome) => Err(outcome.into()),
        None => Ok(()),
    });
    match done {
        Ok(()) => state.keep_batch(),
        Err(_) => state.discard_batch(events),
    }
    done
}

fn apply_legs(state: &mut WorkingState<'_>, legs: &[Operation]) -> Result<(), Refusal> {
    for (leg, number) in legs.iter().zip(0..) {
        if let Some(cause) = &mut state.cause {
            cause.leg = number;
        }
        let refused = |outcome: Outcome| Refusal::of_leg(outcome, number);
        super::payment(state, Caller::Batch, leg).map_err(refused)?;
    }
    Ok(())
}
