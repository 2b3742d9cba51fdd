//! The state as a block changes it.

use talea_types::{
    AccountId, AgreementId, Asset, EventCause, EventChain, HoldId, LoanId, ParticipantId,
    ProductId, ProposalId, RulePackId, Subject, Timestamp, TransactionId, ValidatorSet,
    state::{
        Account, Agreement, AssetTotals, Debtor, Governance, Hold, InquiryRight, Keys, LedgerClock,
        Loan, Network, NonceWindow, Participant, Position, Product, Proposal, RefundRight,
        RulePackRecord, ValidatorSchedule,
    },
};

use super::{
    AssuranceChanges, AssuranceTouched, CollectionsChanges, CollectionsTouched, ObjectChanges,
    RightId, RuleBook, State, Touched,
};
use crate::events::EventLog;

/// Committed objects, what the block touched, and the events so far.
pub(crate) struct WorkingState<'a> {
    pub(crate) base: &'a State,
    /// Height of the block.
    pub(crate) height: u64,
    /// Time of the block.
    pub(crate) now: Timestamp,
    pub(crate) accounts: Touched<'a, AccountId, Account>,
    pub(crate) participants: Touched<'a, ParticipantId, Participant>,
    pub(crate) holds: Touched<'a, HoldId, Hold>,
    pub(crate) refund_rights: Touched<'a, RightId, RefundRight>,
    pub(crate) positions: Touched<'a, (ParticipantId, Asset), Position>,
    pub(crate) assets: Touched<'a, Asset, AssetTotals>,
    pub(crate) products: Touched<'a, ProductId, Product>,
    pub(crate) agreements: Touched<'a, AgreementId, Agreement>,
    pub(crate) loans: Touched<'a, LoanId, Loan>,
    pub(crate) inquiry_rights: Touched<'a, (AccountId, ParticipantId), InquiryRight>,
    pub(crate) debtors: Touched<'a, AccountId, Debtor>,
    /// No leg of a batch changes it.
    pub(crate) clock: LedgerClock,
    /// The set that decides from two heights later on; `None` while unchanged.
    pub(crate) next_validators: Option<ValidatorSet>,
    /// No leg of a batch changes them.
    pub(crate) proposals: Touched<'a, ProposalId, Proposal>,
    /// `None` while unchanged.
    pub(crate) governance: Option<Governance>,
    /// Only proposals change them.
    pub(crate) rule_packs: Touched<'a, RulePackId, RulePackRecord>,
    pub(crate) assurance: AssuranceTouched<'a>,
    pub(crate) collections: CollectionsTouched<'a>,
    /// The packs in force.
    pub(crate) rule_book: RuleBook,
    /// `None` while unchanged.
    pub(crate) network: Option<Network>,
    /// The transaction that is being executed.
    pub(crate) cause: Option<EventCause>,
    pub(crate) events: EventLog,
}

/// What a block changed.
pub(crate) struct Changes {
    pub(crate) accounts: ObjectChanges<AccountId, Account>,
    pub(crate) participants: ObjectChanges<ParticipantId, Participant>,
    pub(crate) holds: ObjectChanges<HoldId, Hold>,
    pub(crate) refund_rights: ObjectChanges<RightId, RefundRight>,
    pub(crate) positions: ObjectChanges<(ParticipantId, Asset), Position>,
    pub(crate) assets: ObjectChanges<Asset, AssetTotals>,
    pub(crate) products: ObjectChanges<ProductId, Product>,
    pub(crate) agreements: ObjectChanges<AgreementId, Agreement>,
    pub(crate) loans: ObjectChanges<LoanId, Loan>,
    pub(crate) inquiry_rights: ObjectChanges<(AccountId, ParticipantId), InquiryRight>,
    pub(crate) debtors: ObjectChanges<AccountId, Debtor>,
    pub(crate) clock: LedgerClock,
    pub(crate) validators: Option<ValidatorSchedule>,
    pub(crate) proposals: ObjectChanges<ProposalId, Proposal>,
    pub(crate) governance: Option<Governance>,
    pub(crate) rule_packs: ObjectChanges<RulePackId, RulePackRecord>,
    pub(crate) assurance: AssuranceChanges,
    pub(crate) collections: CollectionsChanges,
    pub(crate) rule_book: RuleBook,
    pub(crate) network: Option<Network>,
}

