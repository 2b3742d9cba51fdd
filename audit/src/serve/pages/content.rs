//! Whose file the content of a transaction is a part of. What credit and collections ask for names a debtor and says
//! what was done to it: it is shown as the debtor's own record is, by the matrix and with a look.

use talea_ledger::access::Record;
use talea_types::{
    CaseId, LoanId, Operation, PermitId, Subject, TransactionBody,
    operation::{AssuranceOperation, CollectionsOperation, CreditOperation},
    state::StateKey,
};

use crate::{
    Index, LookHead,
    serve::{Desk, access, answer::Problem, caller::Caller, words},
};

/// The records that the content of a transaction is a part of; none for what is about no debtor.
pub(super) fn records(index: &Index, body: &TransactionBody) -> Result<Vec<Record>, Problem> {
    let record = match &body.operation {
        Operation::Credit(operation) => credit(&body.author, operation),
        Operation::Collections(operation) => Some(collections(index, operation)?),
        // That somebody read a debtor's record is told in that record.
        Operation::Assurance(AssuranceOperation::AccessLog(log)) => {
            let subjects = log.entries.iter().map(|entry| &entry.subject);
            let of_debtors = subjects.filter(|subject| is_of_debtor(subject));
            return Ok(of_debtors.map(access::object).collect());
        }
        Operation::KeyRotate(_)
        | Operation::Propose(_)
        | Operation::Approve(_)
        | Operation::Veto(_)
        | Operation::Withdraw(_)
        | Operation::ClockAdvance(_)
        | Operation::AccountOpen(_)
        | Operation::AccountRestrict(_)
        | Operation::AccountClose(_)
        | Operation::Issue(_)
        | Operation::Redeem(_)
        | Operation::Transfer(_)
        | Operation::HoldPlace(_)
        | Operation::HoldResolve(_)
        | Operation::Refund(_)
        | Operation::AtomicBatch(_)
        | Operation::Assurance(_) => None,
    };
    Ok(record.into_iter().collect())
}

/// Checks that content may be shown to whoever asks.
pub(super) fn check(
    desk: &Desk,
    caller: Option<&Caller>,
    records: &[Record],
) -> Result<(), Problem> {
    let ledger = desk.ledger.read();
    let mut each = records.iter();
    each.try_for_each(|record| access::check(&ledger, caller, record))
}

/// The same, and writes a look down for each record that it is a part of.
pub(super) async fn look(
    desk: &Desk,
    caller: Option<&Caller>,
    records: &[Record],
    shown: &'static str,
) -> Result<Option<LookHead>, Problem> {
    check(desk, caller, records)?;
    let mut head = None;
    for record in records {
        head = desk.look(caller, *record, shown).await?.or(head);
    }
    Ok(head)
}

const fn is_of_debtor(subject: &Subject) -> bool {
    match subject {
        Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => true,
        Subject::Account(_) | Subject::Participant(_) => false,
    }
}

const fn of_loan(id: LoanId) -> Record {
    access::object(&Subject::Loan(id))
}

fn credit(author: &Subject, operation: &CreditOperation) -> Option<Record> {
    use CreditOperation as Credit;
    Some(match operation {
        Credit::ProductPublish(_)
        | Credit::AgreementRegister(_)
        | Credit::BusinessDateAdvance(_) => return None,
        Credit::LoanOriginate(one) => access::object(&Subject::Debtor(one.borrower)),
        Credit::InquiryAuthorise(_) => match author {
            Subject::Account(id) => access::object(&Subject::Debtor(*id)),
            other => access::object(other),
        },
        Credit::LoanDisburse(one) => of_loan(one.loan),
        Credit::RepaymentApply(one) => of_loan(one.loan),
        Credit::FeeAssess(one) => of_loan(one.loan),
        Credit::LoanModify(one) => of_loan(one.loan),
        Credit::ChargeOff(one) => of_loan(one.loan),
        Credit::LossShareSettle(one) => of_loan(one.loan),
        Credit::DebtAssign(one) => of_loan(one.loan),
        Credit::CreditFurnish(one) => of_loan(one.loan),
    })
}

fn collections(index: &Index, operation: &CollectionsOperation) -> Result<Record, Problem> {
    use CollectionsOperation as Collecting;
    let debtor = |id| access::object(&Subject::Debtor(id));
    let case = |id| access::object(&Subject::Case(id));
    Ok(match operation {
        Collecting::DebtorRegister(one) => debtor(one.account),
        Collecting::ResidenceSet(one) => debtor(one.debtor),
        Collecting::PreferenceSet(one) => debtor(one.debtor),
        Collecting::CasePlace(one) => debtor(one.debtor),
        Collecting::ContactReport(one) => debtor(one.debtor),
        Collecting::ProtectionSet(one) => debtor(one.debtor),
        Collecting::ComplaintOpen(one) => debtor(one.debtor),
        Collecting::ComplaintAnswer(one) => debtor(one.debtor),
        Collecting::CaseRecall(one) => case(one.case),
        Collecting::NoticeCommit(one) => case(one.case),
        Collecting::ContactPermit(one) => case(one.case),
        Collecting::ContactOutcome(one) => match case_of(index, &one.permit)? {
            Some(id) => case(id),
            None => Record::Object(StateKey::Permit(one.permit)),
        },
        Collecting::PromiseToPay(one) => of_loan(one.loan),
        Collecting::RepaymentPlan(one) => of_loan(one.loan),
        Collecting::DisputeOpen(one) => of_loan(one.loan),
        Collecting::DisputeResolve(one) => of_loan(one.loan),
    })
}

/// The case of a permit: the state forgets a permit that was closed long ago, the index does not.
fn case_of(index: &Index, permit: &PermitId) -> Result<Option<CaseId>, Problem> {
    const ASK: &str = "SELECT case_id FROM contact WHERE permit = $1";
    let rows = index.ask(ASK, &[permit.as_bytes()[..].into()])?;
    let row = rows.first();
    row.map(|row| Ok(CaseId::from_bytes(words::array(row.bytes(0)?)?)))
        .transpose()
}
