//! The state from a checkpoint.

use bytes::Bytes;
use talea_types::{
    AccountId, AgreementId, Asset, DecodeError, HoldId, LoanId, ParticipantId, ProductId,
    ProposalId, RulePackId, StateKey,
    conduct::ContactTallies,
    state::{
        Account, Agreement, AssetTotals, Case, Complaint, Credential, DataGranted, Debtor,
        Envelope, Governance, Hold, InquiryRight, LedgerClock, LegalHolds, Loan, LoggedRead,
        Network, Participant, PaymentPromise, Permit, Position, Product, Proposal, RefundRight,
        RulePackRecord, Tombstone, ValidatorSchedule, value_hash,
    },
};

use crate::{
    Ledger,
    money::{ConservationError, verify_state},
    state::{Assurance, Collections, Expiring, ExpiryQueue, RightId, RuleBook, State, Table},
    tree::{LeafChange, Tree},
};

/// Why objects are not a state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// A key that names nothing.
    #[error("a state key is malformed: {reason}")]
    Key {
        /// What is wrong.
        reason: DecodeError,
    },
    /// An object that cannot be read.
    #[error("the object {key:?} cannot be read: {reason}")]
    Object {
        /// Its key.
        key: StateKey,
        /// What is wrong.
        reason: DecodeError,
    },
    /// An object is there twice.
    #[error("the object {key:?} is there twice")]
    Repeated {
        /// Its key.
        key: StateKey,
    },
    /// An object without which there is no state.
    #[error("the object {key:?} is missing")]
    Missing {
        /// Its key.
        key: StateKey,
    },
    /// A rule pack in force whose document is not a pack.
    #[error("a rule pack in force cannot be read")]
    RulePack,
    /// Objects that contradict each other.
    #[error("the state contradicts itself: {0}")]
    Conservation(#[from] ConservationError),
}

#[derive(Default)]
struct Collected {
    accounts: Table<AccountId, Account>,
    participants: Table<ParticipantId, Participant>,
    holds: Table<HoldId, Hold>,
    refund_rights: Table<RightId, RefundRight>,
    positions: Table<(ParticipantId, Asset), Position>,
    assets: Table<Asset, AssetTotals>,
    assurance: Assurance,
    collections: Collections,
    products: Table<ProductId, Product>,
    agreements: Table<AgreementId, Agreement>,
    loans: Table<LoanId, Loan>,
    inquiry_rights: Table<(AccountId, ParticipantId), InquiryRight>,
    debtors: Table<AccountId, Debtor>,
    network: Option<Network>,
    clock: Option<LedgerClock>,
    validators: Option<ValidatorSchedule>,
    proposals: Table<ProposalId, Proposal>,
    governance: Option<Governance>,
    rule_packs: Table<RulePackId, RulePackRecord>,
    leaves: Vec<LeafChange>,
}

impl Ledger {
    /// The state that these objects are, each with its key's and its own canonical bytes, in any order.
    /// The caller compares [`Ledger::state_root`] with a certified header: only then is it the
    /// network's.
    ///
    /// # Errors
    /// [`RestoreError`] with the first thing that is wrong.
    pub fn restore<K: AsRef<[u8]>>(
        objects: impl IntoIterator<Item = (K, Bytes)>,
    ) -> Result<Self, RestoreError> {
        let mut collected = Collected::default();
        for (key, value) in objects {
            let key = StateKey::from_bytes(key.as_ref())
                .map_err(|reason| RestoreError::Key { reason })?;
            let is_new = collected
                .insert(key, &value)
                .map_err(|reason| RestoreError::Object { key, reason })?;
            if !is_new {
                return Err(RestoreError::Repeated { key });
            }
            collected.leaves.push(LeafChange {
                path: key.path(),
                value_hash: Some(value_hash(&value)),
            });
        }
        collected.finish()
    }
}

