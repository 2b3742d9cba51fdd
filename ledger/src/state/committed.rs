//! The committed objects.

use talea_types::{
    AccountId, AgreementId, Asset, HoldId, LoanId, ParticipantId, ProductId, ProposalId,
    RulePackId, StateKey, TransactionId,
    conduct::ContactTallies,
    state::{
        Account, Agreement, AssetTotals, Case, Complaint, Credential, DataGranted, Debtor,
        Envelope, Governance, Hold, InquiryRight, LedgerClock, LegalHolds, Loan, LoggedRead,
        Network, Participant, PaymentPromise, Permit, Position, Product, Proposal, RefundRight,
        RulePackRecord, Tombstone, ValidatorSchedule,
    },
};

use super::{Assurance, Changes, Collections, Expiring, ExpiryQueue, RuleBook, Table};

/// The transfer, and its leg, that may be refunded.
pub(crate) type RightId = (TransactionId, u32);

/// Every object of the state. Kept true between blocks: what [`crate::money::verify_state`] checks, and
/// the expiry queue holds exactly what ends by itself of what is here.
pub(crate) struct State {
    pub(crate) accounts: Table<AccountId, Account>,
    pub(crate) participants: Table<ParticipantId, Participant>,
    pub(crate) holds: Table<HoldId, Hold>,
    pub(crate) refund_rights: Table<RightId, RefundRight>,
    pub(crate) positions: Table<(ParticipantId, Asset), Position>,
    pub(crate) assets: Table<Asset, AssetTotals>,
    pub(crate) assurance: Assurance,
    pub(crate) collections: Collections,
    pub(crate) products: Table<ProductId, Product>,
    pub(crate) agreements: Table<AgreementId, Agreement>,
    pub(crate) loans: Table<LoanId, Loan>,
    pub(crate) inquiry_rights: Table<(AccountId, ParticipantId), InquiryRight>,
    pub(crate) debtors: Table<AccountId, Debtor>,
    pub(crate) network: Network,
    pub(crate) clock: LedgerClock,
    pub(crate) validators: ValidatorSchedule,
    pub(crate) proposals: Table<ProposalId, Proposal>,
    pub(crate) governance: Governance,
    pub(crate) rule_packs: Table<RulePackId, RulePackRecord>,
    /// Derived: not under the state root.
    pub(crate) rule_book: RuleBook,
    /// Derived: not under the state root.
    pub(crate) expiries: ExpiryQueue,
}

impl State {
    /// Takes over what a block changed.
    pub(crate) fn apply(&mut self, changes: Changes) {
        for (id, hold) in changes.holds.iter() {
            if let Some(old) = self.holds.get(id) {
                self.expiries.remove(old.expires_at, Expiring::Hold(*id));
            }
            if let Some(new) = hold {
                self.expiries.insert(new.expires_at, Expiring::Hold(*id));
            }
        }
        for (id, right) in changes.refund_rights.iter() {
            let object = Expiring::RefundRight(*id);
            if let Some(old) = self.refund_rights.get(id) {
                self.expiries.remove(old.expires_at, object);
            }
            if let Some(new) = right {
                self.expiries.insert(new.expires_at, object);
            }
        }
        changes.accounts.apply_to(&mut self.accounts);
        changes.participants.apply_to(&mut self.participants);
        changes.holds.apply_to(&mut self.holds);
        changes.refund_rights.apply_to(&mut self.refund_rights);
        changes.positions.apply_to(&mut self.positions);
        changes.assets.apply_to(&mut self.assets);
        self.assurance.apply(changes.assurance);
        self.collections
            .apply(changes.collections, &mut self.expiries);
        changes.products.apply_to(&mut self.products);
        changes.agreements.apply_to(&mut self.agreements);
        changes.loans.apply_to(&mut self.loans);
        changes.inquiry_rights.apply_to(&mut self.inquiry_rights);
        changes.debtors.apply_to(&mut self.debtors);
        self.clock = changes.clock;
        if let Some(network) = changes.network {
            self.network = network;
        }
        if let Some(validators) = changes.validators {
            self.validators = validators;
        }
        changes.proposals.apply_to(&mut self.proposals);
        if let Some(governance) = changes.governance {
            self.governance = governance;
        }
        changes.rule_packs.apply_to(&mut self.rule_packs);
        self.rule_book = changes.rule_book;
    }

