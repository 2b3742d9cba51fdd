//! Ids. Sixteen-byte ids have a text form with a checksum (Bech32m, BIP 350), so that a mistyped
//! account is refused before anything is signed; hashes are plain hexadecimal.

use std::{fmt, str::FromStr};

use bech32::{Bech32m, Hrp, primitives::decode::CheckedHrpstring};
use bytes::Bytes;

use crate::{
    crypto::PublicKey,
    decode::{DecodeError, array},
    hash::{Hash, tagged},
};

/// Text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not {kind}: it should start with '{prefix}1' and its checksum must match")]
pub struct ParseIdError {
    text: String,
    kind: &'static str,
    prefix: &'static str,
}

macro_rules! serde_as_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

macro_rules! short_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The id with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Its bytes as a wire field.
            #[must_use]
            pub fn to_wire(&self) -> Bytes {
                Bytes::copy_from_slice(&self.0)
            }

            /// Reads a wire field.
            ///
            /// # Errors
            /// [`DecodeError::Length`] unless it has 16 bytes.
            pub fn from_wire(field: &'static str, bytes: &[u8]) -> Result<Self, DecodeError> {
                array(field, bytes).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let hrp = Hrp::parse_unchecked($prefix);
                let text = bech32::encode::<Bech32m>(hrp, &self.0).map_err(|_| fmt::Error)?;
                f.write_str(&text)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let refuse = || ParseIdError { text: text.to_owned(), kind: $kind, prefix: $prefix };
                let checked = CheckedHrpstring::new::<Bech32m>(text).map_err(|_| refuse())?;
                if checked.hrp().as_str() != $prefix {
                    return Err(refuse());
                }
                let bytes: Vec<u8> = checked.byte_iter().collect();
                <[u8; 16]>::try_from(bytes).map(Self).map_err(|_| refuse())
            }
        }

        serde_as_text!($name);
    };
}

macro_rules! hash_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Hash);

        impl $name {
            /// The id with this hash.
            #[must_use]
            pub const fn new(hash: Hash) -> Self {
                Self(hash)
            }

            /// As a hash.
            #[must_use]
            pub const fn hash(&self) -> Hash {
                self.0
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                self.0.as_bytes()
            }

            /// Its bytes as a wire field.
            #[must_use]
            pub fn to_wire(&self) -> Bytes {
                Bytes::copy_from_slice(self.as_bytes())
            }

            /// Reads a wire field.
            ///
            /// # Errors
            /// [`DecodeError::Length`] unless it has 32 bytes.
            pub fn from_wire(field: &'static str, bytes: &[u8]) -> Result<Self, DecodeError> {
                array(field, bytes).map(|bytes| Self(Hash(bytes)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = crate::crypto::HexError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        serde_as_text!($name);
    };
}

short_id!(
    /// An account of a wallet user, a merchant or a participant.
    AccountId, "acct", "an account"
);
short_id!(
    /// An organisation: operator, bank, agency, regulator.
    ParticipantId, "org", "a participant"
);
short_id!(
    /// An amount reserved on an account.
    HoldId, "hold", "a hold"
);
short_id!(
    /// A proposal of a change that concerns the whole network.
    ProposalId, "prop", "a proposal"
);
short_id!(
    /// A validator, named by its voting key.
    ValidatorId, "val", "a validator"
);

short_id!(
    /// A loan.
    LoanId, "loan", "a loan"
);
short_id!(
    /// A case: debts of one person that somebody collects.
    CaseId, "case", "a case"
);
short_id!(
    /// The published terms of a kind of loan.
    ProductId, "product", "a product"
);
short_id!(
    /// An agreement of those who fund loans together.
    AgreementId, "agreement", "an agreement"
);
short_id!(
    /// The permission for one contact with a debtor.
    PermitId, "permit", "a permit"
);

hash_id!(
    /// A network: the hash of its genesis document.
    ChainId
);
hash_id!(
    /// A transaction: the hash of the bytes that were signed. Known before it is sent; does not cover
    /// the signatures.
    TransactionId
);
hash_id!(
    /// A batch: the hash of its bytes.
    BatchDigest
);
hash_id!(
    /// A block: the hash of its header.
    BlockHash
);

fn short(hash: Hash) -> [u8; 16] {
    let [
        a0,
        a1,
        a2,
        a3,
        a4,
        a5,
        a6,
        a7,
        a8,
        a9,
        a10,
        a11,
        a12,
        a13,
        a14,
        a15,
        ..,
    ] = hash.0;
    [
        a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15,
    ]
}

impl ParticipantId {
    /// The id of the organisation with this Legal Entity Identifier (ISO 17442, 20 characters).
    #[must_use]
    pub fn from_lei(lei: &str) -> Self {
        Self(short(tagged("talea/participant/v1", &[lei.as_bytes()])))
    }
}

impl AccountId {
    /// The id of the account that a transaction opens: known to the wallet before it is sent.
    #[must_use]
    pub fn opened_by(transaction: TransactionId) -> Self {
        Self(short(tagged("talea/account/v1", &[transaction.as_bytes()])))
    }
}

macro_rules! made_by_leg {
    ($name:ident, $made:ident, $tag:literal, $what:literal) => {
        impl $name {
            #[doc = concat!("The id of the ", $what, " of leg `leg` of a transaction (0 outside an atomic batch).")]
            #[must_use]
            pub fn $made(transaction: TransactionId, leg: u32) -> Self {
                let parts: [&[u8]; 2] = [transaction.as_bytes(), &leg.to_be_bytes()];
                Self(short(tagged($tag, &parts)))
            }
        }
    };
}

impl ProposalId {
    /// The id of the proposal that a transaction makes.
    #[must_use]
    pub fn made_by(transaction: TransactionId) -> Self {
        Self(short(tagged(
            "talea/proposal/v1",
            &[transaction.as_bytes()],
        )))
    }
}
made_by_leg!(HoldId, placed_by, "talea/hold/v1", "hold");
made_by_leg!(LoanId, originated_by, "talea/loan/v1", "loan");
made_by_leg!(CaseId, placed_by, "talea/case/v1", "case");
made_by_leg!(ProductId, published_by, "talea/product/v1", "product");
made_by_leg!(
    AgreementId,
    registered_by,
    "talea/agreement/v1",
    "agreement"
);
made_by_leg!(PermitId, granted_by, "talea/permit/v1", "permit");

impl ValidatorId {
    /// The id of the validator that votes with this key.
    #[must_use]
    pub fn from_voting_key(key: &PublicKey) -> Self {
        Self(short(tagged("talea/validator/v1", &[key.as_bytes()])))
    }
}
