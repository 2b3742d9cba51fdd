//! A debt, two calls of which the law refuses one, a dispute, a complaint, and a validator that joins: the
//! files that prove each of it.

use talea_client::{AuditBundle, ProofFile, operations};
use talea_genesis::localnet::Localnet;
use talea_types::{
    AccountId, AgreementId, Amount, Asset, CaseId, Hash, LoanId, Operation, Outcome, PermitId,
    ProductId, ProposalId, SecretKey, Subject,
    conduct::{Channel, ComplaintStep, ContactResult, DisputeResolution, Initiator},
    credit::{
        AgreementTerms, Component, DayCount, DelinquencyPolicy, FunderShare, ProductTerms,
        ScheduleKind,
    },
    operation::{
        AccountKind, AgreementRegister, Approve, Change, CollectionsOperation as Collecting,
        ComplaintAnswer, ComplaintOpen, ContactReport, CreditOperation as Lending, DisputeOpen,
        DisputeResolve, Issue, LoanDisburse, LoanOriginate, ProductPublish, Propose,
        ValidatorSetChange,
    },
    state::StateKey,
};

use super::network::{Network, START, key};

/// What was told.
pub struct Told {
    pub localnet: Localnet,
    /// Each with a name.
    pub files: Vec<(&'static str, ProofFile)>,
}

fn czk() -> Asset {
    Asset::new("CZK").unwrap()
}

fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).unwrap()
}

/// Tells the story.
pub fn tell() -> Told {
    let mut network = Network::new();
    let mut files = Vec::new();
    let bank = network.organisation("bank-1");
    let agency = Change::ParticipantRegister(Network::agency_terms());
    decide(&mut network, &bank, &[&key("agency")], agency);
    let agency = Network::agency();
    let (Subject::Participant(lender), Subject::Participant(collector)) = (bank.0, agency.0) else {
        unreachable!("organisations")
    };
    let alice = network.open(&bank, "alice", AccountKind::Wallet);
    let shop = network.open(&bank, "shop", AccountKind::Merchant);
    let fund = network.open(&bank, "fund", AccountKind::Own);
    let holder = (Subject::Account(alice), key("alice"));
    let issue = |account, minor_units| {
        Operation::Issue(Issue {
            account,
            asset: czk(),
            amount: amount(minor_units),
            end_to_end_id: String::new(),
        })
    };
    let issued = [issue(fund, 900_000), issue(alice, 10_000)];
    let issued = issued.map(|operation| network.sign(&bank, &[], operation));
    network.apply(issued.to_vec());

    // Payments: one that is applied, and one that is not covered, in one block of three.
    let pays = [2_000, 500_000, 250].map(|minor_units| {
        Operation::Transfer(operations::transfer(
            alice,
            shop,
            czk(),
            amount(minor_units),
        ))
    });
    let pays = pays.map(|operation| network.sign(&holder, &[], operation));
    network.block(pays.to_vec());
    let paid = network.receipt(&pays[0]);
    assert_eq!(paid.receipt.result.outcome, Outcome::Applied);
    files.push(("receipt-applied", ProofFile::Receipt(paid)));
    let uncovered = network.receipt(&pays[1]);
    assert_eq!(uncovered.receipt.result.outcome, Outcome::InsufficientFunds);
    files.push(("receipt-rejected", ProofFile::Receipt(uncovered)));
    let account = network.history(Subject::Account(alice));
    files.push(("history-account", ProofFile::History(account)));
    files.push((
        "object-account",
        ProofFile::Object(network.object(StateKey::Account(shop))),
    ));
    let nobody = LoanId::from_bytes([9; 16]);
    files.push((
        "object-absent",
        ProofFile::Object(network.object(StateKey::Loan(nobody))),
    ));

    let loan = lend(&mut network, alice, fund);
    let (case, permit) = collect(&mut network, alice, loan, &mut files);
    dispute(&mut network, alice, loan, (case, permit));

    // The whole file of the debtor, and an hour of it, in which somebody who is not there had nothing happen.
    let to = network.ledger.time().plus_millis(1);
    let whole = [
        Subject::Debtor(alice),
        Subject::Loan(loan),
        Subject::Case(case),
    ];
    let whole = whole.map(|subject| network.period(subject, START, to));
    let periods = whole.to_vec();
    files.push(("audit-debtor", ProofFile::Audit(AuditBundle { periods })));
    let [from, to] = [18, 22].map(|minutes| START.plus_millis(minutes * 60_000));
    let some = [Subject::Case(case), Subject::Loan(nobody)];
    let periods = some
        .map(|subject| network.period(subject, from, to))
        .to_vec();
    files.push(("audit-period", ProofFile::Audit(AuditBundle { periods })));

    // A validator joins; what comes after is decided by another set.
    let change = Change::ValidatorSetChange(ValidatorSetChange {
        upserts: vec![network.newcomer()],
        removals: Vec::new(),
    });
    decide(&mut network, &bank, &[], change);
    let pay = Operation::Transfer(operations::transfer(alice, shop, czk(), amount(100)));
    let pay = network.sign(&holder, &[], pay);
    network.apply(vec![pay.clone()]);
    let paid = network.receipt(&pay);
    assert_eq!(paid.receipt.finality.set_changes.len(), 1);
    files.push(("receipt-after-change", ProofFile::Receipt(paid)));
    let organisations = [collector, lender].map(Subject::Participant);
    files.push((
        "history-organisation-after-change",
        ProofFile::History(network.history(organisations[1])),
    ));
    Told {
        localnet: network.localnet,
        files,
    }
}

