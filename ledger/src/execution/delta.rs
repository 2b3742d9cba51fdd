//! What a block changed, as bytes: for storage, for checkpoints, and for the tree.

use bytes::Bytes;
use talea_types::{
    Hash, StateKey,
    conduct::ContactTallies,
    state::{
        Account, Agreement, AssetTotals, Case, Complaint, Credential, DataGranted, Debtor,
        Envelope, Governance, Hold, InquiryRight, LedgerClock, LegalHolds, Loan, LoggedRead,
        Network, Participant, PaymentPromise, Permit, Position, Product, Proposal, RefundRight,
        RulePackRecord, Tombstone, ValidatorSchedule, value_hash,
    },
};

use crate::{state::Changes, tree::LeafChange};

/// The objects that a block set or removed, ascending by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// Strictly ascending by key.
    pub entries: Vec<DeltaEntry>,
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeltaEntry {
    /// Its name.
    pub key: StateKey,
    /// Where its leaf stands in the state tree.
    pub path: Hash,
    /// Its canonical bytes, a part of one buffer for the block; `None` when it was removed.
    pub value: Option<Bytes>,
}

impl Delta {
    /// The delta, and the leaves that it changes, ascending by path as the tree wants them.
    pub(crate) fn of(changes: &Changes) -> (Self, Vec<LeafChange>) {
        let mut encoder = Encoder::with_room_for(changes.accounts.len());
        for (id, account) in changes.accounts.iter() {
            encoder.push(StateKey::Account(*id), account, Account::encode_into);
        }
        for (id, participant) in changes.participants.iter() {
            let key = StateKey::Participant(*id);
            encoder.push(key, participant, Participant::encode_into);
        }
        for (id, hold) in changes.holds.iter() {
            encoder.push(StateKey::Hold(*id), hold, Hold::encode_into);
        }
        for ((id, leg), right) in changes.refund_rights.iter() {
            let key = StateKey::RefundRight(*id, *leg);
            encoder.push(key, right, RefundRight::encode_into);
        }
        for ((id, asset), position) in changes.positions.iter() {
            let key = StateKey::Position(*id, *asset);
            encoder.push(key, position, Position::encode_into);
        }
        for (asset, totals) in changes.assets.iter() {
            encoder.push(StateKey::Asset(*asset), totals, AssetTotals::encode_into);
        }
        if let Some(network) = &changes.network {
            encoder.push(StateKey::Network, Some(network), Network::encode_into);
        }
        let clock = Some(&changes.clock);
        encoder.push(StateKey::Clock, clock, LedgerClock::encode_into);
        if let Some(validators) = &changes.validators {
            let encode = ValidatorSchedule::encode_into;
            encoder.push(StateKey::Validators, Some(validators), encode);
        }
        for (id, proposal) in changes.proposals.iter() {
            encoder.push(StateKey::Proposal(*id), proposal, Proposal::encode_into);
        }
        if let Some(governance) = &changes.governance {
            encoder.push(
                StateKey::Governance,
                Some(governance),
                Governance::encode_into,
            );
        }
        for (id, pack) in changes.rule_packs.iter() {
            encoder.push(StateKey::RulePack(*id), pack, RulePackRecord::encode_into);
        }
        let assurance = &changes.assurance;
        for ((id, by), credential) in assurance.credentials.iter() {
            let key = StateKey::Credential(*id, *by);
            encoder.push(key, credential, Credential::encode_into);
        }
        for ((id, to), grant) in assurance.grants.iter() {
            encoder.push(
                StateKey::DataGrant(*id, *to),
                grant,
                DataGranted::encode_into,
            );
        }
        for (hash, envelope) in assurance.envelopes.iter() {
            encoder.push(StateKey::Envelope(*hash), envelope, Envelope::encode_into);
        }
        for ((id, hash), tombstone) in assurance.tombstones.iter() {
            let key = StateKey::Tombstone(*id, *hash);
            encoder.push(key, tombstone, Tombstone::encode_into);
        }
        for (id, holds) in assurance.legal_holds.iter() {
            encoder.push(StateKey::LegalHolds(*id), holds, LegalHolds::encode_into);
        }
        for ((subject, reader), read) in assurance.logged_reads.iter() {
            let key = StateKey::LoggedRead(*subject, *reader);
            encoder.push(key, read, LoggedRead::encode_into);
        }
        for (id, product) in changes.products.iter() {
            encoder.push(StateKey::Product(*id), product, Product::encode_into);
        }
        for (id, agreement) in changes.agreements.iter() {
            encoder.push(StateKey::Agreement(*id), agreement, Agreement::encode_into);
        }
        for (id, loan) in changes.loans.iter() {
            encoder.push(StateKey::Loan(*id), loan, Loan::encode_into);
        }
        for ((borrower, lender), right) in changes.inquiry_rights.iter() {
            let key = StateKey::InquiryRight(*borrower, *lender);
            encoder.push(key, right, InquiryRight::encode_into);
        }
        for (id, debtor) in changes.debtors.iter() {
            encoder.push(StateKey::Debtor(*id), debtor, Debtor::encode_into);
        }
        let collections = &changes.collections;
        for (id, case) in collections.cases.iter() {
            encoder.push(StateKey::Case(*id), case, Case::encode_into);
        }
        for (id, permit) in collections.permits.iter() {
            encoder.push(StateKey::Permit(*id), permit, Permit::encode_into);
        }
        for (key, tallies) in collections.tallies.iter() {
            encoder.push(StateKey::Tally(*key), tallies, ContactTallies::encode_into);
        }
        for ((id, number), complaint) in collections.complaints.iter() {
            let key = StateKey::Complaint(*id, *number);
            encoder.push(key, complaint, Complaint::encode_into);
        }
        for (id, promise) in collections.promises.iter() {
            encoder.push(StateKey::Promise(*id), promise, PaymentPromise::encode_into);
        }
        encoder.finish()
    }
}

