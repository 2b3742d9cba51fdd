//! `AgreementRegister`: those who fund loans together, who services them and who guarantees a first loss
//! agree. The shares are the whole, to the last part per million.

use talea_types::{
    AgreementId, Amount, EventDetail, Outcome, Subject,
    credit::PPM,
    event::{AgreementRegistered, CreditEvent},
    operation::AgreementRegister,
    state::Agreement,
};

use super::{common::active_lender, movement::check_routes};
use crate::{
    events,
    operations::payments::checks::{Route, check_asset},
    state::WorkingState,
};

pub(super) fn agreement_register(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &AgreementRegister,
) -> Result<(), Outcome> {
    let terms = &operation.terms;
    let lender = active_lender(state, author)?;
    let accounts = terms.funders.iter().map(|funder| funder.account);
    let accounts = accounts.chain([terms.servicer]);
    let accounts = accounts.chain(terms.guarantor.iter().map(|(id, _)| *id));
    let route = |account| Route {
        debit: None,
        credit: Some(account),
    };
    check_routes(state, accounts.map(route))?;
    check_asset(state, terms.asset)?;
    let id = AgreementId::registered_by(state.transaction(), 0);
    if state.agreements.get(&id).is_some() {
        return Err(Outcome::IdTaken);
    }
    let shares = terms
        .funders
        .iter()
        .map(|funder| u64::from(funder.share_ppm));
    if shares.sum::<u64>() != u64::from(PPM) {
        return Err(Outcome::SharesNotWhole);
    }
    let mut funders = terms.funders.iter();
    if funders.any(|funder| funder.share_ppm == 0 || funder.share_ppm < terms.floor_ppm) {
        return Err(Outcome::ShareBelowFloor);
    }

    let agreement = Agreement {
        lender,
        terms: terms.clone(),
        outstanding: Amount::ZERO,
        first_loss_paid: Amount::ZERO,
    };
    state.agreements.insert(id, agreement);
    let registered = CreditEvent::AgreementRegistered(AgreementRegistered { agreement: id });
    events::append(state, author, EventDetail::Credit(registered));
    Ok(())
}