/// A loan that is paid out.
fn lend(network: &mut Network, alice: AccountId, fund: AccountId) -> LoanId {
    let bank = network.organisation("bank-1");
    let (alice_key, fund_key) = (key("alice"), key("fund"));
    let residence = operations::collections::residence("US", "America/New_York", "en");
    let register = operations::collections::register_debtor(alice, residence);
    let register = Operation::Collections(Collecting::DebtorRegister(register));
    let register = network.sign(&bank, &[&alice_key], register);
    let product = Lending::ProductPublish(ProductPublish {
        terms: ProductTerms {
            asset: czk(),
            schedule: ScheduleKind::Annuity,
            down_payment_ppm: 0,
            rate_ppm_min: 0,
            rate_ppm_max: 365_000,
            day_count: DayCount::Act365,
            principal_min: amount(1),
            principal_max: amount(500_000),
            instalments_max: 12,
            fees: Vec::new(),
            waterfall: [Component::Fees, Component::Interest, Component::Principal],
            apr_cap_ppm: 365_000,
            delinquency: DelinquencyPolicy {
                grace_days: 0,
                charge_off_days: 91,
                category_days: None,
            },
        },
    });
    let product = network.sign(&bank, &[], Operation::Credit(product));
    let agreement = Lending::AgreementRegister(AgreementRegister {
        terms: AgreementTerms {
            asset: czk(),
            funders: vec![FunderShare {
                account: fund,
                share_ppm: 1_000_000,
            }],
            floor_ppm: 0,
            servicer: fund,
            servicing_ppm: 0,
            loan_max: amount(500_000),
            outstanding_max: amount(900_000),
            guarantor: None,
        },
    });
    let agreement = network.sign(&bank, &[&fund_key], Operation::Credit(agreement));
    network.apply(vec![register, product.clone(), agreement.clone()]);
    let originate = Lending::LoanOriginate(LoanOriginate {
        product: ProductId::published_by(product.id(), 0),
        agreement: AgreementId::registered_by(agreement.id(), 0),
        borrower: alice,
        principal: amount(90_000),
        rate_ppm: 100_000,
        instalments: 3,
        first_due: network.ledger.business_date() + 30,
        schedule: Vec::new(),
        governing_law: "US".to_owned(),
    });
    let originate = network.sign(
        &bank,
        &[&alice_key, &fund_key],
        Operation::Credit(originate),
    );
    let loan = LoanId::originated_by(originate.id(), 0);
    network.apply(vec![originate]);
    let disburse = Operation::Credit(Lending::LoanDisburse(LoanDisburse { loan }));
    let disburse = network.sign(&bank, &[], disburse);
    network.apply(vec![disburse]);
    loan
}

