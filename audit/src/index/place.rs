//! Where an index is.

use std::{
    convert::Infallible,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Where an index is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexPlace {
    /// A file of SQLite.
    File(PathBuf),
    /// A database of a PostgreSQL server.
    Server(ServerUrl),
}

/// `postgresql://USER:PASSWORD@HOST/DATABASE`. What is shown of it holds no password.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerUrl(String);

impl ServerUrl {
    /// All of it.
    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Options, among which a password can be, are left out.
        let shown = self.0.split('?').next().unwrap_or_default();
        let (scheme, rest) = shown.split_once("://").unwrap_or(("", shown));
        match rest.rsplit_once('@') {
            Some((user, place)) => {
                let name = user.split(':').next().unwrap_or_default();
                write!(f, "{scheme}://{name}@{place}")
            }
            None => write!(f, "{scheme}://{rest}"),
        }
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for IndexPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(url) => url.fmt(f),
        }
    }
}

impl FromStr for IndexPlace {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let is_server = ["postgresql://", "postgres://"]
            .iter()
            .any(|scheme| text.starts_with(scheme));
        Ok(if is_server {
            Self::Server(ServerUrl(text.to_owned()))
        } else {
            Self::File(text.into())
        })
    }
}

impl From<&Path> for IndexPlace {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&PathBuf> for IndexPlace {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<PathBuf> for IndexPlace {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&IndexPlace> for IndexPlace {
    fn from(place: &IndexPlace) -> Self {
        place.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_or_a_server_and_shows_no_password() {
        for (text, shown) in [
            ("network.db", "network.db"),
            ("./postgresql:", "./postgresql:"),
            (
                "postgresql://auditor:se@cret@db.example/talea",
                "postgresql://auditor@db.example/talea",
            ),
            (
                "postgres:///talea?host=/run/postgresql&password=secret",
                "postgres:///talea",
            ),
        ] {
            let place: IndexPlace = text.parse().unwrap();
            assert_eq!(place.to_string(), shown);
            assert!(!format!("{place:?}").contains("cret"));
        }
    }

    #[test]
    fn both_stores_have_the_same_tables() {
        let same = include_str!("sqlite.sql")
            .replace("BLOB", "BYTEA")
            .replace("INTEGER", "BIGINT")
            .replace("TEXT", "TEXT COLLATE \"C\"")
            .replace(") WITHOUT ROWID;", ");");
        assert_eq!(same, include_str!("postgres.sql"));
    }
}
