//! How the program ends. The codes are public API: scripts depend on them.

use std::process::ExitCode;

use serde_json::json;
use talea_client::{ClientError, Finality, reason};

use super::output;

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Code {
    Done = 0,
    Error = 1,
    /// Given by the parser of the command line.
    #[cfg_attr(not(test), allow(dead_code, reason = "the parser exits by itself"))]
    Usage = 2,
    Rejected = 3,
    Expired = 4,
    Uncertain = 5,
    Unproved = 6,
}

impl Code {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 7] = [
        Self::Done,
        Self::Error,
        Self::Usage,
        Self::Rejected,
        Self::Expired,
        Self::Uncertain,
        Self::Unproved,
    ];

    /// That of a transaction's end.
    pub(crate) const fn of(finality: &Finality) -> Self {
        match finality {
            Finality::Committed { .. } => Self::Done,
            Finality::Rejected { .. } => Self::Rejected,
            Finality::Expired => Self::Expired,
        }
    }

    fn of_error(error: &anyhow::Error) -> Self {
        let client = error.chain().find_map(|cause| cause.downcast_ref());
        match client {
            Some(ClientError::Refused(_)) => Self::Rejected,
            Some(ClientError::Unreachable { .. } | ClientError::Uncertain { .. }) => {
                Self::Uncertain
            }
            Some(ClientError::Proof(_)) => Self::Unproved,
            _ => Self::Error,
        }
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// What to type to be let in.
fn advice(error: &anyhow::Error) -> &'static str {
    let client = error.chain().find_map(|cause| cause.downcast_ref());
    let Some(ClientError::Refused(refusal)) = client else {
        return "";
    };
    match refusal.reason.as_str() {
        reason::READER_REQUIRED => {
            "\ngive --reader ACCOUNT-OR-ORGANISATION and --reader-key FILE, or set TALEA_READER and \
             TALEA_READER_KEY"
        }
        reason::READ_NOT_LOGGED => {
            "\ngive --reader-purpose PURPOSE: the read is then recorded first, with all keys that the \
             organisation needs to sign (--reader-key, repeated)"
        }
        _ => "",
    }
}

/// Tells of an error, on the error output.
pub(crate) fn report(error: &anyhow::Error, json: bool) -> Code {
    let code = Code::of_error(error);
    let mut message = format!("{error:#}");
    message.push_str(advice(error));
    if json {
        let value = json!({ "error": message, "exit_code": code as u8 });
        output::complain(&value.to_string());
    } else {
        output::complain(&format!("error: {message}"));
    }
    code
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;
    use talea_types::{Hash, TransactionId};

    use super::*;

    #[test]
    fn an_error_keeps_its_code_under_what_was_being_done() {
        let uncertain = ClientError::Uncertain {
            id: TransactionId::new(Hash::ZERO),
            last: String::new(),
        };
        let result: Result<(), _> = Err(uncertain);
        let error = result.context("paying").unwrap_err();
        assert_eq!(Code::of_error(&error), Code::Uncertain);
        assert_eq!(Code::of_error(&anyhow::anyhow!("a file")), Code::Error);
    }
}
