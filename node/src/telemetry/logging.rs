//! Log lines on standard error, for people or for machines.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, filter::LevelFilter, fmt};

use crate::config::{LogConfig, LogFormat};

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The level does not parse.
    #[error("log.level {level:?} is no level: {reason}")]
    Level {
        /// As configured.
        level: String,
        /// What the parser said.
        reason: String,
    },
    /// The process logs already.
    #[error("this process already has a logger")]
    Started,
}

/// What libraries say of each message is for who debugs them.
const QUIET: &str = "libp2p=warn,arc_malachitebft_core_consensus=warn";

/// Starts logging for the whole process. A level alone is that of this program; libraries are quieter
/// unless directives name them.
///
/// # Errors
/// [`LoggingError`].
pub fn start_logging(config: &LogConfig) -> Result<(), LoggingError> {
    let is_level = config.level.parse::<LevelFilter>().is_ok();
    let directives = match is_level {
        true => format!("{},{QUIET}", config.level),
        false => config.level.clone(),
    };
    let filter = directives
        .parse::<EnvFilter>()
        .map_err(|error| LoggingError::Level {
            level: config.level.clone(),
            reason: error.to_string(),
        })?;
    let is_terminal = std::io::stderr().is_terminal();
    let lines = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(is_terminal);
    let started = match config.format {
        LogFormat::Human => lines.with_target(false).try_init(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .try_init(),
    };
    started.map_err(|_| LoggingError::Started)
}
