//! How a reader stands to a record, by the committed state.

use talea_types::{
    AccountId, AgreementId, CaseId, HoldId, LoanId, ParticipantId, Subject, TransactionId,
    access::Relation, operation::AccountKind, state::StateKey,
};

use super::record::{Part, Record};
use crate::Ledger;

/// The relations of a reader to a record; none to what is not there, but for what the key itself says.
pub(super) fn relations(ledger: &Ledger, reader: &Subject, record: &Record) -> Vec<Relation> {
    let mut found = match reader {
        Subject::Account(id) => as_account(ledger, id, record),
        Subject::Participant(id) => as_participant(ledger, id, record),
        Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => Vec::new(),
    };
    found.sort_unstable();
    found.dedup();
    found
}

fn as_account(ledger: &Ledger, own: &AccountId, record: &Record) -> Vec<Relation> {
    if let Record::Object(key) = record
        && let Some((payer, payee)) = payment(ledger, key)
    {
        let holder = (payer == *own).then_some(Relation::Holder);
        let counterparty = (payee == *own).then_some(Relation::Counterparty);
        return holder.into_iter().chain(counterparty).collect();
    }
    let is_holder = record.accounts(ledger).contains(own);
    is_holder.then_some(Relation::Holder).into_iter().collect()
}

fn as_participant(ledger: &Ledger, own: &ParticipantId, record: &Record) -> Vec<Relation> {
    let mut found = Vec::new();
    for account in record.accounts(ledger) {
        if ledger
            .account(&account)
            .is_some_and(|one| one.sponsor == *own)
        {
            found.push(Relation::Sponsor);
        }
        if is_grantee(ledger, own, &account, record) {
            found.push(Relation::Grantee);
        }
    }
    match record.part(ledger) {
        Part::Debtor(id) => of_debtor(ledger, own, &id, &mut found),
        Part::Loan(id) => of_loan(ledger, own, &id, &mut found),
        Part::Case(id) => of_case(ledger, own, &id, &mut found),
        Part::Network | Part::Account(_) | Part::Other => {}
    }
    let by_key = match record {
        Record::Body => runs_validator(ledger, own).then_some(Relation::Validator),
        Record::History(Subject::Participant(id)) => of_conduct(ledger, own, id),
        Record::History(_) => None,
        Record::Object(key) => of_key(ledger, own, key),
    };
    found.extend(by_key);
    found
}

/// Those who run validators decide together what concerns the network, and see what each of them did about it.
fn of_conduct(ledger: &Ledger, own: &ParticipantId, id: &ParticipantId) -> Option<Relation> {
    let both_validate = || runs_validator(ledger, own) && runs_validator(ledger, id);
    if id == own {
        Some(Relation::Itself)
    } else {
        both_validate().then_some(Relation::Validator)
    }
}

/// What the name of an object, or the object itself, says.
fn of_key(ledger: &Ledger, own: &ParticipantId, key: &StateKey) -> Option<Relation> {
    match key {
        StateKey::Participant(id) | StateKey::Position(id, _) => {
            (id == own).then_some(Relation::Itself)
        }
        StateKey::Credential(_, by) => (by == own).then_some(Relation::Provider),
        StateKey::Envelope(hash) => {
            let put_by = ledger.envelope(hash).map(|one| one.put_by);
            (put_by == Some(Subject::Participant(*own))).then_some(Relation::Provider)
        }
        StateKey::InquiryRight(_, lender) => (lender == own).then_some(Relation::Lender),
        StateKey::Agreement(id) => is_party(ledger, own, id).then_some(Relation::Lender),
        _ => None,
    }
}

/// A grant of the account is in force and names what the record holds. Of a grant itself, it is that one.
fn is_grantee(ledger: &Ledger, own: &ParticipantId, account: &AccountId, record: &Record) -> bool {
    if let Record::Object(StateKey::DataGrant(_, to)) = record
        && to != own
    {
        return false;
    }
    ledger.data_grant(account, own).is_some_and(|grant| {
        grant.is_in_force(ledger.time())
            && record
                .fields()
                .is_none_or(|fields| grant.fields.contains(fields))
    })
}

