//! `LossShareSettle`: the loss of a loan that was charged off is shared, once: first the guarantor pays, as
//! far as its cap for the agreement goes, and takes over as much of the claims; what remains is borne by
//! the funders in proportion to their claims. Later recoveries follow the claims.

use talea_types::{
    AccountId, Amount, Outcome, Subject,
    event::{CreditEvent, FunderLoss, LossShared},
    operation::LossShareSettle,
    state::{Funder, Loan, LoanStatus},
};

use super::{
    common::{lenders_loan, less, record, store},
    movement::{apply_movement, check_payment},
};
use crate::{credit::split, state::WorkingState};

pub(super) fn loss_share_settle(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &LossShareSettle,
) -> Result<(), Outcome> {
    let id = operation.loan;
    let (mut loan, terms) = lenders_loan(state, author, &id)?;
    let guarantee = guarantee(state, &loan);
    let cover = guarantee.map_or(Amount::ZERO, |(_, left)| left.min(loan.principal));
    if let Some((guarantor, _)) = guarantee {
        let payees: Vec<AccountId> = loan.funders.iter().map(|one| one.account).collect();
        check_payment(state, terms.asset, cover, guarantor, &payees)?;
    }
    if loan.status != LoanStatus::ChargedOff {
        return Err(Outcome::LoanStatus);
    }
    if loan.loss_settled || loan.principal.is_zero() {
        return Err(Outcome::LossSettled);
    }

    let loss = loan.principal;
    if let Some((guarantor, _)) = guarantee {
        let claims: Vec<u64> = loan
            .funders
            .iter()
            .map(|one| one.principal.minor_units())
            .collect();
        for (funder, part) in loan.funders.iter_mut().zip(split(cover, &claims)) {
            funder.principal = less(funder.principal, part);
            apply_movement(state, terms.asset, guarantor, funder.account, part);
        }
        let agreement = loan.agreement.and_then(|id| state.agreements.get_mut(&id));
        if let Some(agreement) = agreement {
            let paid = agreement.first_loss_paid.try_add(cover);
            agreement.first_loss_paid = paid.unwrap_or(Amount::MAX);
        }
    }
    let bears = |funder: &Funder| FunderLoss {
        account: funder.account,
        amount: funder.principal,
    };
    let losses = loan.funders.iter().map(bears).collect();
    if let Some((guarantor, _)) = guarantee {
        take_over(&mut loan, guarantor, cover);
    }
    loan.loss_settled = true;
    store(state, id, loan);
    let shared = LossShared {
        loan: id,
        loss,
        first_loss: cover,
        losses,
    };
    record(state, id, None, CreditEvent::LossShared(shared));
    Ok(())
}

/// Who bears the first loss, and how much of its cap is left.
fn guarantee(state: &WorkingState<'_>, loan: &Loan) -> Option<(AccountId, Amount)> {
    let agreement = state.agreements.get(&loan.agreement?)?;
    let (guarantor, most) = agreement.terms.guarantor?;
    Some((guarantor, most.try_sub(agreement.first_loss_paid)?))
}

fn take_over(loan: &mut Loan, guarantor: AccountId, claim: Amount) {
    let known = loan.funders.iter_mut().find(|one| one.account == guarantor);
    match known {
        Some(funder) => funder.principal = funder.principal.try_add(claim).unwrap_or(Amount::MAX),
        None => loan.funders.push(Funder {
            account: guarantor,
            share_ppm: 0,
            principal: claim,
        }),
    }
}
