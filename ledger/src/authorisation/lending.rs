//! Whose consent an operation on a loan needs.

use talea_types::{
    Outcome, ParticipantId, Subject,
    credit::{FeeGround, Modification},
    operation::CreditOperation,
};

use super::parties::Parties;
use crate::state::WorkingState;

impl Parties<'_> {
    /// The author has been added; here come the others.
    pub(super) fn add_lending(&mut self, state: &WorkingState<'_>, operation: &CreditOperation) {
        match operation {
            CreditOperation::AgreementRegister(register) => {
                let terms = &register.terms;
                let funders = terms.funders.iter().map(|funder| funder.account);
                let guarantor = terms.guarantor.iter().map(|(account, _)| *account);
                for account in funders.chain([terms.servicer]).chain(guarantor) {
                    self.add_account(state, account);
                }
            }
            CreditOperation::LoanOriginate(originate) => {
                self.add_account(state, originate.borrower);
                match state.agreements.get(&originate.agreement) {
                    Some(agreement) => {
                        for funder in &agreement.terms.funders {
                            self.add_account(state, funder.account);
                        }
                    }
                    None => self.add_unknown(Outcome::AgreementUnknown),
                }
            }
            CreditOperation::RepaymentApply(repayment) => self.add_account(state, repayment.payer),
            CreditOperation::FeeAssess(fee) if fee.ground == FeeGround::Service => {
                self.add_of_loan(state, &fee.loan, With::Borrower);
            }
            CreditOperation::LoanModify(modify) => {
                self.add_of_loan(state, &modify.loan, With::Borrower);
                let is_theirs = matches!(
                    modify.modification,
                    Modification::ReAmortise { .. } | Modification::Settlement(_)
                );
                if is_theirs {
                    self.add_of_loan(state, &modify.loan, With::Funders);
                }
            }
            CreditOperation::LossShareSettle(settle) => {
                self.add_of_loan(state, &settle.loan, With::Guarantor);
            }
            CreditOperation::DebtAssign(assign) => {
                self.add_of_loan(state, &assign.loan, With::Funders);
                self.add_account(state, assign.buyer);
                self.add_participant(state, assign.lender);
            }
            CreditOperation::ProductPublish(_)
            | CreditOperation::LoanDisburse(_)
            | CreditOperation::InquiryAuthorise(_)
            | CreditOperation::FeeAssess(_)
            | CreditOperation::BusinessDateAdvance(_)
            | CreditOperation::ChargeOff(_)
            | CreditOperation::CreditFurnish(_) => {}
        }
    }

    fn add_participant(&mut self, state: &WorkingState<'_>, id: ParticipantId) {
        if state.participants.get(&id).is_some() {
            self.subjects.insert(Subject::Participant(id));
        } else {
            self.add_unknown(Outcome::NotPermitted);
        }
    }

    fn add_of_loan(&mut self, state: &WorkingState<'_>, loan: &talea_types::LoanId, with: With) {
        let Some(loan) = state.loans.get(loan) else {
            self.add_unknown(Outcome::LoanUnknown);
            return;
        };
        match with {
            With::Borrower => self.add_account(state, loan.borrower),
            With::Funders => {
                for funder in &loan.funders {
                    self.add_account(state, funder.account);
                }
            }
            With::Guarantor => {
                let agreement = loan.agreement.and_then(|id| state.agreements.get(&id));
                let guarantor = agreement.and_then(|agreement| agreement.terms.guarantor);
                if let Some((account, _)) = guarantor {
                    self.add_account(state, account);
                }
            }
        }
    }
}

/// Who of those concerned by a loan.
#[derive(Clone, Copy)]
enum With {
    Borrower,
    Funders,
    Guarantor,
}
