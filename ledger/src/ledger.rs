//! The committed state.

use talea_rules::{Pack, explain::Explanation};
use talea_types::{
    AccountId, AgreementId, Asset, CaseId, EventChain, Hash, HoldId, LoanId, Outcome,
    ParticipantId, PermitId, ProductId, ProposalId, RulePackId, SignedTransaction, StateKey,
    Subject, Timestamp, TransactionId, ValidatorSet, VerifiedTransaction,
    conduct::{ContactTallies, TallyKey},
    merkle::MapProof,
    operation::ContactPermit,
    state::{
        Account, Agreement, AssetTotals, Case, Complaint, Credential, DataGranted, Debtor,
        Envelope, Governance, Hold, InquiryRight, Keys, LedgerClock, LegalHolds, Loan, LoggedRead,
        Network, Participant, PaymentPromise, Permit, Position, Product, Proposal, RefundRight,
        RulePackRecord, Tombstone, ValidatorSchedule,
    },
};

use crate::{
    authorisation::{check_attribution, check_signatures},
    execution::{self, BlockContext, ContextError, Execution, Stage},
    money::{self, ConservationError},
    operations::explain_contact,
    state::{State, WorkingState},
    tree::Tree,
};

/// The state after a block, and its tree.
pub struct Ledger {
    pub(crate) state: State,
    pub(crate) tree: Tree,
}

impl Ledger {
    /// Height of the last block; 0 after genesis.
    #[must_use]
    pub const fn height(&self) -> u64 {
        self.state.clock.height
    }

    /// Root of the state after the last block.
    #[must_use]
    pub fn state_root(&self) -> Hash {
        self.tree.root()
    }