    /// The canonical bytes of an object.
    pub(crate) fn encoded(&self, key: &StateKey) -> Option<Vec<u8>> {
        match key {
            StateKey::Account(id) => self.accounts.get(id).map(Account::encode),
            StateKey::Participant(id) => self.participants.get(id).map(Participant::encode),
            StateKey::Hold(id) => self.holds.get(id).map(Hold::encode),
            StateKey::RefundRight(id, leg) => {
                let right = self.refund_rights.get(&(*id, *leg));
                right.map(RefundRight::encode)
            }
            StateKey::Position(id, asset) => {
                self.positions.get(&(*id, *asset)).map(Position::encode)
            }
            StateKey::Asset(asset) => self.assets.get(asset).map(AssetTotals::encode),
            StateKey::Network => Some(self.network.encode()),
            StateKey::Clock => Some(self.clock.encode()),
            StateKey::Validators => Some(self.validators.encode()),
            StateKey::Proposal(id) => self.proposals.get(id).map(Proposal::encode),
            StateKey::Governance => Some(self.governance.encode()),
            StateKey::RulePack(id) => self.rule_packs.get(id).map(RulePackRecord::encode),
            StateKey::Credential(id, by) => {
                let credential = self.assurance.credentials.get(&(*id, *by));
                credential.map(Credential::encode)
            }
            StateKey::DataGrant(id, to) => {
                let grant = self.assurance.grants.get(&(*id, *to));
                grant.map(DataGranted::encode)
            }
            StateKey::Envelope(hash) => self.assurance.envelopes.get(hash).map(Envelope::encode),
            StateKey::Tombstone(id, hash) => {
                let tombstone = self.assurance.tombstones.get(&(*id, *hash));
                tombstone.map(Tombstone::encode)
            }
            StateKey::LegalHolds(id) => {
                let holds = self.assurance.legal_holds.get(id);
                holds.map(LegalHolds::encode)
            }
            StateKey::LoggedRead(subject, reader) => {
                let read = self.assurance.logged_reads.get(&(*subject, *reader));
                read.map(LoggedRead::encode)
            }
            StateKey::Product(id) => self.products.get(id).map(Product::encode),
            StateKey::Agreement(id) => self.agreements.get(id).map(Agreement::encode),
            StateKey::Loan(id) => self.loans.get(id).map(Loan::encode),
            StateKey::InquiryRight(borrower, lender) => {
                let right = self.inquiry_rights.get(&(*borrower, *lender));
                right.map(InquiryRight::encode)
            }
            StateKey::Debtor(id) => self.debtors.get(id).map(Debtor::encode),
            StateKey::Case(id) => self.collections.cases.get(id).map(Case::encode),
            StateKey::Permit(id) => self.collections.permits.get(id).map(Permit::encode),
            StateKey::Tally(key) => {
                let tallies = self.collections.tallies.get(key);
                tallies.map(ContactTallies::encode)
            }
            StateKey::Complaint(id, number) => {
                let complaint = self.collections.complaints.get(&(*id, *number));
                complaint.map(Complaint::encode)
            }
            StateKey::Promise(id) => {
                let promise = self.collections.promises.get(id);
                promise.map(PaymentPromise::encode)
            }
        }
    }

    /// The keys of all objects, ascending.
    pub(crate) fn keys(&self) -> impl Iterator<Item = StateKey> {
        let accounts = self.accounts.keys().copied().map(StateKey::Account);
        let participants = self.participants.keys().copied().map(StateKey::Participant);
        let holds = self.holds.keys().copied().map(StateKey::Hold);
        let rights = self.refund_rights.keys().copied();
        let positions = self.positions.keys().copied();
        let inquiry_rights = self.inquiry_rights.keys().copied();
        accounts
            .chain(participants)
            .chain(holds)
            .chain(rights.map(|(id, leg)| StateKey::RefundRight(id, leg)))
            .chain(positions.map(|(id, asset)| StateKey::Position(id, asset)))
            .chain(self.assets.keys().copied().map(StateKey::Asset))
            .chain([StateKey::Network, StateKey::Clock, StateKey::Validators])
            .chain(self.proposals.keys().copied().map(StateKey::Proposal))
            .chain([StateKey::Governance])
            .chain(self.rule_packs.keys().copied().map(StateKey::RulePack))
            .chain(self.assurance.keys())
            .chain(self.products.keys().copied().map(StateKey::Product))
            .chain(self.agreements.keys().copied().map(StateKey::Agreement))
            .chain(self.loans.keys().copied().map(StateKey::Loan))
            .chain(inquiry_rights.map(|(id, lender)| StateKey::InquiryRight(id, lender)))
            .chain(self.debtors.keys().copied().map(StateKey::Debtor))
            .chain(self.collections.keys())
    }
}