/// Bytes of an account with one key and one balance.
const TYPICAL_BYTES: usize = 224;

/// Encodes objects one after the other into one buffer.
struct Encoder {
    buffer: Vec<u8>,
    entries: Vec<DeltaEntry>,
    /// Where each entry's bytes end.
    ends: Vec<usize>,
    leaves: Vec<LeafChange>,
}

impl Encoder {
    fn with_room_for(accounts: usize) -> Self {
        let objects = accounts.saturating_add(64);
        Self {
            buffer: Vec::with_capacity(objects.saturating_mul(TYPICAL_BYTES)),
            entries: Vec::with_capacity(objects),
            ends: Vec::with_capacity(objects),
            leaves: Vec::with_capacity(objects),
        }
    }

    fn push<T>(&mut self, key: StateKey, object: Option<&T>, encode: impl Fn(&T, &mut Vec<u8>)) {
        let start = self.buffer.len();
        if let Some(object) = object {
            encode(object, &mut self.buffer);
        }
        let bytes = self.buffer.get(start..).unwrap_or_default();
        let path = key.path();
        self.leaves.push(LeafChange {
            path,
            value_hash: object.map(|_| value_hash(bytes)),
        });
        self.ends.push(self.buffer.len());
        self.entries.push(DeltaEntry {
            key,
            path,
            value: object.map(|_| Bytes::new()),
        });
    }

    fn finish(mut self) -> (Delta, Vec<LeafChange>) {
        let buffer = Bytes::from(self.buffer);
        let mut start = 0;
        for (entry, end) in self.entries.iter_mut().zip(self.ends) {
            if let Some(value) = &mut entry.value {
                *value = buffer.slice(start..end);
            }
            start = end;
        }
        self.leaves.sort_unstable_by_key(|leaf| leaf.path);
        let delta = Delta {
            entries: self.entries,
        };
        (delta, self.leaves)
    }
}
