//! `FeeAssess`: a fee of the product's table, on its ground: one for each missed instalment, one for an
//! inquiry that the borrower allowed, or for a service that the borrower signs for. None for collection,
//! whatever packs are in force; one that forbids it is named.

use talea_types::{
    Amount, LoanId, Outcome, Subject,
    credit::{FeeGround, ProductTerms},
    event::LoanEntryKind,
    operation::FeeAssess,
    state::{FeeTotal, Loan, LoanStatus},
};

use super::common::{lenders_loan, record_entry, store};
use crate::{
    conduct::{Circumstances, cited},
    credit::{Owed, days_late, is_paused, unpaid},
    operations::{Refusal, check_complaints},
    state::WorkingState,
};

pub(super) fn fee_assess(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &FeeAssess,
) -> Result<(), Refusal> {
    let id = operation.loan;
    let (mut loan, terms) = lenders_loan(state, author, &id)?;
    let today = state.clock.business_date;
    if loan.status != LoanStatus::Active {
        return Err(Outcome::LoanStatus.into());
    }
    if operation.ground == FeeGround::Collection {
        return Err(for_collection(state, id, &loan));
    }
    let fee = terms
        .fee(&operation.code)
        .filter(|fee| fee.ground == operation.ground);
    let fee = fee.ok_or(Outcome::FeeUnknown)?;
    let late = late_without_fee(&loan, &terms, today);
    if fee.ground == FeeGround::LatePayment && late.is_none() {
        return Err(Outcome::FeeNotDue.into());
    }
    let place = loan
        .fee_totals
        .partition_point(|total| total.code < fee.code);
    let known = loan
        .fee_totals
        .get(place)
        .filter(|total| total.code == fee.code);
    let (is_new, before) = (
        known.is_none(),
        known.map_or(Amount::ZERO, |total| total.charged),
    );
    let charged = before.try_add(fee.amount).filter(|sum| *sum <= fee.cap);
    let charged = charged.ok_or(Outcome::FeeCapExceeded)?;
    let fees = loan
        .fees
        .try_add(fee.amount)
        .ok_or(Outcome::FeeCapExceeded)?;
    let right = (loan.borrower, loan.lender);
    if fee.ground == FeeGround::Inquiry {
        let allowed = state.inquiry_rights.get(&right);
        if allowed.is_none_or(|right| right.until < today) {
            return Err(Outcome::InquiryNotAuthorised.into());
        }
    }
    if is_paused(&loan, |pause| pause.fees, today) {
        return Err(Outcome::FeesPaused.into());
    }
    check_complaints(state, id, &loan, |stops| stops.fees, Outcome::FeesPaused)?;

    loan.fees = fees;
    if is_new {
        let code = fee.code.clone();
        loan.fee_totals.insert(place, FeeTotal { code, charged });
    } else if let Some(total) = loan.fee_totals.get_mut(place) {
        total.charged = charged;
    }
    match fee.ground {
        FeeGround::LatePayment => loan.late_fee_due = late.unwrap_or(loan.late_fee_due),
        FeeGround::Inquiry => state.inquiry_rights.remove(right),
        FeeGround::Service | FeeGround::Collection => {}
    }
    let moved = Owed {
        fees: fee.amount,
        ..Owed::default()
    };
    store(state, id, loan);
    record_entry(
        state,
        id,
        LoanEntryKind::FeeCharged,
        moved,
        operation.code.clone(),
    );
    Ok(())
}

/// Due date of the oldest instalment that is late and has had no late fee.
fn late_without_fee(loan: &Loan, terms: &ProductTerms, today: u32) -> Option<u32> {
    let mut late = unpaid(loan).map(|instalment| instalment.due);
    late.find(|due| *due > loan.late_fee_due && days_late(loan, terms, *due, today) > 0)
}

/// The refusal of a fee for collection, with the rules that forbid it.
fn for_collection(state: &WorkingState<'_>, id: LoanId, loan: &Loan) -> Refusal {
    let Some(debtor) = state.debtors.get(&loan.borrower) else {
        unreachable!("a borrower is a debtor")
    };
    let circumstances = Circumstances::of_loan(state, debtor, (id, loan));
    let forbidden = circumstances.duties(state).collection_fee_forbidden();
    let rules = forbidden.map(|duty| cited(&duty.spoke));
    Refusal::by_rules(Outcome::FeeForCollection, rules.unwrap_or_default())
}
