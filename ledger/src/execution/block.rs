//! The execution of a block.

use std::collections::BTreeMap;

use talea_types::{
    Hash, RulePackId, Timestamp, TransactionResult, VerifiedTransaction, block::results_root,
    limits::BLOCK_TRANSACTIONS_MAX, rule_pack, state::RulePackRecord,
};

use super::{Delta, ended::apply_ended, transaction::execute_transaction};
use crate::{
    events::EventRecord,
    money::assert_balanced,
    operations::apply_due_proposals,
    state::{Changes, State, WorkingState},
    tree::{Tree, TreeUpdate},
};

/// What a block's header says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockContext {
    /// Its height.
    pub height: u64,
    /// Its time.
    pub time: Timestamp,
}

/// A header that does not follow the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// Another height than the next.
    #[error("a block of height {found} cannot follow height {height}")]
    Height {
        /// Of the state.
        height: u64,
        /// Of the block.
        found: u64,
    },
    /// Time does not go back or stand still.
    #[error("a block of time {found} cannot follow one of time {time}")]
    Time {
        /// Of the state.
        time: Timestamp,
        /// Of the block.
        found: Timestamp,
    },
}

/// What a block would do. Nothing has changed yet: [`crate::Ledger::commit`] takes it over.
pub struct Execution {
    /// The block.
    pub context: BlockContext,
    /// The outcome of each transaction, in order.
    pub results: Vec<TransactionResult>,
    /// Root over the results.
    pub results_root: Hash,
    /// Root of the state after the block.
    pub state_root: Hash,
    /// Hash of the set that decides the next height: what the block's header names.
    pub next_validators_hash: Hash,
    /// Hash of the rule packs in force after the block.
    pub rule_packs_hash: Hash,
    /// Business date after the block, days since 1970-01-01.
    pub business_date: u32,
    /// Every object that changed.
    pub delta: Delta,
    /// Everything that happened, in order.
    pub events: Vec<EventRecord>,
    /// Root of the state that it was computed on.
    pub(crate) base_root: Hash,
    pub(crate) changes: Changes,
    pub(crate) tree: TreeUpdate,
}

/// A part of the execution of a block, so that a shell can measure how long each takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Every transaction was executed, with its events.
    Transactions,
    /// Every result and every object that changed was encoded and hashed.
    Objects,
    /// The new root is known.
    Tree,
}

/// Executes a block on a state. `on_done` hears of each stage when it is done.
pub(crate) fn execute<'t>(
    base: &State,
    tree: &Tree,
    context: BlockContext,
    transactions: impl IntoIterator<Item = &'t VerifiedTransaction>,
    on_done: &mut dyn FnMut(Stage),
) -> Result<Execution, ContextError> {
    let clock = &base.clock;
    if context.height != clock.height.saturating_add(1) {
        return Err(ContextError::Height {
            height: clock.height,
            found: context.height,
        });
    }
    if context.time <= clock.time {
        return Err(ContextError::Time {
            time: clock.time,
            found: context.time,
        });
    }
    let mut state = WorkingState::over(base, context.height, context.time);
    apply_due_proposals(&mut state);
    apply_ended(&mut state);
    let transactions = transactions.into_iter();
    state.expect_transactions(transactions.size_hint().0.min(BLOCK_TRANSACTIONS_MAX));
    let results: Vec<TransactionResult> = transactions
        .zip(0..)
        .map(|(transaction, index)| execute_transaction(&mut state, transaction, index))
        .collect();
    let business_date = state.clock.business_date;
    let rule_packs_hash = rule_packs_hash(state.rule_packs.iter());
    let (changes, events) = state.finish();
    assert_balanced(&changes);
    on_done(Stage::Transactions);
    let results_root = results_root(&results);
    let (delta, leaf_changes) = Delta::of(&changes);
    let events = events.finish();
    on_done(Stage::Objects);
    let after = tree.update(&leaf_changes);
    on_done(Stage::Tree);
    Ok(Execution {
        context,
        results,
        results_root,
        state_root: after.root(),
        next_validators_hash: base.validators.next.hash(),
        rule_packs_hash,
        business_date,
        delta,
        events,
        base_root: tree.root(),
        changes,
        tree: after,
    })
}

/// The hash of the rule packs in force.
pub(crate) fn rule_packs_hash<'a>(
    packs: impl Iterator<Item = (&'a RulePackId, &'a RulePackRecord)>,
) -> Hash {
    let in_force: BTreeMap<_, _> = packs.filter(|(_, pack)| pack.is_in_force()).collect();
    let in_force = in_force.into_iter();
    rule_pack::rule_packs_hash(in_force.map(|(id, pack)| (*id, pack.version, pack.hash)))
}
