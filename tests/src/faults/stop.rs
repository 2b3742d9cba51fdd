//! SIGSTOP and SIGCONT: a process that hangs, with all its connections open.

use super::field::Field;

/// Freezes a validator for a random time: mostly moments, now and then longer than its peers and clients
/// keep a silent connection.
pub(super) async fn event(field: &mut Field) -> anyhow::Result<String> {
    field.pause(50, 800).await;
    let victim = field.any_validator();
    let long = field.random.chance(100);
    field.network.node(victim).pause();
    if long {
        field.pause(11_000, 20_000).await;
    } else {
        field.pause(100, 6_000).await;
    }
    field.network.node(victim).resume();
    field.until_progress().await?;
    field.until_all_have_caught_up().await?;
    let name = if long {
        "frozen for longer than a silence is borne"
    } else {
        "frozen for up to 6 s"
    };
    Ok(name.to_owned())
}
