//! What a block changed, as bytes: for storage, for checkpoints, and for the tree.

use talea_types::{
    Hash, StateKey,
    state::{AssetTotals, Hold, Participant, Position, RefundRight, value_hash},
};

use crate::{state::Changes, tree::LeafChange};

/// The objects that a block set or removed, ascending by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// Strictly ascending by key.
    pub entries: Vec<DeltaEntry>,
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeltaEntry {
    /// Its name.
    pub key: StateKey,
    /// Where its leaf stands in the state tree.
    pub path: Hash,
    /// Its canonical bytes; `None` when it was removed.
    pub value: Option<Vec<u8>>,
}

impl Delta {
    pub(crate) fn of(changes: &Changes) -> Self {
        let mut delta = Self::default();
        for (id, account) in &changes.accounts {
            let value = account.as_ref().map(|account| account.encode());
            delta.push(StateKey::Account(*id), value);
        }
        for (id, participant) in &changes.participants {
            let value = participant.as_ref().map(Participant::encode);
            delta.push(StateKey::Participant(*id), value);
        }
        for (id, hold) in &changes.holds {
            delta.push(StateKey::Hold(*id), hold.as_ref().map(Hold::encode));
        }
        for ((id, leg), right) in &changes.refund_rights {
            let value = right.as_ref().map(RefundRight::encode);
            delta.push(StateKey::RefundRight(*id, *leg), value);
        }
        for ((id, asset), position) in &changes.positions {
            let value = position.as_ref().map(Position::encode);
            delta.push(StateKey::Position(*id, *asset), value);
        }
        for (asset, totals) in &changes.assets {
            let value = totals.as_ref().map(AssetTotals::encode);
            delta.push(StateKey::Asset(*asset), value);
        }
        delta.push(StateKey::Clock, Some(changes.clock.encode()));
        if let Some(validators) = &changes.validators {
            delta.push(StateKey::Validators, Some(validators.encode()));
        }
        delta
    }

    fn push(&mut self, key: StateKey, value: Option<Vec<u8>>) {
        self.entries.push(DeltaEntry {
            key,
            path: key.path(),
            value,
        });
    }

    /// Ascending by path, as the tree wants them.
    pub(crate) fn leaf_changes(&self) -> Vec<LeafChange> {
        let mut changes: Vec<LeafChange> = self
            .entries
            .iter()
            .map(|entry| LeafChange {
                path: entry.path,
                value_hash: entry.value.as_deref().map(value_hash),
            })
            .collect();
        changes.sort_unstable_by_key(|change| change.path);
        changes
    }
}