impl<'a> WorkingState<'a> {
    /// Nothing touched yet, at a height and time.
    pub(crate) fn over(base: &'a State, height: u64, now: Timestamp) -> Self {
        Self {
            base,
            height,
            now,
            accounts: Touched::over(&base.accounts),
            participants: Touched::over(&base.participants),
            holds: Touched::over(&base.holds),
            refund_rights: Touched::over(&base.refund_rights),
            positions: Touched::over(&base.positions),
            assets: Touched::over(&base.assets),
            products: Touched::over(&base.products),
            agreements: Touched::over(&base.agreements),
            loans: Touched::over(&base.loans),
            inquiry_rights: Touched::over(&base.inquiry_rights),
            debtors: Touched::over(&base.debtors),
            clock: LedgerClock {
                height,
                time: now,
                ..base.clock
            },
            next_validators: None,
            proposals: Touched::over(&base.proposals),
            governance: None,
            rule_packs: Touched::over(&base.rule_packs),
            assurance: AssuranceTouched::over(&base.assurance),
            collections: CollectionsTouched::over(&base.collections),
            rule_book: base.rule_book.clone(),
            network: None,
            cause: None,
            events: EventLog::default(),
        }
    }

    /// Makes room at once for what so many transactions touch, if they are transfers.
    pub(crate) fn expect_transactions(&mut self, count: usize) {
        let subjects = count.saturating_mul(2);
        self.accounts.reserve(subjects);
        self.events.reserve(subjects);
    }

    /// What proposals need now.
    pub(crate) fn governance(&self) -> &Governance {
        self.governance.as_ref().unwrap_or(&self.base.governance)
    }

    /// What holds for the whole network now.
    pub(crate) fn network(&self) -> &Network {
        self.network.as_ref().unwrap_or(&self.base.network)
    }

    /// The keys of a subject.
    pub(crate) fn keys(&self, subject: &Subject) -> Option<&Keys> {
        match subject {
            Subject::Account(id) => self.accounts.get(id).map(|account| &account.keys),
            Subject::Participant(id) => self.participants.get(id).map(|one| &one.keys),
            Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => None,
        }
    }

    /// The keys of a subject, to be changed.
    pub(crate) fn keys_mut(&mut self, subject: &Subject) -> Option<&mut Keys> {
        match subject {
            Subject::Account(id) => self.accounts.get_mut(id).map(|one| &mut one.keys),
            Subject::Participant(id) => self.participants.get_mut(id).map(|one| &mut one.keys),
            Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => None,
        }
    }

    /// The nonces of a subject.
    pub(crate) fn nonces(&self, subject: &Subject) -> Option<&NonceWindow> {
        match subject {
            Subject::Account(id) => self.accounts.get(id).map(|account| &account.nonces),
            Subject::Participant(id) => self.participants.get(id).map(|one| &one.nonces),
            Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => None,
        }
    }

    /// The nonces of a subject, to be changed.
    pub(crate) fn nonces_mut(&mut self, subject: &Subject) -> Option<&mut NonceWindow> {
        match subject {
            Subject::Account(id) => self.accounts.get_mut(id).map(|one| &mut one.nonces),
            Subject::Participant(id) => self.participants.get_mut(id).map(|one| &mut one.nonces),
            Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => None,
        }
    }

    /// Whether a subject has a history.
    pub(crate) fn has_subject(&self, subject: &Subject) -> bool {
        match subject {
            Subject::Account(id) => self.accounts.get(id).is_some(),
            Subject::Participant(id) => self.participants.get(id).is_some(),
            Subject::Debtor(id) => self.debtors.get(id).is_some(),
            Subject::Loan(id) => self.loans.get(id).is_some(),
            Subject::Case(id) => self.collections.cases.get(id).is_some(),
        }
    }