/// A call that is granted and made; another that the law does not allow so soon.
fn collect(
    network: &mut Network,
    alice: AccountId,
    loan: LoanId,
    files: &mut Vec<(&'static str, ProofFile)>,
) -> (CaseId, PermitId) {
    let (bank, agency) = (network.organisation("bank-1"), Network::agency());
    let Subject::Participant(collector) = agency.0 else {
        unreachable!("an organisation")
    };
    let place = operations::collections::place_case(alice, collector, [loan]);
    let place = Operation::Collections(Collecting::CasePlace(place));
    let place = network.sign(&bank, &[], place);
    let case = CaseId::placed_by(place.id(), 0);
    network.apply(vec![place]);
    let call = |network: &mut Network| {
        let (from, until) = (network.next_time, network.next_time.plus_millis(600_000));
        let phone = Hash([8; 32]);
        let permit =
            operations::collections::permit(case, loan, Channel::VoiceCall, phone, from, until);
        let permit = Operation::Collections(Collecting::ContactPermit(permit));
        network.sign(&agency, &[], permit)
    };
    let granted = call(network);
    let permit = PermitId::granted_by(granted.id(), 0);
    network.apply(vec![granted]);
    let at = network.ledger.time();
    let outcome = talea_types::operation::ContactOutcome {
        duration_seconds: 45,
        recording: Some(Hash([6; 32])),
        ..operations::collections::contact_outcome(permit, ContactResult::Conversation, at)
    };
    let outcome = Operation::Collections(Collecting::ContactOutcome(outcome));
    let outcome = network.sign(&agency, &[], outcome);
    network.apply(vec![outcome]);
    let refused = call(network);
    network.block(vec![refused.clone()]);
    assert!(!network.only_result().rules.is_empty(), "a rule speaks");
    let receipt = network.receipt(&refused);
    files.push(("receipt-contact-refused", ProofFile::Receipt(receipt)));
    (case, permit)
}

/// What a debtor can do about it.
fn dispute(network: &mut Network, alice: AccountId, loan: LoanId, (case, _): (CaseId, PermitId)) {
    let (bank, agency) = (network.organisation("bank-1"), Network::agency());
    let Subject::Participant(collector) = agency.0 else {
        unreachable!("an organisation")
    };
    let holder = (Subject::Account(alice), key("alice"));
    let at = network.ledger.time();
    let commitment = Hash([3; 32]);
    let steps = [
        (
            &holder,
            Collecting::ContactReport(ContactReport {
                debtor: alice,
                collector,
                case: Some(case),
                permit: None,
                initiator: Initiator::Collector,
                channel: Channel::VoiceCall,
                result: ContactResult::Conversation,
                at,
                evidence: Some(Hash([5; 32])),
            }),
        ),
        (
            &holder,
            Collecting::DisputeOpen(DisputeOpen {
                loan,
                reason: 1,
                commitment,
            }),
        ),
        (
            &holder,
            Collecting::ComplaintOpen(ComplaintOpen {
                debtor: alice,
                against: collector,
                reason: 1,
                commitment,
            }),
        ),
        (
            &agency,
            Collecting::ComplaintAnswer(ComplaintAnswer {
                debtor: alice,
                number: 1,
                step: ComplaintStep::Acknowledged,
                commitment,
            }),
        ),
        (
            &bank,
            Collecting::DisputeResolve(DisputeResolve {
                loan,
                resolution: DisputeResolution::Rejected,
                answer: Some(commitment),
            }),
        ),
    ];
    for (author, operation) in steps {
        let signed = network.sign(author, &[], Operation::Collections(operation));
        network.apply(vec![signed]);
    }
}

/// A change that a bank proposes, the others who run validators approve, and that takes effect.
fn decide(
    network: &mut Network,
    bank: &(Subject, SecretKey),
    others: &[&SecretKey],
    change: Change,
) {
    let effective_height = network.ledger.height() + 8;
    let propose = Operation::Propose(Propose {
        change,
        effective_height,
        approve_by: network.next_time.plus_millis(3_600_000),
    });
    let propose = network.sign(bank, others, propose);
    let proposal = ProposalId::made_by(propose.id());
    network.apply(vec![propose]);
    let approvers = ["operator", "bank-2", "bank-3"].map(|name| network.organisation(name));
    let approvals = approvers.map(|approver| {
        let approve = Operation::Approve(Approve { proposal });
        network.sign(&approver, &[], approve)
    });
    network.apply(approvals.to_vec());
    while network.ledger.height() < effective_height {
        network.block(Vec::new());
    }
}
