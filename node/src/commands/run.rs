//! `talea-node run`.

use std::path::PathBuf;

use clap::Args;
use talea_node::{
    allocator,
    config::{LoadedConfig, Override},
    process, telemetry,
};

use super::failure::Failure;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  talea-node run /var/lib/talea
  talea-node run /var/lib/talea --set log.format=json --set grpc.listen=0.0.0.0:7701")]
pub(super) struct Run {
    /// The node's directory, made by `talea-node init`.
    directory: PathBuf,
    /// A setting for this run: KEY=VALUE, see `talea-node config show`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// Stop as well when standard input ends: when whoever started this is gone.
    #[arg(long)]
    stop_with_parent: bool,
}

impl Run {
    pub(super) fn execute(self) -> Result<(), Failure> {
        let flags = parse(&self.settings)?;
        if talea_types::planted::POSSIBLE {
            return Err(Failure::other(
                "this program was built with `planted-bugs`, for the simulator; build it without",
            ));
        }
        let loaded = LoadedConfig::load(&self.directory, &flags)?;
        telemetry::start_logging(&loaded.config.log).map_err(Failure::other)?;
        allocator::give_back_regularly();
        allow_connections(loaded.config.grpc.connections_max);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::other(format!("cannot start: {error}")))?;
        let stop_with_parent = self.stop_with_parent;
        let ended = runtime.block_on(process::run(loaded.config, async move {
            let signal = process::stop_signal();
            tokio::select! {
                heard = signal => {
                    if let Err(error) = heard {
                        tracing::error!(%error, "cannot listen for signals");
                    }
                }
                () = process::parent_gone(), if stop_with_parent => {}
            }
        }));
        // Reads that still wait for the disk are not waited for.
        runtime.shutdown_background();
        Ok(ended?)
    }
}

/// Reads `--set` arguments.
pub(super) fn parse(settings: &[String]) -> Result<Vec<Override>, Failure> {
    Ok(settings
        .iter()
        .map(|setting| setting.parse())
        .collect::<Result<_, _>>()?)
}

/// Asks the system for as many files as clients and logs need. With fewer, clients beyond them are
/// refused: that is logged when it happens.
fn allow_connections(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    const OTHER_FILES: u64 = 1_024;
    let wanted = (connections as u64).saturating_add(OTHER_FILES);
    let now = getrlimit(Resource::Nofile);
    if now.current.is_some_and(|current| current < wanted) {
        let current = Some(now.maximum.map_or(wanted, |maximum| maximum.min(wanted)));
        let _ = setrlimit(
            Resource::Nofile,
            Rlimit {
                current,
                maximum: now.maximum,
            },
        );
    }
}