    /// The history of a subject, to be changed.
    pub(crate) fn events_mut(&mut self, subject: &Subject) -> Option<&mut EventChain> {
        match subject {
            Subject::Account(id) => self.accounts.get_mut(id).map(|one| &mut one.events),
            Subject::Participant(id) => self.participants.get_mut(id).map(|one| &mut one.events),
            Subject::Debtor(id) => self.debtors.get_mut(id).map(|one| &mut one.events),
            Subject::Loan(id) => self.loans.get_mut(id).map(|one| &mut one.events),
            Subject::Case(id) => {
                let case = self.collections.cases.get_mut(id);
                case.map(|one| &mut one.events)
            }
        }
    }

    /// The transaction that is being executed.
    pub(crate) fn transaction(&self) -> TransactionId {
        match &self.cause {
            Some(cause) => cause.transaction,
            None => unreachable!("an operation has its transaction"),
        }
    }

    /// From here on changes are kept or discarded together. Returns the number of events so far.
    pub(crate) fn begin_batch(&mut self) -> usize {
        self.accounts.begin_batch();
        self.participants.begin_batch();
        self.holds.begin_batch();
        self.refund_rights.begin_batch();
        self.positions.begin_batch();
        self.assets.begin_batch();
        self.products.begin_batch();
        self.agreements.begin_batch();
        self.loans.begin_batch();
        self.inquiry_rights.begin_batch();
        self.debtors.begin_batch();
        self.events.len()
    }

    pub(crate) fn keep_batch(&mut self) {
        self.accounts.keep_batch();
        self.participants.keep_batch();
        self.holds.keep_batch();
        self.refund_rights.keep_batch();
        self.positions.keep_batch();
        self.assets.keep_batch();
        self.products.keep_batch();
        self.agreements.keep_batch();
        self.loans.keep_batch();
        self.inquiry_rights.keep_batch();
        self.debtors.keep_batch();
    }

    /// Back to where the batch began, with that many events.
    pub(crate) fn discard_batch(&mut self, events: usize) {
        self.accounts.discard_batch();
        self.participants.discard_batch();
        self.holds.discard_batch();
        self.refund_rights.discard_batch();
        self.positions.discard_batch();
        self.assets.discard_batch();
        self.products.discard_batch();
        self.agreements.discard_batch();
        self.loans.discard_batch();
        self.inquiry_rights.discard_batch();
        self.debtors.discard_batch();
        self.events.truncate(events);
    }

    /// Everything that the block changed, and the events.
    pub(crate) fn finish(self) -> (Changes, EventLog) {
        let before = &self.base.validators;
        let changing = self.next_validators.is_some() || before.current != before.next;
        let validators = changing.then(|| ValidatorSchedule {
            current: before.next.clone(),
            next: self.next_validators.unwrap_or_else(|| before.next.clone()),
        });
        let changes = Changes {
            accounts: self.accounts.into_changes(),
            participants: self.participants.into_changes(),
            holds: self.holds.into_changes(),
            refund_rights: self.refund_rights.into_changes(),
            positions: self.positions.into_changes(),
            assets: self.assets.into_changes(),
            products: self.products.into_changes(),
            agreements: self.agreements.into_changes(),
            loans: self.loans.into_changes(),
            inquiry_rights: self.inquiry_rights.into_changes(),
            debtors: self.debtors.into_changes(),
            clock: self.clock,
            validators,
            proposals: self.proposals.into_changes(),
            governance: self.governance,
            rule_packs: self.rule_packs.into_changes(),
            assurance: self.assurance.into_changes(),
            collections: self.collections.into_changes(),
            rule_book: self.rule_book,
            network: self.network,
        };
        (changes, self.events)
    }
}
