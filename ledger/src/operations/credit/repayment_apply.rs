//! `RepaymentApply`: a payment goes down the product's waterfall, to the last minor unit. Principal goes to
//! the funders by their claims, interest by their shares after the servicing fee, fees to the servicer.

use talea_types::{
    Amount, Outcome, Subject,
    credit::{PPM, ResidualFate},
    event::LoanEntryKind,
    operation::RepaymentApply,
    state::{Loan, LoanStatus},
};

use super::{
    common::{
        aged_loan, close_if_paid, less, owed, record_entry, reduce_outstanding, store, total_owed,
    },
    movement::{apply_movement, check_payment},
};
use crate::{
    credit::{Owed, split, waterfall},
    operations::count_repayment,
    state::WorkingState,
};

pub(super) fn repayment_apply(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &RepaymentApply,
) -> Result<(), Outcome> {
    let (id, payer) = (operation.loan, operation.payer);
    if author != Subject::Account(payer) {
        return Err(Outcome::NotPermitted);
    }
    let (mut loan, terms) = aged_loan(state, &id).ok_or(Outcome::LoanUnknown)?;
    let payees = loan.funders.iter().map(|funder| funder.account);
    let payees: Vec<_> = payees.chain([loan.servicer]).collect();
    check_payment(state, terms.asset, operation.amount, payer, &payees)?;
    if !matches!(loan.status, LoanStatus::Active | LoanStatus::ChargedOff) {
        return Err(Outcome::LoanStatus);
    }
    let paid = waterfall(operation.amount, &owed(&loan), &terms.waterfall);
    let paid = paid.ok_or(Outcome::RepaymentAboveDebt)?;

    let payees = apply_split(&mut loan, &paid);
    for (payee, amount) in payees {
        apply_movement(state, terms.asset, payer, payee, amount);
    }
    reduce_outstanding(state, &loan, paid.principal);
    loan.fees = less(loan.fees, paid.fees);
    loan.interest = less(loan.interest, paid.interest);
    loan.principal = less(loan.principal, paid.principal);
    let scheduled = paid.principal.try_add(paid.interest);
    loan.paid = scheduled
        .and_then(|sum| loan.paid.try_add(sum))
        .unwrap_or(Amount::MAX);
    let is_settled = count_settlement(&mut loan, operation.amount);
    if !is_settled {
        close_if_paid(&mut loan);
    }
    store(state, id, loan);
    record_entry(state, id, LoanEntryKind::Repaid, paid, String::new());
    if is_settled {
        waive_residual(state, id);
    }
    count_repayment(state, id, operation.amount);
    Ok(())
}

/// Takes the principal off the claims and says who receives what.
fn apply_split(loan: &mut Loan, paid: &Owed) -> Vec<(talea_types::AccountId, Amount)> {
    let claims: Vec<u64> = loan
        .funders
        .iter()
        .map(|one| one.principal.minor_units())
        .collect();
    let principal = split(paid.principal, &claims);
    let servicing = [loan.servicing_ppm, PPM.saturating_sub(loan.servicing_ppm)];
    // What the division leaves over goes to the funders.
    let [servicing, rest] = servicing.map(u64::from);
    let interest = split(paid.interest, &[rest, servicing]);
    let [rest, servicing] = [0, 1].map(|place| interest.get(place).copied().unwrap_or_default());
    let shares: Vec<u64> = loan
        .funders
        .iter()
        .map(|one| one.share_ppm.into())
        .collect();
    let interest = split(rest, &shares);
    let mut payees = vec![(
        loan.servicer,
        paid.fees.try_add(servicing).unwrap_or(Amount::MAX),
    )];
    for ((funder, principal), interest) in loan.funders.iter_mut().zip(principal).zip(interest) {
        funder.principal = less(funder.principal, principal);
        payees.push((
            funder.account,
            principal.try_add(interest).unwrap_or(Amount::MAX),
        ));
    }
    payees
}

/// Counts a payment for an offer of settlement that was accepted. Whether it leaves a residual to waive.
fn count_settlement(loan: &mut Loan, amount: Amount) -> bool {
    let Some(offer) = &mut loan.settlement else {
        return false;
    };
    offer.amount = offer.amount.try_sub(amount).unwrap_or_default();
    if !offer.amount.is_zero() {
        return false;
    }
    let waives = offer.residual == ResidualFate::Waived;
    loan.settlement = None;
    waives && !total_owed(loan).is_zero()
}

/// Waives what a settlement left: the loan is closed.
fn waive_residual(state: &mut WorkingState<'_>, id: talea_types::LoanId) {
    let Some((mut loan, _)) = aged_loan(state, &id) else {
        unreachable!("{id} was stored")
    };
    let waived = owed(&loan);
    reduce_outstanding(state, &loan, loan.principal);
    loan.principal = Amount::ZERO;
    loan.interest = Amount::ZERO;
    loan.fees = Amount::ZERO;
    for funder in &mut loan.funders {
        funder.principal = Amount::ZERO;
    }
    close_if_paid(&mut loan);
    store(state, id, loan);
    record_entry(
        state,
        id,
        LoanEntryKind::WaivedResidual,
        waived,
        String::new(),
    );
}
