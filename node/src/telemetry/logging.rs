//! Log lines on standard error, for people or for machines.

use tracing_subscriber::{EnvFilter, fmt};

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

/// Starts logging for the whole process.
///
/// # Errors
/// [`LoggingError`].
pub fn start_logging(config: &LogConfig) -> Result<(), LoggingError> {
    let filter = config
        .level
        .parse::<EnvFilter>()
        .map_err(|error| LoggingError::Level {
            level: config.level.clone(),
            reason: error.to_string(),
        })?;
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
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
