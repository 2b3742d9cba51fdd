//! What is built in: every package of the lock file that reaches a program, with version, licence, checksum.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::programs::repository;

/// A package that is built in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence as an SPDX expression.
    pub licence: String,
    /// Where it comes from; none for the packages of this workspace.
    pub source: Option<String>,
    /// SHA-256 of its archive, hexadecimal.
    pub checksum: Option<String>,
}

/// The packages that the programs of this workspace are built from, on any system, ascending by name. What
/// only tests need is not among them.
///
/// # Errors
/// When cargo fails.
pub fn packages() -> anyhow::Result<Vec<Package>> {
    // A build downloads what its own system needs; here packages of every system are asked about.
    cargo(&["fetch", "--locked"])?;
    let tree = cargo(&[
        "tree",
        "--workspace",
        "--locked",
        "--offline",
        "--target",
        "all",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--no-dedupe",
        "--format",
        "{p}",
    ])?;
    let checksums = checksums()?;
    let mut built: Vec<(String, String)> = Vec::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            let version = version.strip_prefix('v').unwrap_or(version);
            built.push((name.to_owned(), version.to_owned()));
        }
    }
    built.sort();
    built.dedup();
    let metadata = cargo(&["metadata", "--format-version", "1", "--locked", "--offline"])?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let known: BTreeMap<(String, String), &Value> = list(&metadata["packages"])
        .map(|package| ((text(&package["name"]), text(&package["version"])), package))
        .collect();
    built
        .into_iter()
        .map(|key| {
            let package = known.get(&key);
            let package = package.with_context(|| format!("cargo does not know {key:?}"))?;
            Ok(Package {
                licence: text(&package["license"]),
                source: package["source"].as_str().map(str::to_owned),
                checksum: checksums.get(&key).cloned(),
                name: key.0,
                version: key.1,
            })
        })
        .collect()
}

fn cargo(arguments: &[&str]) -> anyhow::Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(repository())
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "cargo {}: {said}",
        arguments.join(" ")
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// Of the archives, from the lock file.
fn checksums() -> anyhow::Result<BTreeMap<(String, String), String>> {
    let lock = std::fs::read_to_string(repository().join("Cargo.lock"))?;
    let entries = lock.split("[[package]]").skip(1).filter_map(|entry| {
        let field = |name: &str| {
            let mut lines = entry.lines();
            lines.find_map(|line| {
                Some(
                    line.strip_prefix(name)?
                        .trim_matches(['=', ' ', '"'])
                        .to_owned(),
                )
            })
        };
        Some(((field("name ")?, field("version ")?), field("checksum ")?))
    });
    Ok(entries.collect())
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A software bill of materials: CycloneDX 1.5, JSON. The same packages give the same bytes.
#[must_use]
pub fn bill(packages: &[Package]) -> Value {
    let components = packages.iter().map(|package| {
        let purl = format!("pkg:cargo/{}@{}", package.name, package.version);
        let mut component = json!({
            "type": "library",
            "bom-ref": purl,
            "name": package.name,
            "version": package.version,
            "purl": purl,
            "licenses": [{ "expression": expression(&package.licence) }],
        });
        if let Some(checksum) = &package.checksum {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        component
    });
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "talea",
                "name": "talea",
                "version": env!("CARGO_PKG_VERSION"),
            },
        },
        "components": components.collect::<Vec<_>>(),
    })
}

/// A licence as SPDX writes it: old manifests separate alternatives with a slash.
#[must_use]
pub fn expression(licence: &str) -> String {
    licence.replace(" / ", " OR ").replace('/', " OR ")
}

/// Whether an SPDX expression can be met with these licences alone. AND binds stronger than OR.
#[must_use]
pub fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (met, rest) = any(&words, allowed);
    met && rest.is_empty()
}

fn any<'w>(words: &'w [&'w str], allowed: &[&str]) -> (bool, &'w [&'w str]) {
    let (mut met, mut rest) = all(words, allowed);
    while let Some(("OR", after)) = rest.split_first().map(|(word, after)| (*word, after)) {
        let (other, then) = all(after, allowed);
        met |= other;
        rest = then;
    }
    (met, rest)
}

fn all<'w>(words: &'w [&'w str], allowed: &[&str]) -> (bool, &'w [&'w str]) {
    let (mut met, mut rest) = one(words, allowed);
    while let Some(("AND", after)) = rest.split_first().map(|(word, after)| (*word, after)) {
        let (other, then) = one(after, allowed);
        met &= other;
        rest = then;
    }
    (met, rest)
}

fn one<'w>(words: &'w [&'w str], allowed: &[&str]) -> (bool, &'w [&'w str]) {
    match words {
        ["(", inside @ ..] => {
            let (met, rest) = any(inside, allowed);
            match rest {
                [")", rest @ ..] => (met, rest),
                _ => (false, rest),
            }
        }
        [licence, "WITH", exception, rest @ ..] => {
            let both = format!("{licence} WITH {exception}");
            (allowed.contains(&both.as_str()), rest)
        }
        [licence, rest @ ..] => (allowed.contains(licence), rest),
        [] => (false, words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_as_spdx_reads_them() {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"];
        for met in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT AND ISC",
            "GPL-3.0 AND ISC OR MIT",
            "(GPL-3.0 OR MIT) AND ISC",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        ] {
            assert!(is_met(met, &allowed), "{met}");
        }
        for not in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR ISC) AND GPL-3.0",
            "Apache-2.0",
            "(MIT",
        ] {
            assert!(!is_met(not, &allowed), "{not}");
        }
        assert_eq!(expression("MIT/Apache-2.0"), "MIT OR Apache-2.0");
    }
}
