//! `DebtAssign`: a debt is sold as a whole. The buyer pays the funders in proportion to their claims and
//! takes these over; the new lender services the loan. The debtor owes what it owed, and is noticed.

use talea_types::{
    Outcome, Subject,
    credit::PPM,
    event::{CreditEvent, DebtAssigned},
    operation::DebtAssign,
    state::{Funder, LoanStatus},
};

use super::{
    common::{active_lender, lenders_loan, record, reduce_outstanding, store},
    movement::{apply_movement, check_payment},
};
use crate::{credit::split, state::WorkingState};

pub(super) fn debt_assign(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &DebtAssign,
) -> Result<(), Outcome> {
    let DebtAssign {
        loan: id,
        lender,
        buyer,
        price,
        notice_commitment,
    } = *operation;
    let (mut loan, terms) = lenders_loan(state, author, &id)?;
    active_lender(state, Subject::Participant(lender))?;
    let payees: Vec<_> = loan.funders.iter().map(|funder| funder.account).collect();
    check_payment(state, terms.asset, price, buyer, &payees)?;
    if !matches!(loan.status, LoanStatus::Active | LoanStatus::ChargedOff) {
        return Err(Outcome::LoanStatus);
    }

    let claims: Vec<u64> = if loan.principal.is_zero() {
        loan.funders
            .iter()
            .map(|one| one.share_ppm.into())
            .collect()
    } else {
        loan.funders
            .iter()
            .map(|one| one.principal.minor_units())
            .collect()
    };
    for (seller, part) in payees.into_iter().zip(split(price, &claims)) {
        apply_movement(state, terms.asset, buyer, seller, part);
    }
    reduce_outstanding(state, &loan, loan.principal);
    let assigned = DebtAssigned {
        loan: id,
        from: loan.lender,
        to: lender,
        notice_commitment,
    };
    loan.agreement = None;
    loan.lender = lender;
    loan.servicer = buyer;
    loan.servicing_ppm = 0;
    loan.funders = vec![Funder {
        account: buyer,
        share_ppm: PPM,
        principal: loan.principal,
    }];
    let borrower = loan.borrower;
    store(state, id, loan);
    record(
        state,
        id,
        Some(borrower),
        CreditEvent::DebtAssigned(assigned),
    );
    Ok(())
}