    /// Ledger time of the last block.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.state.clock.time
    }

    /// What a proposer adds to its wall clock, milliseconds; 0 but on a sandbox network.
    #[must_use]
    pub const fn clock_offset_ms(&self) -> u64 {
        self.state.clock.offset_ms
    }

    /// Business date, days since 1970-01-01.
    #[must_use]
    pub const fn business_date(&self) -> u32 {
        self.state.clock.business_date
    }

    /// Height, time, offset and business date.
    #[must_use]
    pub const fn clock(&self) -> &LedgerClock {
        &self.state.clock
    }

    /// The validators that decide the next height.
    #[must_use]
    pub const fn validators(&self) -> &ValidatorSet {
        &self.state.validators.current
    }

    /// The validators that decide the height after the next.
    #[must_use]
    pub const fn next_validators(&self) -> &ValidatorSet {
        &self.state.validators.next
    }

    /// Both sets.
    #[must_use]
    pub const fn validator_schedule(&self) -> &ValidatorSchedule {
        &self.state.validators
    }

    /// Hash of the rule packs in force.
    #[must_use]
    pub fn rule_packs_hash(&self) -> Hash {
        execution::rule_packs_hash(self.state.rule_packs.iter())
    }

    /// A proposal that is open.
    #[must_use]
    pub fn proposal(&self, id: &ProposalId) -> Option<&Proposal> {
        self.state.proposals.get(id)
    }

    /// All open proposals, ascending by id.
    pub fn proposals(&self) -> impl Iterator<Item = (&ProposalId, &Proposal)> {
        self.state.proposals.iter()
    }

    /// What proposals need.
    #[must_use]
    pub const fn governance(&self) -> &Governance {
        &self.state.governance
    }

    /// The newest version of a rule pack, in force or retired.
    #[must_use]
    pub fn rule_pack(&self, id: &RulePackId) -> Option<&RulePackRecord> {
        self.state.rule_packs.get(id)
    }

    /// All rule packs, ascending by id.
    pub fn rule_packs(&self) -> impl Iterator<Item = (&RulePackId, &RulePackRecord)> {
        self.state.rule_packs.iter()
    }

    /// The rule packs in force as they decide, ascending by id.
    #[must_use]
    pub fn rules_in_force(&self) -> &[Pack] {
        self.state.rule_book.packs()
    }

    /// What every rule in force says about a contact, as if `collector` asked for a permit for it now. Nothing
    /// changes.
    ///
    /// # Errors
    /// The [`Outcome`] with which it would be refused before any rule is asked.
    pub fn explain_contact(
        &self,
        collector: ParticipantId,
        request: &ContactPermit,
    ) -> Result<Explanation, Outcome> {
        let state = WorkingState::over(&self.state, self.height().saturating_add(1), self.time());
        explain_contact(&state, Subject::Participant(collector), request)
    }

    /// What holds for the whole network.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.state.network
    }

    /// What a block would do. Nothing changes; there may be several executions on one state.
    ///
    /// # Errors
    /// [`ContextError`] when the header does not follow this state.
    pub fn execute<'t>(
        &self,
        context: &BlockContext,
        transactions: impl IntoIterator<Item = &'t VerifiedTransaction>,
    ) -> Result<Execution, ContextError> {
        self.execute_observed(context, transactions, &mut |_| {})
    }

    /// As [`execute`](Self::execute); `on_done` hears of each stage when it is done, so that a shell
    /// can measure it.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub fn execute_observed<'t>(
        &self,
        context: &BlockContext,
        transactions: impl IntoIterator<Item = &'t VerifiedTransaction>,
        on_done: &mut dyn FnMut(Stage),
    ) -> Result<Execution, ContextError> {
        execution::execute(&self.state, &self.tree, *context, transactions, on_done)
    }

    /// Takes an execution over. It cannot fail.
    ///
    /// # Panics
    /// If the execution was computed on another state: a bug of the caller.
    pub fn commit(&mut self, execution: Execution) {
        assert!(
            execution.base_root == self.tree.root(),
            "an execution of height {} was computed on state {}, not on {}",
            execution.context.height,
            execution.base_root,
            self.tree.root()
        );
        self.tree.apply(execution.tree);
        self.state.apply(execution.changes);
    }

    /// Whether a transaction would get past its void and signature checks in a block of time `now` on
    /// this state. Cheap: for the mempool.
    ///
    /// # Errors
    /// The [`Outcome`] that it would get.
    pub fn check_admission(
        &self,
        transaction: &SignedTransaction,
        now: Timestamp,
    ) -> Result<(), Outcome> {
        let state = WorkingState::over(&self.state, self.height().saturating_add(1), now);
        let body = transaction.body();
        check_attribution(&state, body)?;
        check_signatures(&state, body.author, &body.signers, &body.operation)
    }

    /// Recomputes every sum from all objects. Slow: for tests, audits and restored states.
    ///
    /// # Errors
    /// [`ConservationError`] with the first contradiction.
    pub fn verify_conservation(&self) -> Result<(), ConservationError> {
        money::verify_state(&self.state)
    }

    /// An account.
    #[must_use]
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.state.accounts.get(id)
    }

    /// All accounts, ascending by id.
    pub fn accounts(&self) -> impl Iterator<Item = (&AccountId, &Account)> {
        self.state.accounts.iter()
    }

    /// An organisation.
    #[must_use]
    pub fn participant(&self, id: &ParticipantId) -> Option<&Participant> {
        self.state.participants.get(id)
    }

    /// All organisations, ascending by id.
    pub fn participants(&self) -> impl Iterator<Item = (&ParticipantId, &Participant)> {
        self.state.participants.iter()
    }

    /// A hold that is not resolved.
    #[must_use]
    pub fn hold(&self, id: &HoldId) -> Option<&Hold> {
        self.state.holds.get(id)
    }

    /// All holds, ascending by id.
    pub fn holds(&self) -> impl Iterator<Item = (&HoldId, &Hold)> {
        self.state.holds.iter()
    }

    /// What may still be refunded of a leg of a transfer.
    #[must_use]
    pub fn refund_right(&self, transaction: &TransactionId, leg: u32) -> Option<&RefundRight> {
        self.state.refund_rights.get(&(*transaction, leg))
    }

    /// All rights to refund, ascending by transaction and leg.
    pub fn refund_rights(&self) -> impl Iterator<Item = (&(TransactionId, u32), &RefundRight)> {
        self.state.refund_rights.iter()
    }

    /// Reserve and liabilities of a bank in an asset.
    #[must_use]
    pub fn position(&self, participant: &ParticipantId, asset: Asset) -> Option<&Position> {
        self.state.positions.get(&(*participant, asset))
    }

    /// All positions, ascending by bank and asset.
    pub fn positions(&self) -> impl Iterator<Item = (&(ParticipantId, Asset), &Position)> {
        self.state.positions.iter()
    }

    /// Totals of an asset.
    #[must_use]
    pub fn asset(&self, asset: Asset) -> Option<&AssetTotals> {
        self.state.assets.get(&asset)
    }

    /// All assets, ascending by code.
    pub fn assets(&self) -> impl Iterator<Item = (&Asset, &AssetTotals)> {
        self.state.assets.iter()
    }

    /// What a KYC provider attests of an account.
    #[must_use]
    pub fn credential(&self, id: &AccountId, by: &ParticipantId) -> Option<&Credential> {
        self.state.assurance.credentials.get(&(*id, *by))
    }

    /// What an account lets an organisation read.
    #[must_use]
    pub fn data_grant(&self, id: &AccountId, to: &ParticipantId) -> Option<&DataGranted> {
        self.state.assurance.grants.get(&(*id, *to))
    }

    /// An envelope, by the hash of its ciphertext.
    #[must_use]
    pub fn envelope(&self, ciphertext: &Hash) -> Option<&Envelope> {
        self.state.assurance.envelopes.get(ciphertext)
    }

    /// Whether what a commitment of an account stood for was erased.
    #[must_use]
    pub fn tombstone(&self, id: &AccountId, commitment: &Hash) -> Option<&Tombstone> {
        self.state.assurance.tombstones.get(&(*id, *commitment))
    }

    /// The legal holds on an account.
    #[must_use]
    pub fn legal_holds(&self, id: &AccountId) -> Option<&LegalHolds> {
        self.state.assurance.legal_holds.get(id)
    }

    /// The newest of its own reads of a subject's records that an organisation recorded.
    #[must_use]
    pub fn logged_read(&self, subject: &Subject, reader: &ParticipantId) -> Option<&LoggedRead> {
        self.state.assurance.logged_reads.get(&(*subject, *reader))
    }

    /// A published product.
    #[must_use]
    pub fn product(&self, id: &ProductId) -> Option<&Product> {
        self.state.products.get(id)
    }

    /// A registered agreement.
    #[must_use]
    pub fn agreement(&self, id: &AgreementId) -> Option<&Agreement> {
        self.state.agreements.get(id)
    }

    /// A loan as it was touched last; [`crate::credit::age`] says what it is on a date.
    #[must_use]
    pub fn loan(&self, id: &LoanId) -> Option<&Loan> {
        self.state.loans.get(id)
    }

    /// All loans, ascending by id.
    pub fn loans(&self) -> impl Iterator<Item = (&LoanId, &Loan)> {
        self.state.loans.iter()
    }

    /// The right of a lender to one credit inquiry about a borrower.
    #[must_use]
    pub fn inquiry_right(
        &self,
        borrower: &AccountId,
        lender: &ParticipantId,
    ) -> Option<&InquiryRight> {
        self.state.inquiry_rights.get(&(*borrower, *lender))
    }

    /// A debtor, by its account.
    #[must_use]
    pub fn debtor(&self, id: &AccountId) -> Option<&Debtor> {
        self.state.debtors.get(id)
    }

    /// All debtors, ascending by account.
    pub fn debtors(&self) -> impl Iterator<Item = (&AccountId, &Debtor)> {
        self.state.debtors.iter()
    }

    /// A case, open or recalled.
    #[must_use]
    pub fn case(&self, id: &CaseId) -> Option<&Case> {
        self.state.collections.cases.get(id)
    }

    /// All cases, ascending by id.
    pub fn cases(&self) -> impl Iterator<Item = (&CaseId, &Case)> {
        self.state.collections.cases.iter()
    }

    /// A permit that is open, or was closed not long ago.
    #[must_use]
    pub fn permit(&self, id: &PermitId) -> Option<&Permit> {
        self.state.collections.permits.get(id)
    }

    /// All permits, ascending by id.
    pub fn permits(&self) -> impl Iterator<Item = (&PermitId, &Permit)> {
        self.state.collections.permits.iter()
    }

    /// A counter of contacts that is an object of its own.
    #[must_use]
    pub fn tallies(&self, key: &TallyKey) -> Option<&ContactTallies> {
        self.state.collections.tallies.get(key)
    }

    /// A complaint of a debtor that is not resolved.
    #[must_use]
    pub fn complaint(&self, debtor: &AccountId, number: u32) -> Option<&Complaint> {
        self.state.collections.complaints.get(&(*debtor, number))
    }

    /// The promise to pay on a loan, while it is neither kept nor broken.
    #[must_use]
    pub fn promise(&self, loan: &LoanId) -> Option<&PaymentPromise> {
        self.state.collections.promises.get(loan)
    }

    /// Whose signatures speak for an author; `None` if it is not there, or no author.
    #[must_use]
    pub fn keys_of(&self, author: &Subject) -> Option<&Keys> {
        match author {
            Subject::Account(id) => self.account(id).map(|one| &one.keys),
            Subject::Participant(id) => self.participant(id).map(|one| &one.keys),
            Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => None,
        }
    }

    /// Where the history of a subject ends; `None` if it is not there.
    #[must_use]
    pub fn events_of(&self, subject: &Subject) -> Option<&EventChain> {
        match subject {
            Subject::Account(id) => self.account(id).map(|one| &one.events),
            Subject::Participant(id) => self.participant(id).map(|one| &one.events),
            Subject::Debtor(id) => self.debtor(id).map(|one| &one.events),
            Subject::Loan(id) => self.loan(id).map(|one| &one.events),
            Subject::Case(id) => self.case(id).map(|one| &one.events),
        }
    }

    /// Every object with its canonical bytes, ascending by key: a whole checkpoint.
    pub fn objects(&self) -> impl Iterator<Item = (StateKey, Vec<u8>)> {
        let keys = self.state.keys();
        keys.filter_map(|key| Some((key, self.state.encoded(&key)?)))
    }

    /// The canonical bytes of an object, or that there is none, with the proof under
    /// [`state_root`](Self::state_root).
    #[must_use]
    pub fn prove(&self, key: &StateKey) -> (Option<Vec<u8>>, MapProof) {
        (self.state.encoded(key), self.tree.prove(&key.path()))
    }
}
