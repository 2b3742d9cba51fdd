//! What is attested, granted, sealed, erased and held.

use talea_types::{
    AccountId, Hash, ParticipantId, StateKey, Subject,
    state::{Credential, DataGranted, Envelope, LegalHolds, LoggedRead, Tombstone},
};

use super::{ObjectChanges, Table, Touched};

/// An account and an organisation.
pub(crate) type Pair = (AccountId, ParticipantId);

/// The committed objects.
#[derive(Default)]
pub(crate) struct Assurance {
    pub(crate) credentials: Table<Pair, Credential>,
    pub(crate) grants: Table<Pair, DataGranted>,
    pub(crate) envelopes: Table<Hash, Envelope>,
    pub(crate) tombstones: Table<(AccountId, Hash), Tombstone>,
    pub(crate) legal_holds: Table<AccountId, LegalHolds>,
    pub(crate) logged_reads: Table<(Subject, ParticipantId), LoggedRead>,
}

/// What a block touched of them. No leg of a batch changes them.
pub(crate) struct AssuranceTouched<'a> {
    pub(crate) credentials: Touched<'a, Pair, Credential>,
    pub(crate) grants: Touched<'a, Pair, DataGranted>,
    pub(crate) envelopes: Touched<'a, Hash, Envelope>,
    pub(crate) tombstones: Touched<'a, (AccountId, Hash), Tombstone>,
    pub(crate) legal_holds: Touched<'a, AccountId, LegalHolds>,
    pub(crate) logged_reads: Touched<'a, (Subject, ParticipantId), LoggedRead>,
}

/// What a block changed of them.
pub(crate) struct AssuranceChanges {
    pub(crate) credentials: ObjectChanges<Pair, Credential>,
    pub(crate) grants: ObjectChanges<Pair, DataGranted>,
    pub(crate) envelopes: ObjectChanges<Hash, Envelope>,
    pub(crate) tombstones: ObjectChanges<(AccountId, Hash), Tombstone>,
    pub(crate) legal_holds: ObjectChanges<AccountId, LegalHolds>,
    pub(crate) logged_reads: ObjectChanges<(Subject, ParticipantId), LoggedRead>,
}

impl Assurance {
    pub(crate) fn apply(&mut self, changes: AssuranceChanges) {
        changes.credentials.apply_to(&mut self.credentials);
        changes.grants.apply_to(&mut self.grants);
        changes.envelopes.apply_to(&mut self.envelopes);
        changes.tombstones.apply_to(&mut self.tombstones);
        changes.legal_holds.apply_to(&mut self.legal_holds);
        changes.logged_reads.apply_to(&mut self.logged_reads);
    }

    /// The keys of all objects, ascending.
    pub(crate) fn keys(&self) -> impl Iterator<Item = StateKey> {
        let credentials = self.credentials.keys();
        let grants = self.grants.keys();
        let tombstones = self.tombstones.keys();
        let reads = self.logged_reads.keys();
        credentials
            .map(|(account, by)| StateKey::Credential(*account, *by))
            .chain(grants.map(|(account, to)| StateKey::DataGrant(*account, *to)))
            .chain(self.envelopes.keys().copied().map(StateKey::Envelope))
            .chain(tombstones.map(|(account, hash)| StateKey::Tombstone(*account, *hash)))
            .chain(self.legal_holds.keys().copied().map(StateKey::LegalHolds))
            .chain(reads.map(|(subject, reader)| StateKey::LoggedRead(*subject, *reader)))
    }
}

impl<'a> AssuranceTouched<'a> {
    pub(crate) fn over(base: &'a Assurance) -> Self {
        Self {
            credentials: Touched::over(&base.credentials),
            grants: Touched::over(&base.grants),
            envelopes: Touched::over(&base.envelopes),
            tombstones: Touched::over(&base.tombstones),
            legal_holds: Touched::over(&base.legal_holds),
            logged_reads: Touched::over(&base.logged_reads),
        }
    }

    pub(crate) fn into_changes(self) -> AssuranceChanges {
        AssuranceChanges {
            credentials: self.credentials.into_changes(),
            grants: self.grants.into_changes(),
            envelopes: self.envelopes.into_changes(),
            tombstones: self.tombstones.into_changes(),
            legal_holds: self.legal_holds.into_changes(),
            logged_reads: self.logged_reads.into_changes(),
        }
    }
}
