//! Short names, and texts from outside as they are shown in messages.

use std::fmt;

use talea_types::limits;

use crate::problem::Problems;

/// A text from outside, quoted, without control characters and cut to a readable length.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

const SHOWN_CHARS: usize = 80;

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut: String = self.0.chars().take(SHOWN_CHARS).collect();
        let more = if cut.len() < self.0.len() { "..." } else { "" };
        write!(f, "'{}{more}'", cut.escape_debug())
    }
}

/// Checks a name of a network, a tier or a validator.
pub(crate) fn short_name(field: &str, name: &str, problems: &mut Problems) {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > limits::NAME_BYTES_MAX || !name.bytes().all(allowed) {
        problems.add(
            field,
            format!("{} is not a name", Shown(name)),
            format!(
                "use 1 to {} lower-case letters, digits and hyphens",
                limits::NAME_BYTES_MAX
            ),
        );
    }
}
