//! The objects of the ledger's state, as the state root commits to them and as anybody can read and
//! verify them offline. How they change is the ledger's business.
//!
//! Each object has `encode` (its canonical bytes), `decode` (which refuses any other bytes), and a
//! [`StateKey`]. Its leaf in the state tree is at [`StateKey::path`] and holds [`value_hash`] of the
//! bytes.

mod account;
mod asset_totals;
mod assurance;
mod clock;
mod collections;
mod credit;
mod debtor;
mod governance;
mod hold;
mod key;
mod keys;
mod network;
mod nonce_window;
mod participant;
mod position;
mod proposal;
mod refund_right;
mod rule_pack;
mod validator_schedule;

pub use account::{Account, AccountRestriction, Balance, Spending};
pub use asset_totals::{AssetDefinition, AssetKind, AssetTotals};
pub use assurance::{
    Credential, DataGranted, Envelope, LegalHold, LegalHolds, LoggedRead, Tombstone,
};
pub use clock::LedgerClock;
pub use collections::{
    Case, CaseNotice, Complaint, ContactPoint, ContactPoints, OpenDispute, PaymentPromise, Permit,
    ProtectionEntry,
};
pub use credit::{Agreement, FeeTotal, Funder, InquiryRight, Loan, LoanStatus, Product};
pub use debtor::Debtor;
pub use governance::Governance;
pub use hold::Hold;
pub use key::{StateKey, value_hash};
pub use keys::Keys;
pub use network::{Network, Tier, TierLimit};
pub use nonce_window::{NonceRefusal, NonceWindow};
pub use participant::{Participant, Registration, Role};
pub use position::Position;
pub use proposal::{Proposal, due_height};
pub use refund_right::RefundRight;
pub use rule_pack::{RulePackRecord, RulePackStatus};
pub use validator_schedule::ValidatorSchedule;

use crate::{amount::Amount, decode::DecodeError};

/// `encode` and `decode` of a state object that has `write` and `from_wire`.
macro_rules! canonical_object {
    ($name:ident, $what:literal) => {
        impl $name {
            /// Appends its canonical bytes.
            pub fn encode_into(&self, buffer: &mut Vec<u8>) {
                self.write(&mut crate::encode::FieldWriter::new(buffer));
            }

            /// Its canonical bytes.
            #[must_use]
            pub fn encode(&self) -> Vec<u8> {
                let mut buffer = Vec::with_capacity(256);
                self.encode_into(&mut buffer);
                buffer
            }

            /// Reads canonical bytes.
            ///
            /// # Errors
            /// [`DecodeError`](crate::DecodeError): malformed, not canonical, or a field that breaks
            /// its rule.
            pub fn decode(bytes: &bytes::Bytes) -> Result<Self, crate::DecodeError> {
                Self::from_wire(&crate::wire::decode_canonical(
                    $what,
                    bytes,
                    crate::limits::STATE_OBJECT_BYTES_MAX,
                )?)
            }
        }
    };
}
pub(crate) use canonical_object;

fn amount(field: &'static str, minor_units: u64) -> Result<Amount, DecodeError> {
    Amount::new(minor_units).ok_or(DecodeError::Range {
        field,
        reason: "at most 2^63 - 1 minor units",
    })
}
