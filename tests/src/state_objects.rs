//! A whole state as a snapshot holds it.

use talea_ledger::Ledger;
use talea_node::storage::checkpoint::StateObject;

/// The objects of a state, ascending by path.
pub(crate) fn objects_of(ledger: &Ledger) -> Vec<StateObject> {
    let mut objects: Vec<StateObject> = ledger
        .objects()
        .map(|(key, value)| StateObject {
            path: key.path().0,
            key: key.to_bytes(),
            value,
        })
        .collect();
    objects.sort_unstable();
    objects
}
