//! Whom an event is about and who authors a transaction.

use std::fmt;

use crate::{
    decode::{DecodeError, array},
    ids::{AccountId, CaseId, LoanId, ParticipantId},
};

/// Who or what has a history of its own. Only accounts and organisations author transactions.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// An account.
    Account(AccountId),
    /// An organisation.
    Participant(ParticipantId),
    /// The holder of a wallet account as a debtor. The id is the account's, the history is another: who
    /// may read one may not read the other.
    Debtor(AccountId),
    /// A loan.
    Loan(LoanId),
    /// A case.
    Case(CaseId),
}

impl Subject {
    /// Kind and id: no two subjects have the same.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 17] {
        let (kind, id) = match self {
            Self::Account(id) => (1, id.as_bytes()),
            Self::Participant(id) => (2, id.as_bytes()),
            Self::Debtor(id) => (7, id.as_bytes()),
            Self::Loan(id) => (8, id.as_bytes()),
            Self::Case(id) => (9, id.as_bytes()),
        };
        let mut bytes = [kind; 17];
        for (slot, byte) in bytes.iter_mut().skip(1).zip(id) {
            *slot = *byte;
        }
        bytes
    }

    /// Reads kind and id.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field when they name nobody.
    pub fn from_bytes(field: &'static str, bytes: &[u8]) -> Result<Self, DecodeError> {
        let bytes: [u8; 17] = array(field, bytes)?;
        let [kind, id @ ..] = bytes;
        match kind {
            1 => Ok(Self::Account(AccountId::from_bytes(id))),
            2 => Ok(Self::Participant(ParticipantId::from_bytes(id))),
            7 => Ok(Self::Debtor(AccountId::from_bytes(id))),
            8 => Ok(Self::Loan(LoanId::from_bytes(id))),
            9 => Ok(Self::Case(CaseId::from_bytes(id))),
            _ => Err(DecodeError::Range {
                field,
                reason: "no subject has this kind",
            }),
        }
    }
}

/// What stands before the account of a debtor in text.
const DEBTOR: &str = "debtor:";

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => id.fmt(f),
            Self::Participant(id) => id.fmt(f),
            Self::Debtor(id) => write!(f, "{DEBTOR}{id}"),
            Self::Loan(id) => id.fmt(f),
            Self::Case(id) => id.fmt(f),
        }
    }
}

impl std::str::FromStr for Subject {
    type Err = crate::ids::ParseIdError;

    /// Reads any text form; the error is that of an account.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(account) = text.strip_prefix(DEBTOR) {
            return account.parse().map(Self::Debtor);
        }
        text.parse()
            .map(Self::Participant)
            .or_else(|_| text.parse().map(Self::Loan))
            .or_else(|_| text.parse().map(Self::Case))
            .or_else(|_| text.parse().map(Self::Account))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_and_is_another() {
        let subjects = [
            Subject::Account(AccountId::from_bytes([1; 16])),
            Subject::Participant(ParticipantId::from_bytes([1; 16])),
            Subject::Debtor(AccountId::from_bytes([1; 16])),
            Subject::Loan(LoanId::from_bytes([1; 16])),
            Subject::Case(CaseId::from_bytes([1; 16])),
        ];
        for (place, subject) in subjects.iter().enumerate() {
            assert_eq!(subject.to_string().parse(), Ok(*subject));
            assert_eq!(
                Subject::from_bytes("subject", &subject.to_bytes()),
                Ok(*subject)
            );
            for other in &subjects[..place] {
                assert_ne!(subject.to_bytes(), other.to_bytes());
            }
        }
        assert!("debtor:x".parse::<Subject>().is_err());
        assert!(Subject::from_bytes("subject", &[3; 17]).is_err());
    }
}
