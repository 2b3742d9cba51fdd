//! `talea-node config show`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use talea_node::config::{DEFAULTS, LoadedConfig};

use super::{failure::Failure, output, run::parse};

#[derive(Debug, Args)]
pub(super) struct Config {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Show every setting with its value and where that came from.
    Show(Show),
    /// Print every setting with its default and its meaning, as a file to start from.
    Defaults,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  talea-node config show /var/lib/talea
  TALEA_NODE_LOG__LEVEL=debug talea-node config show /var/lib/talea --json")]
struct Show {
    /// The node's directory.
    directory: PathBuf,
    /// A setting as given to `run`: KEY=VALUE.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
}

impl Config {
    pub(super) fn execute(self, json: bool) -> Result<(), Failure> {
        match self.command {
            ConfigCommand::Defaults => print!("{DEFAULTS}"),
            ConfigCommand::Show(show) => {
                let loaded = LoadedConfig::load(&show.directory, &parse(&show.settings)?)?;
                if json {
                    println!("{}", output::to_json(&loaded.settings));
                    return Ok(());
                }
                let mut table = output::table(&["setting", "value", "from"]);
                for setting in &loaded.settings {
                    table.add_row([&setting.key, &setting.value, &setting.origin.to_string()]);
                }
                println!("{table}");
            }
        }
        Ok(())
    }
}
