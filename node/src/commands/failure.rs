//! How a command fails: a message and an exit code.

use std::{fmt::Display, process::ExitCode};

use serde::Serialize;
use talea_genesis::key_file::KeyFileError;
use talea_node::{
    config::ConfigError,
    exit_code::{EXIT_CONFIG, EXIT_FAILURE},
    home::HomeError,
    localnet::LocalnetError,
    process::ProcessError,
};

/// See the module.
#[derive(Debug, Serialize)]
pub(super) struct Failure {
    pub(super) error: String,
    pub(super) exit_code: i32,
}

impl Failure {
    pub(super) fn new(exit_code: i32, error: impl Display) -> Self {
        Self {
            error: error.to_string(),
            exit_code,
        }
    }

    /// Any other failure.
    pub(super) fn other(error: impl Display) -> Self {
        Self::new(EXIT_FAILURE, error)
    }

    /// Tells whoever asked.
    pub(super) fn report(&self, json: bool) -> ExitCode {
        if json {
            eprintln!("{}", super::output::to_json(self));
        } else {
            eprintln!("talea-node: {}", self.error);
        }
        ExitCode::from(u8::try_from(self.exit_code).unwrap_or(1))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(EXIT_CONFIG, error)
    }
}

impl From<KeyFileError> for Failure {
    fn from(error: KeyFileError) -> Self {
        Self::new(EXIT_CONFIG, error)
    }
}

impl From<ProcessError> for Failure {
    fn from(error: ProcessError) -> Self {
        Self::new(error.exit_code(), error)
    }
}

impl From<HomeError> for Failure {
    fn from(error: HomeError) -> Self {
        Self::other(error)
    }
}

impl From<LocalnetError> for Failure {
    fn from(error: LocalnetError) -> Self {
        Self::other(error)
    }
}
