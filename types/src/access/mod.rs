//! Who may read what: a matrix kept as data (`matrix.txt`), default deny. Pure: whoever serves records
//! finds out who asks and in which relations it stands to the record, and asks [`may_read`].

mod matrix;
mod token;

pub use matrix::{AccessMatrix, MatrixError};
pub use token::{ReaderStatement, ReaderToken, TokenError};

use crate::{
    conduct::TallyKey,
    state::{Role, StateKey},
    subject::Subject,
};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader<'a> {
    /// Somebody who has not shown a key.
    Anybody,
    /// Somebody with the keys of an account.
    Account,
    /// Somebody with the keys of an organisation that is not suspended, with its roles.
    Participant(&'a [Role]),
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All, in the order of the matrix.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its word in the matrix.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

words!(
    /// Kinds of records.
    RecordKind {
        /// What holds for the whole network: terms, clock, validators, totals, proposals, rule packs.
        Terms "terms",
        /// Headers, certificates and proofs.
        Block "block",
        /// An organisation.
        Participant "participant",
        /// The history of an organisation: what it did, contacts with debtors among it.
        Conduct "conduct",
        /// Reserve and liabilities of a bank.
        Position "position",
        /// An account and its history.
        Account "account",
        /// A hold or a right to refund.
        Payment "payment",
        /// An attested identity.
        Credential "credential",
        /// A permission to read.
        Grant "grant",
        /// An envelope or a tombstone.
        Envelope "envelope",
        /// Legal holds.
        LegalHold "legal_hold",
        /// A debtor and its history.
        Debtor "debtor",
        /// A loan and its history.
        Loan "loan",
        /// A case and its history.
        Case "case",
        /// Everybody's transactions of a block and their results.
        Body "body",
    }
);

words!(
    /// How who asks stands to a record.
    Relation {
        /// It is about the reader's account.
        Holder "holder",
        /// The reader's account is the other side of a payment.
        Counterparty "counterparty",
        /// The reader sponsors the account.
        Sponsor "sponsor",
        /// It is the reader's own.
        Itself "itself",
        /// The reader attested it.
        Provider "provider",
        /// A grant of the account to the reader is in force.
        Grantee "grantee",
        /// The reader funds the loan.
        Lender "lender",
        /// The case is placed with the reader.
        Agency "agency",
        /// The reader runs a validator, and so does the organisation whose conduct it is.
        Validator "validator",
    }
);

impl RecordKind {
    /// Whether an organisation that reads it has to record that first.
    #[must_use]
    pub const fn is_logged(self) -> bool {
        match self {
            Self::Debtor | Self::Loan | Self::Case => true,
            Self::Terms
            | Self::Block
            | Self::Participant
            | Self::Conduct
            | Self::Position
            | Self::Account
            | Self::Payment
            | Self::Credential
            | Self::Grant
            | Self::Envelope
            | Self::LegalHold
            | Self::Body => false,
        }
    }

    /// Of the history of a subject.
    #[must_use]
    pub const fn of_subject(subject: &Subject) -> Self {
        match subject {
            Subject::Account(_) => Self::Account,
            Subject::Participant(_) => Self::Conduct,
            Subject::Debtor(_) => Self::Debtor,
            Subject::Loan(_) => Self::Loan,
            Subject::Case(_) => Self::Case,
        }
    }

    /// Of a state object.
    #[must_use]
    pub const fn of_object(key: &StateKey) -> Self {
        match key {
            StateKey::Account(_) => Self::Account,
            StateKey::Participant(_) => Self::Participant,
            StateKey::Hold(_) | StateKey::RefundRight(..) => Self::Payment,
            StateKey::Position(..) => Self::Position,
            StateKey::Asset(_)
            | StateKey::Network
            | StateKey::Clock
            | StateKey::Validators
            | StateKey::Proposal(_)
            | StateKey::Governance
            | StateKey::RulePack(_)
            | StateKey::Product(_) => Self::Terms,
            StateKey::Credential(..) => Self::Credential,
            StateKey::DataGrant(..) => Self::Grant,
            StateKey::Envelope(_) | StateKey::Tombstone(..) => Self::Envelope,
            StateKey::LegalHolds(_) => Self::LegalHold,
            StateKey::LoggedRead(subject, _) => Self::of_subject(subject),
            StateKey::Agreement(_)
            | StateKey::Loan(_)
            | StateKey::Tally(TallyKey::Debt(_))
            | StateKey::Promise(_) => Self::Loan,
            StateKey::Debtor(_)
            | StateKey::InquiryRight(..)
            | StateKey::Tally(TallyKey::ContactPoint(_))
            | StateKey::Complaint(..) => Self::Debtor,
            StateKey::Case(_) | StateKey::Permit(_) => Self::Case,
        }
    }
}

/// Whether a record may be read, by the matrix that comes with this software.
#[must_use]
pub fn may_read(reader: Reader<'_>, record: RecordKind, relations: &[Relation]) -> bool {
    AccessMatrix::published().may_read(reader, record, relations)
}
