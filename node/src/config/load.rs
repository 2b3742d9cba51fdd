//! Reads the layers and puts them together.

use std::path::{Path, PathBuf};

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Env, Format, Toml},
    value::{Dict, Map, Value},
};

use super::{ConfigError, NodeConfig, Origin, Setting, check, origin};

/// The file in a node's directory.
pub const CONFIG_FILE_NAME: &str = "node.toml";
/// Environment variables that start so are settings; `__` separates section and key.
pub const ENVIRONMENT_PREFIX: &str = "TALEA_NODE_";
/// Every setting with its default, as it may be written in a file.
pub const DEFAULTS: &str = include_str!("defaults.toml");

const FLAG: &str = "flag";
const DEFAULT: &str = "default";

/// A setting from the command line: `--set KEY=VALUE`.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    key: String,
    value: Value,
}

impl std::str::FromStr for Override {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || ConfigError::Override {
            text: text.to_owned(),
        };
        let (key, value) = text.split_once('=').ok_or_else(refused)?;
        let known = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.')
        };
        if key.is_empty() || key.split('.').any(str::is_empty) || !key.bytes().all(known) {
            return Err(refused());
        }
        let value = value.parse().map_err(|_| refused())?;
        Ok(Self {
            key: key.to_owned(),
            value,
        })
    }
}

/// One flag as a layer.
struct Flag<'a>(&'a Override);

impl Provider for Flag<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named(FLAG)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let nested = figment::util::nest(&self.0.key, self.0.value.clone());
        Ok(nested
            .into_dict()
            .map(|dict| Profile::Default.collect(dict))
            .unwrap_or_default())
    }
}

/// The defaults as a layer. Their paths belong to the directory of the file.
struct Defaults;

impl Provider for Defaults {
    fn metadata(&self) -> Metadata {
        Metadata::named(DEFAULT)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Toml::string(DEFAULTS).data()
    }
}

/// A configuration that was checked, and where each of its values came from.
#[derive(Clone, Debug)]
pub struct LoadedConfig {
    /// The configuration.
    pub config: NodeConfig,
    /// Its values as they were written, in order of their keys.
    pub settings: Vec<Setting>,
}

impl LoadedConfig {
    /// Reads `directory/node.toml`, the environment, and flags.
    ///
    /// # Errors
    /// [`ConfigError`] naming the key, where it came from, and what to do.
    pub fn load(directory: &Path, flags: &[Override]) -> Result<Self, ConfigError> {
        let file = directory.join(CONFIG_FILE_NAME);
        if !file.is_file() {
            return Err(ConfigError::Missing { path: file });
        }
        let environment = Env::prefixed(ENVIRONMENT_PREFIX).split("__");
        Self::from_layers(Toml::file_exact(&file), environment, flags, directory)
    }

    /// Reads the text of a file by itself: no environment, no flags.
    ///
    /// # Errors
    /// As [`LoadedConfig::load`].
    pub fn from_text(text: &str, directory: &Path) -> Result<Self, ConfigError> {
        Self::from_layers(Toml::string(text), Env::raw().only(&[]), &[], directory)
    }

    /// Puts layers together; `directory` is where relative paths of the file and the defaults start.
    pub(super) fn from_layers(
        file: impl Provider,
        environment: impl Provider,
        flags: &[Override],
        directory: &Path,
    ) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Defaults).merge(file).merge(environment);
        for flag in flags {
            figment = figment.merge(Flag(flag));
        }
        let mut config: NodeConfig = figment.extract()?;
        let settings = origin::settings(&figment)?;
        for (key, path) in paths(&mut config) {
            let setting = settings.iter().find(|setting| setting.key == key);
            let from_file =
                setting.is_none_or(|one| matches!(one.origin, Origin::Default | Origin::File(_)));
            if from_file && path.is_relative() {
                *path = directory.join(&*path);
            }
        }
        check::check(&config)?;
        Ok(Self { config, settings })
    }
}

/// Every path with its key.
fn paths(config: &mut NodeConfig) -> Vec<(&'static str, &mut PathBuf)> {
    let mut paths = vec![
        ("data_dir", &mut config.data_dir),
        ("genesis", &mut config.genesis),
        ("keys.voting", &mut config.keys.voting),
        ("keys.network", &mut config.keys.network),
    ];
    paths.extend(
        config
            .keys
            .passphrase_file
            .as_mut()
            .map(|path| ("keys.passphrase_file", path)),
    );
    if let Some(tls) = &mut config.grpc.tls {
        paths.push(("grpc.tls.certificate", &mut tls.certificate));
        paths.push(("grpc.tls.key", &mut tls.key));
        paths.extend(
            tls.client_ca
                .as_mut()
                .map(|path| ("grpc.tls.client_ca", path)),
        );
    }
    paths
}
