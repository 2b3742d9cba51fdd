//! That loans, agreements and debtors agree with each other.

use std::collections::BTreeMap;

use talea_types::{AccountId, AgreementId, LoanId, state::LoanStatus};

use super::{ConservationError, conservation::check_named};
use crate::state::State;

/// Recomputes from all loans: the claims on each sum to its principal, each agreement counts the principal
/// of its loans, each debtor has its open loans, and everything that a loan names is there.
pub(super) fn verify_claims(state: &State) -> Result<(), ConservationError> {
    let mut outstanding: BTreeMap<AgreementId, u128> = BTreeMap::new();
    let mut open: BTreeMap<AccountId, Vec<LoanId>> = BTreeMap::new();
    for (id, loan) in state.loans.iter() {
        check_named(id, &loan.product, state.products.contains(&loan.product))?;
        check_named(id, &loan.lender, state.participants.contains(&loan.lender))?;
        check_named(id, &loan.borrower, state.debtors.contains(&loan.borrower))?;
        let accounts = loan.funders.iter().map(|funder| funder.account);
        for account in accounts.chain([loan.servicer]) {
            check_named(id, &account, state.accounts.contains(&account))?;
        }
        let claims = loan
            .funders
            .iter()
            .map(|funder| u128::from(funder.principal.minor_units()));
        let claims: u128 = claims.sum();
        let principal = u128::from(loan.principal.minor_units());
        let expected = match loan.status {
            LoanStatus::Originated | LoanStatus::Closed | LoanStatus::Lapsed => 0,
            LoanStatus::Active | LoanStatus::ChargedOff => principal,
        };
        let is_paid_off = !loan.status.is_over() || principal == 0;
        if claims != expected || !is_paid_off {
            return Err(ConservationError::Claims {
                loan: *id,
                principal,
                claims,
            });
        }
        if let Some(agreement) = loan.agreement {
            check_named(id, &agreement, state.agreements.contains(&agreement))?;
            let sum = outstanding.entry(agreement).or_default();
            *sum = sum.saturating_add(expected);
        }
        if !loan.status.is_over() {
            open.entry(loan.borrower).or_default().push(*id);
        }
    }
    for (id, agreement) in state.agreements.iter() {
        let found = outstanding.remove(id).unwrap_or_default();
        if u128::from(agreement.outstanding.minor_units()) != found {
            return Err(ConservationError::Outstanding {
                agreement: *id,
                recorded: agreement.outstanding.minor_units(),
                found,
            });
        }
    }
    for (id, debtor) in state.debtors.iter() {
        check_named(id, id, state.accounts.contains(id))?;
        if debtor.loans != open.remove(id).unwrap_or_default() {
            return Err(ConservationError::OpenLoans { debtor: *id });
        }
    }
    Ok(())
}
