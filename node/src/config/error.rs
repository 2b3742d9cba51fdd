//! Why a configuration is refused, and what to do.

use std::path::PathBuf;

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no configuration.
    #[error(
        "there is no {}; make one with `talea-node init {}`",
        path.display(),
        path.parent().unwrap_or(path).display()
    )]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A key or value that does not fit.
    #[error("{0}")]
    Value(Box<figment::Error>),
    /// A flag that is not `KEY=VALUE`.
    #[error("--set {text:?} is not KEY=VALUE; for example --set grpc.listen=127.0.0.1:7701")]
    Override {
        /// What was written.
        text: String,
    },
    /// Values that break a rule.
    #[error("{} in {key}: {reason}", if *count == 1 { "1 mistake".to_owned() } else { format!("{count} mistakes, the first") })]
    Rule {
        /// The key.
        key: &'static str,
        /// What was wrong and what to do.
        reason: String,
        /// How many rules were broken.
        count: usize,
    },
}

impl From<figment::Error> for ConfigError {
    fn from(error: figment::Error) -> Self {
        Self::Value(Box::new(error))
    }
}