fn of_debtor(ledger: &Ledger, own: &ParticipantId, id: &AccountId, found: &mut Vec<Relation>) {
    let Some(debtor) = ledger.debtor(id) else {
        return;
    };
    if debtor.loans.iter().any(|loan| funds(ledger, own, loan)) {
        found.push(Relation::Lender);
    }
    if debtor
        .cases
        .iter()
        .any(|case| collects(ledger, own, case, None))
    {
        found.push(Relation::Agency);
    }
}

fn of_loan(ledger: &Ledger, own: &ParticipantId, id: &LoanId, found: &mut Vec<Relation>) {
    if funds(ledger, own, id) {
        found.push(Relation::Lender);
    }
    let debtor = ledger
        .loan(id)
        .and_then(|loan| ledger.debtor(&loan.borrower));
    let mut cases = debtor.iter().flat_map(|debtor| &debtor.cases);
    if cases.any(|case| collects(ledger, own, case, Some(id))) {
        found.push(Relation::Agency);
    }
}

fn of_case(ledger: &Ledger, own: &ParticipantId, id: &CaseId, found: &mut Vec<Relation>) {
    let Some(case) = ledger.case(id) else {
        return;
    };
    if case.lender == *own || case.loans.iter().any(|loan| funds(ledger, own, loan)) {
        found.push(Relation::Lender);
    }
    if collects(ledger, own, id, None) {
        found.push(Relation::Agency);
    }
}

/// Whether a case is open and placed with an organisation; `about`: and this loan is in it.
fn collects(ledger: &Ledger, own: &ParticipantId, case: &CaseId, about: Option<&LoanId>) -> bool {
    ledger.case(case).is_some_and(|case| {
        case.is_open()
            && case.collector == *own
            && about.is_none_or(|loan| case.loans.contains(loan))
    })
}

/// Whether an organisation lends, or has a claim on the loan with an account of its own.
fn funds(ledger: &Ledger, own: &ParticipantId, loan: &LoanId) -> bool {
    ledger.loan(loan).is_some_and(|loan| {
        let mut funders = loan.funders.iter();
        loan.lender == *own || funders.any(|funder| is_own(ledger, own, &funder.account))
    })
}

/// Whether an organisation is a party to an agreement.
fn is_party(ledger: &Ledger, own: &ParticipantId, id: &AgreementId) -> bool {
    ledger.agreement(id).is_some_and(|agreement| {
        let terms = &agreement.terms;
        let funders = terms.funders.iter().map(|funder| funder.account);
        let guarantor = terms.guarantor.iter().map(|(account, _)| *account);
        let mut accounts = funders.chain(guarantor).chain([terms.servicer]);
        agreement.lender == *own || accounts.any(|account| is_own(ledger, own, &account))
    })
}

/// Whether an account is one that an organisation holds for itself.
fn is_own(ledger: &Ledger, own: &ParticipantId, account: &AccountId) -> bool {
    let account = ledger.account(account);
    account.is_some_and(|one| one.kind == AccountKind::Own && one.sponsor == *own)
}

fn runs_validator(ledger: &Ledger, own: &ParticipantId) -> bool {
    let mut validators = ledger.validators().iter();
    validators.any(|(_, validator)| validator.participant == *own)
}

/// Payer and payee of a hold or a right to refund.
fn payment(ledger: &Ledger, key: &StateKey) -> Option<(AccountId, AccountId)> {
    let hold = |id: &HoldId| ledger.hold(id).map(|hold| (hold.from, hold.to));
    let right = |id: &TransactionId, leg| {
        let right = ledger.refund_right(id, leg);
        right.map(|right| (right.from, right.to))
    };
    match key {
        StateKey::Hold(id) => hold(id),
        StateKey::RefundRight(id, leg) => right(id, *leg),
        _ => None,
    }
}