impl Collected {
    /// Whether it was not there yet.
    fn insert(&mut self, key: StateKey, value: &Bytes) -> Result<bool, DecodeError> {
        Ok(match key {
            StateKey::Account(id) => self.accounts.insert(id, Account::decode(value)?),
            StateKey::Participant(id) => {
                let participant = Participant::decode(value)?;
                self.participants.insert(id, participant)
            }
            StateKey::Hold(id) => self.holds.insert(id, Hold::decode(value)?),
            StateKey::RefundRight(id, leg) => {
                let right = RefundRight::decode(value)?;
                self.refund_rights.insert((id, leg), right)
            }
            StateKey::Position(id, asset) => {
                let position = Position::decode(value)?;
                self.positions.insert((id, asset), position)
            }
            StateKey::Asset(asset) => {
                let totals = AssetTotals::decode(value)?;
                self.assets.insert(asset, totals)
            }
            StateKey::Credential(id, by) => {
                let credential = Credential::decode(value)?;
                self.assurance.credentials.insert((id, by), credential)
            }
            StateKey::DataGrant(id, to) => {
                let grant = DataGranted::decode(value)?;
                self.assurance.grants.insert((id, to), grant)
            }
            StateKey::Envelope(hash) => {
                let envelope = Envelope::decode(value)?;
                self.assurance.envelopes.insert(hash, envelope)
            }
            StateKey::Tombstone(id, hash) => {
                let tombstone = Tombstone::decode(value)?;
                self.assurance.tombstones.insert((id, hash), tombstone)
            }
            StateKey::LegalHolds(id) => {
                let holds = LegalHolds::decode(value)?;
                self.assurance.legal_holds.insert(id, holds)
            }
            StateKey::LoggedRead(subject, reader) => {
                let read = LoggedRead::decode(value)?;
                self.assurance.logged_reads.insert((subject, reader), read)
            }
            StateKey::Product(id) => self.products.insert(id, Product::decode(value)?),
            StateKey::Agreement(id) => self.agreements.insert(id, Agreement::decode(value)?),
            StateKey::Loan(id) => self.loans.insert(id, Loan::decode(value)?),
            StateKey::InquiryRight(borrower, lender) => {
                let right = InquiryRight::decode(value)?;
                self.inquiry_rights.insert((borrower, lender), right)
            }
            StateKey::Debtor(id) => self.debtors.insert(id, Debtor::decode(value)?),
            StateKey::Case(id) => self.collections.cases.insert(id, Case::decode(value)?),
            StateKey::Permit(id) => {
                let permit = Permit::decode(value)?;
                self.collections.permits.insert(id, permit)
            }
            StateKey::Tally(key) => {
                let tallies = ContactTallies::decode(value)?;
                self.collections.tallies.insert(key, tallies)
            }
            StateKey::Complaint(id, number) => {
                let complaint = Complaint::decode(value)?;
                self.collections.complaints.insert((id, number), complaint)
            }
            StateKey::Promise(id) => {
                let promise = PaymentPromise::decode(value)?;
                self.collections.promises.insert(id, promise)
            }
            StateKey::Network => self.network.replace(Network::decode(value)?).is_none(),
            StateKey::Clock => self.clock.replace(LedgerClock::decode(value)?).is_none(),
            StateKey::Validators => {
                let schedule = ValidatorSchedule::decode(value)?;
                self.validators.replace(schedule).is_none()
            }
            StateKey::Proposal(id) => self.proposals.insert(id, Proposal::decode(value)?),
            StateKey::Governance => {
                let governance = Governance::decode(value)?;
                self.governance.replace(governance).is_none()
            }
            StateKey::RulePack(id) => {
                let pack = RulePackRecord::decode(value)?;
                self.rule_packs.insert(id, pack)
            }
        })
    }

    fn finish(mut self) -> Result<Ledger, RestoreError> {
        let missing = |key| RestoreError::Missing { key };
        let mut expiries = ExpiryQueue::default();
        for (id, hold) in self.holds.iter() {
            expiries.insert(hold.expires_at, Expiring::Hold(*id));
        }
        for (id, right) in self.refund_rights.iter() {
            expiries.insert(right.expires_at, Expiring::RefundRight(*id));
        }
        let rule_book = RuleBook::of(self.rule_packs.iter()).ok_or(RestoreError::RulePack)?;
        self.collections.queue(&mut expiries);
        let state = State {
            accounts: self.accounts,
            participants: self.participants,
            holds: self.holds,
            refund_rights: self.refund_rights,
            positions: self.positions,
            assets: self.assets,
            assurance: self.assurance,
            collections: self.collections,
            products: self.products,
            agreements: self.agreements,
            loans: self.loans,
            inquiry_rights: self.inquiry_rights,
            debtors: self.debtors,
            network: self.network.ok_or_else(|| missing(StateKey::Network))?,
            clock: self.clock.ok_or_else(|| missing(StateKey::Clock))?,
            validators: self
                .validators
                .ok_or_else(|| missing(StateKey::Validators))?,
            proposals: self.proposals,
            governance: self
                .governance
                .ok_or_else(|| missing(StateKey::Governance))?,
            rule_packs: self.rule_packs,
            rule_book,
            expiries,
        };
        verify_state(&state)?;
        self.leaves.sort_unstable_by_key(|leaf| leaf.path);
        let tree = Tree::of(&self.leaves);
        Ok(Ledger { state, tree })
    }
}

/// The tree of a state, from all its objects.
pub(crate) fn tree_of(state: &State) -> Tree {
    let leaf = |key: StateKey| {
        Some(LeafChange {
            path: key.path(),
            value_hash: Some(value_hash(&state.encoded(&key)?)),
        })
    };
    let mut leaves: Vec<LeafChange> = state.keys().filter_map(leaf).collect();
    leaves.sort_unstable_by_key(|leaf| leaf.path);
    Tree::of(&leaves)
}
