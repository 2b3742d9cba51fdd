//! The naive checker over a whole book: it finds whom a transaction is about, and says what must come of it.

use std::collections::BTreeMap;

use talea_types::{
    AccountId, CaseId, LoanId, Outcome, ParticipantId, PermitId, TransactionId,
    operation::CollectionsOperation,
};

use super::{
    debtors::home,
    generator::Book,
    naive::{Known, Request},
};

/// What must come of a transaction: its outcome, and the rules that refuse it, sorted.
pub type Expected = (Outcome, Vec<String>);

pub struct Checker {
    /// By the numbers of the debtors.
    pub known: Vec<Known>,
    /// When each agency was evaluated.
    agencies: Vec<(ParticipantId, Option<u32>)>,
    /// Debtor and agency.
    cases: BTreeMap<CaseId, (u64, u64)>,
    /// The first or the second of its debtor.
    loans: BTreeMap<LoanId, u64>,
    accounts: BTreeMap<AccountId, u64>,
    permits: BTreeMap<PermitId, u64>,
}

impl Checker {
    pub fn new(book: &Book) -> Self {
        let mut checker = Self {
            known: book.debtors.iter().map(|_| Known::default()).collect(),
            agencies: Vec::new(),
            cases: BTreeMap::new(),
            loans: BTreeMap::new(),
            accounts: BTreeMap::new(),
            permits: BTreeMap::new(),
        };
        let agencies = book.agencies.iter().map(|one| (one.id, one.evaluated_on));
        checker.agencies.extend(agencies);
        for (number, debtor) in (0..).zip(&book.debtors) {
            checker.accounts.insert(debtor.account, number);
            let cases = debtor.cases.iter().zip(0..);
            let cases = cases.map(|(case, agency)| (*case, (number, agency)));
            checker.cases.extend(cases);
            let loans = debtor.loans.into_iter().zip(0..);
            checker.loans.extend(loans);
        }
        checker
    }

    /// Ends what ends by itself.
    pub fn pass_time(&mut self, now: i64) {
        for one in &mut self.known {
            one.pass_time(now);
        }
    }

    /// What must come of a transaction in a block of this time, after all that was asked about before.
    /// `None` when it is about nothing in the book.
    pub fn expect(
        &mut self,
        transaction: TransactionId,
        operation: &CollectionsOperation,
        now: i64,
    ) -> Option<Expected> {
        let outcome = match operation {
            CollectionsOperation::ContactPermit(operation) => {
                let (debtor, agency) = *self.cases.get(&operation.case)?;
                let (agency_id, evaluated_on) = self.agencies[agency as usize];
                let request = Request {
                    agency,
                    agency_id,
                    evaluated_on,
                    loan: *self.loans.get(&operation.loan)?,
                    operation,
                };
                let id = PermitId::granted_by(transaction, 0);
                let one = &mut self.known[debtor as usize];
                one.pass_time(now);
                let (outcome, rules) = one.request(home(debtor), now, id, &request);
                if outcome.is_applied() {
                    self.permits.insert(id, debtor);
                }
                return Some((outcome, rules));
            }
            CollectionsOperation::ContactOutcome(outcome) => {
                let one = &mut self.known[*self.permits.get(&outcome.permit)? as usize];
                one.pass_time(now);
                one.close(now, outcome)
            }
            CollectionsOperation::PreferenceSet(set) => {
                let debtor = *self.accounts.get(&set.debtor)?;
                let one = &mut self.known[debtor as usize];
                one.pass_time(now);
                one.prefer(home(debtor), now, &set.preferences);
                Outcome::Applied
            }
            CollectionsOperation::NoticeCommit(notice) => {
                let (debtor, agency) = *self.cases.get(&notice.case)?;
                self.known[debtor as usize].serve_notice(agency, now)
            }
            _ => return None,
        };
        Some((outcome, Vec::new()))
    }

    /// A cap that was exceeded by what happened or may have happened.
    pub fn exceeded(&self) -> Option<String> {
        let known = (0..).zip(&self.known);
        let mut exceeded = known.filter_map(|(debtor, one)| {
            let what = one.exceeded(home(debtor))?;
            Some(format!("debtor {debtor}: {what}"))
        });
        exceeded.next()
    }
}
