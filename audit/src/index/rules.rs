//! Rules as results and events cite them, of every version that ever came into force: a refusal of years ago goes on to
//! say what the law was.

use bytes::Bytes;
use talea_rules::Pack;
use talea_types::state::{RulePackRecord, StateKey};

use super::{StoreError, value::Cell, write::Sink};

/// A version has one document for ever: retiring a pack writes the same rules again.
const ADD: &str = "INSERT INTO rule (cited, pack, title, source, unverified) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (cited) DO NOTHING";

/// Keeps the rules of an object of the state, where it is a pack.
pub(super) fn write_rules(
    sink: &mut dyn Sink,
    key: &StateKey,
    value: &[u8],
) -> Result<(), StoreError> {
    let StateKey::RulePack(_) = key else {
        return Ok(());
    };
    let record = RulePackRecord::decode(&Bytes::copy_from_slice(value)).ok();
    let Some(pack) = record.and_then(|record| Pack::decode(&record.document).ok()) else {
        unreachable!("the ledger reads a pack before it keeps it")
    };
    for rule in &pack.rules {
        let cited = format!("{}@{}", rule.id, pack.version);
        sink.run(
            ADD,
            &[
                Cell::Text(&cited),
                Cell::Text(&pack.id),
                Cell::Text(&rule.title),
                Cell::Text(&rule.source),
                Cell::Integer(rule.unverified.into()),
            ],
        )?;
    }
    Ok(())
}
