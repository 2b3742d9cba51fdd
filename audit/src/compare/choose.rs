//! Which subjects are compared: a sample that no node can foresee, and that anybody can draw again.

use std::{collections::BTreeSet, fmt, str::FromStr};

use talea_types::{Hash, Subject, hash::tagged};

use crate::{Index, IndexError};

/// What a sample is drawn by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(Hash);

impl Seed {
    /// One that nobody knows before.
    #[must_use]
    pub fn random() -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap_or_else(|error| panic!("no randomness: {error}"));
        Self(Hash(seed))
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Seed {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seed = text.parse();
        seed.map(Self)
            .map_err(|_| "a seed is 64 hexadecimal digits, as the comparison printed it")
    }
}

/// The subjects of an index that anything happened to, ascending: all of them, or so many by chance.
///
/// # Errors
/// [`IndexError`].
pub fn choose(index: &Index, sample: Option<(usize, Seed)>) -> Result<Vec<Subject>, IndexError> {
    const ASK: &str = "SELECT subject FROM event WHERE sequence = 0 ORDER BY subject";
    let mut all = Vec::new();
    let mut drawn = BTreeSet::new();
    index.each(ASK, &[], |row| {
        let subject = Subject::from_bytes("event.subject", row.bytes(0)?);
        let subject = subject.map_err(|error| IndexError::Damaged {
            place: index.place().to_string(),
            reason: error.to_string(),
        })?;
        match sample {
            None => all.push(subject),
            Some((most, Seed(seed))) => {
                // The lowest of numbers that are as good as drawn: each subject is as likely as any other.
                let lot = tagged("talea/sample/v1", &[seed.as_bytes(), &subject.to_bytes()]);
                drawn.insert((lot, subject));
                if drawn.len() > most {
                    drawn.pop_last();
                }
            }
        }
        Ok::<_, IndexError>(())
    })?;
    all.extend(drawn.into_iter().map(|(_, subject)| subject));
    all.sort_unstable();
    Ok(all)
}
