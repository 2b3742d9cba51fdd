//! `LoanOriginate`: a lender, a borrower who is a registered debtor, and every funder agree on a loan. The
//! schedule follows from the terms, or the lender supplies it; either way it pays the principal off and
//! costs no more than the product's cap.

use talea_types::{
    Amount, EventChain, LoanId, Outcome, Subject,
    credit::{Instalment, ProductTerms, ScheduleKind},
    event::{CreditEvent, LoanOriginated},
    limits::LOANS_PER_DEBTOR_MAX,
    operation::LoanOriginate,
    state::{Agreement, Funder, Loan, LoanStatus},
};

use super::common::{active_lender, open_loans, put_away_lapsed, record};
use crate::{
    credit::{Terms, costs_at_most, generate},
    state::WorkingState,
};

pub(super) fn loan_originate(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &LoanOriginate,
) -> Result<(), Outcome> {
    let lender = active_lender(state, author)?;
    let borrower = operation.borrower;
    let account = state
        .accounts
        .get(&borrower)
        .ok_or(Outcome::AccountUnknown)?;
    if account.closed {
        return Err(Outcome::AccountClosed);
    }
    let debtor = state.debtors.get(&borrower).ok_or(Outcome::DebtorUnknown)?;
    let today = state.clock.business_date;
    let first_due = operation
        .schedule
        .first()
        .map_or(operation.first_due, |first| first.due);
    if first_due <= today {
        return Err(Outcome::DateGoesBack);
    }
    let product = state.products.get(&operation.product);
    let product = product.filter(|product| product.publisher == lender);
    let terms = &product.ok_or(Outcome::ProductUnknown)?.terms;
    let agreement = state.agreements.get(&operation.agreement);
    let agreement = agreement.filter(|agreement| agreement.lender == lender);
    let agreement = agreement.ok_or(Outcome::AgreementUnknown)?;
    let id = LoanId::originated_by(state.transaction(), 0);
    if state.loans.get(&id).is_some() {
        return Err(Outcome::IdTaken);
    }
    check_terms(terms, agreement, operation)?;
    let follows = terms_of(terms, operation, today);
    let schedule = schedule_of(&follows, &operation.schedule)?;
    match costs_at_most(&follows, &schedule, terms.apr_cap_ppm) {
        None => return Err(Outcome::ScheduleInvalid),
        Some(false) => return Err(Outcome::AprAboveCap),
        Some(true) => {}
    }
    check_caps(agreement, operation.principal)?;
    if open_loans(state, debtor).count() >= LOANS_PER_DEBTOR_MAX {
        return Err(Outcome::TooManyLoans);
    }

    let funder = |share: &talea_types::credit::FunderShare| Funder {
        account: share.account,
        share_ppm: share.share_ppm,
        principal: Amount::ZERO,
    };
    let loan = Loan {
        product: operation.product,
        agreement: Some(operation.agreement),
        lender,
        borrower,
        governing_law: operation.governing_law.clone(),
        status: LoanStatus::Originated,
        rate_ppm: operation.rate_ppm,
        aged_to: today,
        principal: operation.principal,
        interest: Amount::ZERO,
        interest_fraction: 0,
        fees: Amount::ZERO,
        fee_totals: Vec::new(),
        funders: agreement.terms.funders.iter().map(funder).collect(),
        servicer: agreement.terms.servicer,
        servicing_ppm: agreement.terms.servicing_ppm,
        schedule: schedule.clone(),
        paid: Amount::ZERO,
        late_fee_due: 0,
        pauses: Vec::new(),
        settlement: None,
        reports: 0,
        loss_settled: false,
        events: EventChain::default(),
    };
    put_away_lapsed(state, borrower);
    state.loans.insert(id, loan);
    if let Some(debtor) = state.debtors.get_mut(&borrower) {
        let place = debtor.loans.partition_point(|open| *open < id);
        debtor.loans.insert(place, id);
    }
    let originated = LoanOriginated {
        loan: id,
        lender,
        product: operation.product,
        principal: operation.principal,
        rate_ppm: operation.rate_ppm,
        schedule,
        governing_law: operation.governing_law.clone(),
    };
    record(
        state,
        id,
        Some(borrower),
        CreditEvent::LoanOriginated(originated),
    );
    Ok(())
}

/// Checks the loan's terms against those of the product and the agreement.
fn check_terms(
    terms: &ProductTerms,
    agreement: &Agreement,
    operation: &LoanOriginate,
) -> Result<(), Outcome> {
    let supplied = u32::try_from(operation.schedule.len()).unwrap_or(u32::MAX);
    let allowed = terms.asset == agreement.terms.asset
        && (terms.principal_min..=terms.principal_max).contains(&operation.principal)
        && (terms.rate_ppm_min..=terms.rate_ppm_max).contains(&operation.rate_ppm)
        && operation.instalments.max(supplied) <= terms.instalments_max
        && (terms.schedule == ScheduleKind::LenderSupplied) == (supplied > 0);
    allowed.then_some(()).ok_or(Outcome::TermsOutsideProduct)
}

/// Checks what the agreement allows to be lent.
pub(super) fn check_caps(agreement: &Agreement, principal: Amount) -> Result<(), Outcome> {
    let outstanding = agreement.outstanding.try_add(principal);
    let is_allowed = principal <= agreement.terms.loan_max
        && outstanding.is_some_and(|sum| sum <= agreement.terms.outstanding_max);
    is_allowed
        .then_some(())
        .ok_or(Outcome::AgreementCapExceeded)
}

fn terms_of(terms: &ProductTerms, operation: &LoanOriginate, start: u32) -> Terms {
    Terms {
        kind: terms.schedule,
        down_payment_ppm: terms.down_payment_ppm,
        principal: operation.principal,
        rate_ppm: operation.rate_ppm,
        day_count: terms.day_count,
        start,
        first_due: operation.first_due,
        count: operation.instalments,
    }
}

fn schedule_of(terms: &Terms, supplied: &[Instalment]) -> Result<Vec<Instalment>, Outcome> {
    if !supplied.is_empty() {
        return Ok(supplied.to_vec());
    }
    generate(terms).ok_or(Outcome::ScheduleInvalid)
}
