//! A validator loses its disk in the middle of the load: everything but its key.

use talea_node::signed_record::path_beside;

use super::backup::{LogFrom, VOTES_AGAIN, empty, until_said};
use super::field::Field;

/// Kills a validator, removes its data, one time in two also what the signer remembers beside the key, and starts it: it
/// fetches every block from the others, hears how far they are, and votes again.
pub(super) async fn event(field: &mut Field) -> anyhow::Result<String> {
    field.pause(200, 2_000).await;
    let victim = field.restartable()[0];
    let with_memory = field.random.chance(500);
    let node = field.network.node(victim);
    node.kill();
    empty(&node.data())?;
    if with_memory {
        let key = node.directory().join("keys/voting.key");
        std::fs::remove_file(path_beside(&key))?;
    }
    field.pause(0, 2_000).await;
    let node = field.network.node(victim);
    let log = LogFrom::end_of(node.log())?;
    node.start()?;
    until_said(field, &log, VOTES_AGAIN).await?;
    field.until_votes(victim).await?;
    field.until_progress().await?;
    field.until_all_have_caught_up().await?;
    let name = if with_memory {
        "a disk lost, and what the signer remembered"
    } else {
        "a disk lost"
    };
    Ok(name.to_owned())
}
