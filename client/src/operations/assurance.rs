//! Who knows what about whom.

use talea_types::{
    AccountId, Hash,
    operation::{Erasable, ErasureTombstone},
};

use super::group_into_operation;

group_into_operation! {
    Assurance AssuranceOperation:
    CredentialAttest CredentialRevoke DataGrant DataGrantRevoke AccessLog EnvelopePut
    ErasureTombstone LegalHoldPlace LegalHoldLift
}

/// The salt of a commitment was deleted: nobody can say any more what it stands for.
#[must_use]
pub const fn erase_commitment(account: AccountId, commitment: Hash) -> ErasureTombstone {
    ErasureTombstone {
        account,
        erased: Erasable::Commitment(commitment),
    }
}

/// The ciphertext of an envelope was deleted.
#[must_use]
pub const fn erase_envelope(account: AccountId, ciphertext_hash: Hash) -> ErasureTombstone {
    ErasureTombstone {
        account,
        erased: Erasable::Envelope(ciphertext_hash),
    }
}
