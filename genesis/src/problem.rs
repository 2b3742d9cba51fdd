//! What is wrong with a document. All of it is reported at once: whoever edits a document together
//! with other organisations should not have to ask them again for each mistake.

use std::fmt;

/// One thing that is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Path of the field, such as `validators[2].voting_key`.
    pub field: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.field, self.what, self.fix)
    }
}

/// Everything that is wrong with one document, in the order of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// None so far.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Notes a problem of the field at `field`.
    pub fn add(
        &mut self,
        field: impl Into<String>,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.0.push(Problem {
            field: field.into(),
            what: what.into(),
            fix: fix.into(),
        });
    }

    /// Adds those of another check.
    pub fn append(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Adds those of a part, whose fields are shown under its name.
    pub fn append_under(&mut self, part: &str, more: Self) {
        self.0.extend(more.0.into_iter().map(|problem| Problem {
            field: format!("{part}: {}", problem.field),
            ..problem
        }));
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The problems, in the order of the document.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.0.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            write!(f, "- {problem}")?;
        }
        Ok(())
    }
}
