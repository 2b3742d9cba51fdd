//! Protections, disputes and plans, at random.

use talea_types::{
    conduct::{DisputeResolution, Protection},
    operation::{DisputeOpen, DisputeResolve, ProtectionSet, RepaymentPlan},
};

use super::*;

const KINDS: [Protection; 3] = [
    Protection::BreathingSpace,
    Protection::MentalHealthCrisis,
    Protection::Hardship,
];

impl Generator {
    /// A remedy for a loan, or for its borrower.
    pub(super) fn remedy(
        &mut self,
        model: &mut Naive,
        now: Timestamp,
        id: LoanId,
    ) -> SignedTransaction {
        let lender = self.lender_of(model, id);
        let known = model.loans.get(&id);
        let place = self.below(DEBTORS as u64) as usize;
        let somebody = self.accounts[place];
        let debtor = known.map_or(somebody, |one| one.borrower);
        let (author, operation, verdict) = match self.below(10) {
            0..4 => self.protection(model, now, debtor),
            4..6 => {
                let by = if self.below(20) == 0 {
                    somebody
                } else {
                    debtor
                };
                let open = DisputeOpen {
                    loan: id,
                    reason: 1,
                    commitment: Hash([1; 32]),
                };
                let operation = CollectionsOperation::DisputeOpen(open);
                (Subject::Account(by), operation, model.dispute(id, by))
            }
            6..8 => {
                let resolve = DisputeResolve {
                    loan: id,
                    resolution: DisputeResolution::Rejected,
                    answer: Some(Hash([1; 32])),
                };
                let operation = CollectionsOperation::DisputeResolve(resolve);
                let verdict = model.settle(id, lender);
                (self.bank(lender), operation, verdict)
            }
            _ => {
                let plan = self.plan(model, id);
                let verdict = model.plan(id, lender, &plan);
                let instalment = |(due, units): &(u32, u128)| Instalment {
                    due: *due,
                    amount: amount(u64::try_from(*units).unwrap()),
                };
                let instalments = plan.iter().map(instalment).collect();
                let agreed = RepaymentPlan {
                    loan: id,
                    instalments,
                };
                let operation = CollectionsOperation::RepaymentPlan(agreed);
                (self.bank(lender), operation, verdict)
            }
        };
        self.touched = model.loans.contains_key(&id).then_some(id);
        self.needs_answer = self.touched.is_some();
        self.expected = Some(verdict.err().unwrap_or(Outcome::Applied));
        self.sign(now, author, Operation::Collections(operation))
    }

    /// Set, or lifted: hardship by the debtor, the others by an adviser; now and then by somebody else.
    fn protection(
        &mut self,
        model: &mut Naive,
        now: Timestamp,
        debtor: AccountId,
    ) -> (Subject, CollectionsOperation, Result<(), Outcome>) {
        let protection = KINDS[self.below(3) as usize];
        let may = self.below(20) > 0;
        let author = match (may, protection) {
            (false, _) => Subject::Participant(ParticipantId::from_lei(BUREAU)),
            (true, Protection::Hardship) => Subject::Account(debtor),
            (true, _) => Subject::Participant(ParticipantId::from_lei(ADVISER)),
        };
        let lifted = self.below(2) == 0;
        let asked = (!lifted && self.below(3) == 0).then(|| 1 + self.below(22) as u32);
        let verdict = if lifted {
            model.lift(debtor, protection, may)
        } else {
            model.protect(debtor, protection, may, asked)
        };
        let set = ProtectionSet {
            debtor,
            protection,
            loan: None,
            lifted,
            until: asked.map(|days| now.plus_millis(u64::from(days) * DAY_MS)),
            commitment: Hash([1; 32]),
        };
        (author, CollectionsOperation::ProtectionSet(set), verdict)
    }

    /// All that is owed, in one to three parts; now and then too little, or from yesterday.
    fn plan(&mut self, model: &Naive, id: LoanId) -> Vec<(u32, u128)> {
        let owed = model.loans.get(&id).map_or(10, |one| {
            one.principal + one.interest_owed(&model.products) + one.fees
        });
        let owed = owed.saturating_sub(u128::from(self.below(12) == 0)).max(1);
        let first = match self.below(12) {
            0 => model.today - 1,
            _ => model.today + self.below(20) as u32,
        };
        let parts = (1 + u128::from(self.below(3))).min(owed);
        let part = owed / parts;
        let mut plan: Vec<(u32, u128)> = (0..parts)
            .map(|number| (first + 9 * u32::try_from(number).unwrap(), part))
            .collect();
        plan.last_mut().unwrap().1 += owed - part * parts;
        plan
    }
}
