//! Where each value came from, for `talea-node config show`.

use std::{fmt, path::PathBuf};

use figment::{Figment, Source, value::Value};
use serde::Serialize;

use super::{ConfigError, ENVIRONMENT_PREFIX};

/// The layer that decided a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// This file.
    File(PathBuf),
    /// This environment variable.
    Environment(String),
    /// `--set`.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path) => write!(formatter, "file {}", path.display()),
            Self::Environment(name) => write!(formatter, "environment {name}"),
            Self::Flag => formatter.write_str("flag --set"),
        }
    }
}

/// A value as it was written, with its origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// `section.key`.
    pub key: String,
    /// In JSON.
    pub value: String,
    /// Who decided.
    pub origin: Origin,
}

/// All settings of a figment, in order of their keys.
pub(super) fn settings(figment: &Figment) -> Result<Vec<Setting>, ConfigError> {
    let mut settings = Vec::new();
    collect(figment, "", &figment.find_value("")?, &mut settings);
    Ok(settings)
}

fn collect(figment: &Figment, key: &str, value: &Value, settings: &mut Vec<Setting>) {
    let Value::Dict(_, entries) = value else {
        let value_text = serde_json::to_string(value).unwrap_or_else(|error| error.to_string());
        let origin = origin_of(figment, key, value);
        settings.push(Setting {
            key: key.to_owned(),
            value: value_text,
            origin,
        });
        return;
    };
    for (name, value) in entries {
        let key = if key.is_empty() {
            name.clone()
        } else {
            format!("{key}.{name}")
        };
        collect(figment, &key, value, settings);
    }
}

fn origin_of(figment: &Figment, key: &str, value: &Value) -> Origin {
    let Some(metadata) = figment.get_metadata(value.tag()) else {
        return Origin::Default;
    };
    match &metadata.source {
        Some(Source::File(path)) => Origin::File(path.clone()),
        _ if metadata.name == "flag" => Origin::Flag,
        _ if metadata.name == "default" => Origin::Default,
        _ => {
            let name = key.to_ascii_uppercase().replace('.', "__");
            Origin::Environment(format!("{ENVIRONMENT_PREFIX}{name}"))
        }
    }
}
