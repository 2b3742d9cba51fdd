//! `LoanDisburse`: the principal moves from each funder's own account, by its share, to the borrower's.
//! Interest runs from here.

use talea_types::{
    Amount, Outcome, Subject,
    event::LoanEntryKind,
    operation::LoanDisburse,
    state::{Funder, LoanStatus},
};

use super::{
    common::{active_lender, lenders_loan, record_entry, store},
    loan_originate::check_caps,
    movement::{apply_movement, check_routes},
};
use crate::{
    credit::{Owed, split},
    operations::payments::checks::{Route, check_available},
    state::WorkingState,
};

pub(super) fn loan_disburse(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &LoanDisburse,
) -> Result<(), Outcome> {
    let id = operation.loan;
    active_lender(state, author)?;
    let (mut loan, terms) = lenders_loan(state, author, &id)?;
    let routes = loan.funders.iter().map(|funder| Route {
        debit: Some(funder.account),
        credit: Some(loan.borrower),
    });
    check_routes(state, routes)?;
    let shares: Vec<u64> = loan
        .funders
        .iter()
        .map(|funder| funder.share_ppm.into())
        .collect();
    let parts = split(loan.principal, &shares);
    for (funder, part) in loan.funders.iter().zip(&parts) {
        let account = state
            .accounts
            .get(&funder.account)
            .ok_or(Outcome::AccountUnknown)?;
        check_available(account, terms.asset, *part)?;
    }
    if loan.status != LoanStatus::Originated {
        return Err(Outcome::LoanStatus);
    }
    let agreement = loan.agreement.and_then(|id| state.agreements.get(&id));
    check_caps(agreement.ok_or(Outcome::AgreementUnknown)?, loan.principal)?;

    loan.status = LoanStatus::Active;
    loan.aged_to = state.clock.business_date;
    let borrower = loan.borrower;
    for (funder, part) in loan.funders.iter_mut().zip(parts) {
        let Funder {
            account, principal, ..
        } = funder;
        *principal = part;
        apply_movement(state, terms.asset, *account, borrower, part);
    }
    let moved = Owed {
        principal: loan.principal,
        ..Owed::default()
    };
    let agreement = loan.agreement.and_then(|id| state.agreements.get_mut(&id));
    if let Some(agreement) = agreement {
        let outstanding = agreement.outstanding.try_add(loan.principal);
        agreement.outstanding = outstanding.unwrap_or(Amount::MAX);
    }
    store(state, id, loan);
    record_entry(state, id, LoanEntryKind::Disbursed, moved, String::new());
    Ok(())
}
