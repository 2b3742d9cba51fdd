//! Where an index is.

use std::{
    convert::Infallible,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Where an index is: a file of SQLite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexPlace {
    /// A file of SQLite.
    File(PathBuf),
}

impl fmt::Display for IndexPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl FromStr for IndexPlace {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::File(text.into()))
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
