//! The execution of a transaction.

use talea_types::{EventCause, Outcome, SignedTransaction, TransactionResult};

use crate::{
    authorisation::{check_attribution, check_signatures},
    operations::{Refusal, execute_operation},
    state::WorkingState,
};

/// Executes one transaction and says what came of it.
pub(crate) fn execute_transaction(
    state: &mut WorkingState<'_>,
    transaction: &SignedTransaction,
    index: u32,
) -> TransactionResult {
    let (outcome, rules) = match apply_transaction(state, transaction, index) {
        Ok(()) => (Outcome::Applied, Vec::new()),
        Err(refusal) => (refusal.outcome, refusal.rules),
    };
    TransactionResult {
        transaction: transaction.id(),
        outcome,
        rules,
    }
}

fn apply_transaction(
    state: &mut WorkingState<'_>,
    transaction: &SignedTransaction,
    index: u32,
) -> Result<(), Refusal> {
    let body = transaction.body();
    check_attribution(state, body)?;
    // From here on the nonce is used, whatever comes: the same bytes can never apply later.
    let used = state
        .nonces_mut(&body.author)
        .map(|nonces| nonces.try_use(body.nonce));
    assert!(used == Some(Ok(())), "the nonce was checked: {used:?}");
    check_signatures(state, body.author, &body.signers, &body.operation)?;
    state.cause = Some(EventCause {
        transaction: transaction.id(),
        index,
        leg: 0,
    });
    let done = execute_operation(state, body);
    state.cause = None;
    done
}
