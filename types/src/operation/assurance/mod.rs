//! Operations about who knows what about whom.

mod data;
mod envelopes;
mod legal_holds;

pub use data::{
    AccessEntry, AccessLog, CredentialAttest, CredentialRevoke, DataFields, DataGrant,
    DataGrantRevoke, DataPurpose,
};
pub(crate) use envelopes::recipients;
pub use envelopes::{EnvelopePut, Erasable, ErasureTombstone};
pub use legal_holds::{LegalHoldLift, LegalHoldPlace};

use crate::{decode::DecodeError, wire::operation::Kind};

/// One operation of the group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssuranceOperation {
    /// A KYC provider attests an identity.
    CredentialAttest(CredentialAttest),
    /// A KYC provider takes back what it attested.
    CredentialRevoke(CredentialRevoke),
    /// The holder of an account lets an organisation read.
    DataGrant(DataGrant),
    /// The holder of an account takes that back.
    DataGrantRevoke(DataGrantRevoke),
    /// Records that somebody read.
    AccessLog(AccessLog),
    /// Commits to an encrypted envelope.
    EnvelopePut(EnvelopePut),
    /// Says that a salt or a ciphertext was deleted.
    ErasureTombstone(ErasureTombstone),
    /// Forbids erasure.
    LegalHoldPlace(LegalHoldPlace),
    /// No longer forbids it.
    LegalHoldLift(LegalHoldLift),
}

impl AssuranceOperation {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::CredentialAttest(_) => "CredentialAttest",
            Self::CredentialRevoke(_) => "CredentialRevoke",
            Self::DataGrant(_) => "DataGrant",
            Self::DataGrantRevoke(_) => "DataGrantRevoke",
            Self::AccessLog(_) => "AccessLog",
            Self::EnvelopePut(_) => "EnvelopePut",
            Self::ErasureTombstone(_) => "ErasureTombstone",
            Self::LegalHoldPlace(_) => "LegalHoldPlace",
            Self::LegalHoldLift(_) => "LegalHoldLift",
        }
    }

    pub(super) fn to_wire(&self) -> Kind {
        match self {
            Self::CredentialAttest(one) => Kind::CredentialAttest(one.to_wire()),
            Self::CredentialRevoke(one) => Kind::CredentialRevoke(one.to_wire()),
            Self::DataGrant(one) => Kind::DataGrant(one.to_wire()),
            Self::DataGrantRevoke(one) => Kind::DataGrantRevoke(one.to_wire()),
            Self::AccessLog(one) => Kind::AccessLog(one.to_wire()),
            Self::EnvelopePut(one) => Kind::EnvelopePut(one.to_wire()),
            Self::ErasureTombstone(one) => Kind::ErasureTombstone(one.to_wire()),
            Self::LegalHoldPlace(one) => Kind::LegalHoldPlace(one.to_wire()),
            Self::LegalHoldLift(one) => Kind::LegalHoldLift(one.to_wire()),
        }
    }

    /// `None` for a kind of another group.
    pub(super) fn from_wire(kind: &Kind) -> Result<Option<Self>, DecodeError> {
        Ok(Some(match kind {
            Kind::CredentialAttest(one) => {
                Self::CredentialAttest(CredentialAttest::from_wire(one)?)
            }
            Kind::CredentialRevoke(one) => {
                Self::CredentialRevoke(CredentialRevoke::from_wire(one)?)
            }
            Kind::DataGrant(one) => Self::DataGrant(DataGrant::from_wire(one)?),
            Kind::DataGrantRevoke(one) => Self::DataGrantRevoke(DataGrantRevoke::from_wire(one)?),
            Kind::AccessLog(one) => Self::AccessLog(AccessLog::from_wire(one)?),
            Kind::EnvelopePut(one) => Self::EnvelopePut(EnvelopePut::from_wire(one)?),
            Kind::ErasureTombstone(one) => {
                Self::ErasureTombstone(ErasureTombstone::from_wire(one)?)
            }
            Kind::LegalHoldPlace(one) => Self::LegalHoldPlace(LegalHoldPlace::from_wire(one)?),
            Kind::LegalHoldLift(one) => Self::LegalHoldLift(LegalHoldLift::from_wire(one)?),
            _ => return Ok(None),
        }))
    }
}
