//! Whose consent an operation needs.

use talea_types::{
    AccountId, KeyPolicy, Operation, Outcome, PublicKey, Subject,
    operation::{Change, CollectionsOperation, HoldResolve},
};

use crate::state::WorkingState;

/// Who asks for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The author of a transaction of one operation.
    Author(Subject),
    /// A batch: every leg's party has signed, whoever is the author.
    Batch,
}

impl Caller {
    /// Whether a subject asks for the operation.
    pub(crate) fn is(self, subject: Subject) -> bool {
        match self {
            Self::Author(author) => author == subject,
            Self::Batch => true,
        }
    }
}

/// Whose policies have to be met.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parties<'t> {
    /// Subjects that are on the ledger.
    pub(crate) subjects: Subjects,
    /// A policy that is about to be set: its keys show that somebody has them.
    pub(crate) new_policy: Option<&'t KeyPolicy>,
    /// Why a party could not be found: the operation will be refused for it.
    pub(crate) unknown: Option<Outcome>,
}

/// A set of subjects. An operation has at most three; only a batch has more.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Subjects {
    first: [Option<Subject>; 3],
    more: Vec<Subject>,
}

impl Subjects {
    pub(super) fn insert(&mut self, subject: Subject) {
        if self.iter().any(|known| *known == subject) {
            return;
        }
        match self.first.iter_mut().find(|slot| slot.is_none()) {
            Some(slot) => *slot = Some(subject),
            None => self.more.push(subject),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Subject> {
        self.first.iter().flatten().chain(&self.more)
    }
}

/// Whose consent a transaction needs. `signers` decides only between those of whom either may act.
pub(crate) fn parties_of<'t>(
    state: &WorkingState<'_>,
    author: Subject,
    operation: &'t Operation,
    signers: &[PublicKey],
) -> Parties<'t> {
    let mut parties = Parties::default();
    parties.subjects.insert(author);
    match operation {
        Operation::KeyRotate(rotate) => parties.new_policy = Some(&rotate.policy),
        Operation::Propose(propose) => {
            if let Change::ParticipantRegister(registration) = &propose.change {
                parties.new_policy = Some(&registration.policy);
            }
        }
        Operation::Approve(_)
        | Operation::Veto(_)
        | Operation::Withdraw(_)
        | Operation::ClockAdvance(_)
        | Operation::AccountRestrict(_)
        | Operation::Assurance(_) => {}
        Operation::AccountOpen(open) => parties.new_policy = Some(&open.policy),
        Operation::AccountClose(close) => {
            parties.add_account(state, close.account);
            parties.add_sponsor(state, close.account);
        }
        Operation::AtomicBatch(batch) => {
            for leg in &batch.legs {
                parties.add_payment(state, leg, signers);
            }
        }
        Operation::Credit(operation) => parties.add_lending(state, operation),
        Operation::Collections(operation) => parties.add_collections(state, operation),
        payment => parties.add_payment(state, payment, signers),
    }
    parties
}

impl Parties<'_> {
    fn add_payment(
        &mut self,
        state: &WorkingState<'_>,
        payment: &Operation,
        signers: &[PublicKey],
    ) {
        match payment {
            Operation::Issue(issue) => self.add_sponsor(state, issue.account),
            Operation::Redeem(redeem) => {
                self.add_sponsor(state, redeem.account);
                self.add_account(state, redeem.account);
            }
            Operation::Transfer(transfer) => self.add_account(state, transfer.from),
            Operation::HoldPlace(place) => self.add_account(state, place.from),
            Operation::HoldResolve(resolve) => self.add_resolver(state, resolve, signers),
            Operation::Refund(refund) => {
                match state.refund_rights.get(&(refund.original, refund.leg)) {
                    Some(right) => self.add_account(state, right.to),
                    None => self.add_unknown(Outcome::NotRefundable),
                }
            }
            Operation::KeyRotate(_)
            | Operation::ClockAdvance(_)
            | Operation::Propose(_)
            | Operation::Approve(_)
            | Operation::Veto(_)
            | Operation::Withdraw(_)
            | Operation::AccountOpen(_)
            | Operation::AccountRestrict(_)
            | Operation::AccountClose(_)
            | Operation::AtomicBatch(_)
            | Operation::Assurance(_)
            | Operation::Credit(_)
            | Operation::Collections(_) => {
                unreachable!("decoding admits only payments as legs of a batch")
            }
        }
    }

    /// Where the author's signature suffices, whether it may act is checked with the operation.
    fn add_collections(&mut self, state: &WorkingState<'_>, operation: &CollectionsOperation) {
        match operation {
            CollectionsOperation::DebtorRegister(register) => {
                self.add_sponsor(state, register.account);
                self.add_account(state, register.account);
            }
            // The creditor's keys sign for what overrides a rule.
            CollectionsOperation::ContactPermit(permit) if permit.override_reason != 0 => {
                match state.collections.cases.get(&permit.case) {
                    Some(case) => self.subjects.insert(Subject::Participant(case.lender)),
                    None => self.add_unknown(Outcome::CaseUnknown),
                }
            }
            CollectionsOperation::RepaymentPlan(plan) => match state.loans.get(&plan.loan) {
                Some(loan) => self.add_account(state, loan.borrower),
                None => self.add_unknown(Outcome::LoanUnknown),
            },
            _ => {}
        }
    }

    /// A capture is the payee's; a void is the payee's or the payer's sponsor's.
    fn add_resolver(
        &mut self,
        state: &WorkingState<'_>,
        resolve: &HoldResolve,
        signers: &[PublicKey],
    ) {
        let Some(hold) = state.holds.get(&resolve.hold) else {
            self.add_unknown(Outcome::HoldUnknown);
            return;
        };
        let is_met = |subject: Subject| {
            let keys = state.keys(&subject);
            keys.is_some_and(|keys| keys.is_met_by(signers, state.now))
        };
        let sponsor = state.accounts.get(&hold.from).map(|payer| payer.sponsor);
        let by_sponsor = resolve.capture.is_zero()
            && !is_met(Subject::Account(hold.to))
            && sponsor.is_some_and(|sponsor| is_met(Subject::Participant(sponsor)));
        if by_sponsor {
            self.add_sponsor(state, hold.from);
        } else {
            self.add_account(state, hold.to);
        }
    }

    pub(super) fn add_account(&mut self, state: &WorkingState<'_>, account: AccountId) {
        if state.accounts.get(&account).is_some() {
            self.subjects.insert(Subject::Account(account));
        } else {
            self.add_unknown(Outcome::AccountUnknown);
        }
    }

    fn add_sponsor(&mut self, state: &WorkingState<'_>, account: AccountId) {
        match state.accounts.get(&account) {
            Some(account) => {
                self.subjects.insert(Subject::Participant(account.sponsor));
            }
            None => self.add_unknown(Outcome::AccountUnknown),
        }
    }

    pub(super) fn add_unknown(&mut self, outcome: Outcome) {
        self.unknown.get_or_insert(outcome);
    }
}
