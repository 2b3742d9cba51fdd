//! One debt and two agencies that want to call about it, more often than the law allows.

use std::collections::VecDeque;

use talea_ledger::Ledger;
use talea_types::conduct::{Channel, Party, Purpose};
use talea_types::credit::{
    AgreementTerms, Component, DayCount, DelinquencyPolicy, FunderShare, ProductTerms, ScheduleKind,
};
use talea_types::operation::{
    AccountKind, AgreementRegister, CasePlace, CollectionsOperation, ContactPermit,
    CreditOperation, DebtorRegister, LoanDisburse, LoanOriginate, ProductPublish, Strategy,
};
use talea_types::state::{Registration, Role};
use talea_types::time::DAY_MS;
use talea_types::{
    AgreementId, Asset, CaseId, KeyPolicy, LoanId, Operation, ParticipantId, ProductId, Residence,
    SecretKey, SignedTransaction, Subject, Timestamp, hash::tagged,
};

use super::clients::{Author, Signing, amount_of, issue, open_account};
use super::plan::START_MS;
use super::random::Random;

/// Calls that Regulation F allows about one debt within seven days, 12 CFR 1006.14(b)(2)(i)(A).
const CALLS_MAX: usize = 7;
const SETUP_MS: u64 = 3_600_000;

fn lei(agency: u64) -> String {
    format!("315700SIMAGENCY{agency:05}")
}

fn agency_key(agency: u64) -> SecretKey {
    SecretKey::from_seed(tagged("sim agency", &[&agency.to_be_bytes()]).0)
}

/// The two agencies, for genesis.
#[must_use]
pub fn agencies() -> Vec<Registration> {
    let register = |agency: u64| Registration {
        lei: lei(agency),
        bic: String::new(),
        name: lei(agency),
        jurisdiction: "US".to_owned(),
        roles: vec![Role::CollectionAgency],
        policy: KeyPolicy::single(agency_key(agency).public_key()),
        licence_expires_at: None,
        evaluated_on: Some(20_700),
    };
    (0..2).map(register).collect()
}

/// See the module.
#[derive(Debug)]
pub struct Debt {
    loan: LoanId,
    agencies: Vec<(Author, CaseId)>,
}

impl Debt {
    /// Adds what it takes to owe something to the stages.
    pub fn new(
        signing: Signing,
        bank: &mut Author,
        asset: Asset,
        stages: &mut VecDeque<Vec<SignedTransaction>>,
    ) -> Self {
        let sign = |bank: &mut Author, others: &[&SecretKey], operation: Operation| {
            signing.sign(bank, others, SETUP_MS, operation)
        };
        let debtor_key = SecretKey::from_seed(tagged("sim debtor", &[]).0);
        let fund_key = SecretKey::from_seed(tagged("sim fund", &[]).0);
        let (open_debtor, debtor) = open_account(signing, bank, &debtor_key, AccountKind::Wallet);
        let (open_fund, fund) = open_account(signing, bank, &fund_key, AccountKind::Own);
        let register = CollectionsOperation::DebtorRegister(DebtorRegister {
            account: debtor,
            residence: Residence {
                country: "US".to_owned(),
                subdivision: String::new(),
                time_zones: vec!["America/New_York".to_owned()],
                language: "en".to_owned(),
            },
        });
        let register = sign(bank, &[&debtor_key], Operation::Collections(register));
        let money = issue(signing, bank, fund, asset, 900_000, SETUP_MS);
        let product = CreditOperation::ProductPublish(ProductPublish {
            terms: product_terms(asset),
        });
        let product = sign(bank, &[], Operation::Credit(product));
        let product_id = ProductId::published_by(product.id(), 0);
        let terms = AgreementTerms {
            asset,
            funders: vec![FunderShare {
                account: fund,
                share_ppm: 1_000_000,
            }],
            floor_ppm: 0,
            servicer: fund,
            servicing_ppm: 0,
            loan_max: amount_of(500_000),
            outstanding_max: amount_of(900_000),
            guarantor: None,
        };
        let agreement = CreditOperation::AgreementRegister(AgreementRegister { terms });
        let agreement = sign(bank, &[&fund_key], Operation::Credit(agreement));
        let agreement_id = AgreementId::registered_by(agreement.id(), 0);
        let today = u32::try_from(START_MS / DAY_MS).expect("this century");
        let originate = CreditOperation::LoanOriginate(LoanOriginate {
            product: product_id,
            agreement: agreement_id,
            borrower: debtor,
            principal: amount_of(90_000),
            rate_ppm: 100_000,
            instalments: 3,
            first_due: today + 30,
            schedule: Vec::new(),
            governing_law: "US".to_owned(),
        });
        let signers = [&debtor_key, &fund_key];
        let originate = sign(bank, &signers, Operation::Credit(originate));
        let loan = LoanId::originated_by(originate.id(), 0);
        let disburse = CreditOperation::LoanDisburse(LoanDisburse { loan });
        let disburse = sign(bank, &[], Operation::Credit(disburse));
        let mut cases = Vec::new();
        let agencies = (0..2)
            .map(|agency| {
                let id = ParticipantId::from_lei(&lei(agency));
                let place = CollectionsOperation::CasePlace(CasePlace {
                    debtor,
                    collector: id,
                    loans: vec![loan],
                    placement_notice: None,
                    forbearance: None,
                });
                let place = sign(bank, &[], Operation::Collections(place));
                let case = CaseId::placed_by(place.id(), 0);
                cases.push(place);
                let author = Author::new(Subject::Participant(id), agency_key(agency));
                (author, case)
            })
            .collect();
        stages.push_back(vec![open_debtor, open_fund]);
        stages.push_back(vec![register, money, product]);
        stages.push_back(vec![agreement]);
        stages.push_back(vec![originate]);
        stages.push_back(vec![disburse]);
        stages.push_back(cases);
        Self { loan, agencies }
    }

    /// One of the agencies wants to call.
    pub fn contact(
        &mut self,
        signing: Signing,
        random: &mut Random,
        now: u64,
        expires_ms: u64,
    ) -> SignedTransaction {
        let agency = random.position(self.agencies.len());
        let (author, case) = &mut self.agencies[agency];
        let from = START_MS + now + random.between(0, 30_000);
        let permit = ContactPermit {
            case: *case,
            loan: self.loan,
            channel: random.one_of(&[
                Channel::VoiceCall,
                Channel::VoiceCall,
                Channel::AutomatedCall,
                Channel::Email,
            ]),
            party: Party::Debtor,
            purpose: Purpose::Payment,
            contact_point: tagged("sim phone", &[]),
            from: Timestamp::from_millis(from),
            until: Timestamp::from_millis(from + 60_000),
            template: "script-1".to_owned(),
            language: "en".to_owned(),
            opt_out_statement: true,
            recorded: false,
            strategy: Strategy {
                grade: 1,
                model: "model-1".to_owned(),
                version: 1,
            },
            override_reason: 0,
        };
        let permit = CollectionsOperation::ContactPermit(permit);
        signing.sign(author, &[], expires_ms, Operation::Collections(permit))
    }
}

/// Counts the permits to call, debt by debt, without the code that grants them.
///
/// # Errors
/// When more were granted than the law allows.
pub fn check_caps(ledger: &Ledger) -> Result<usize, String> {
    let calls = |loan: &LoanId| {
        ledger
            .permits()
            .filter(|(_, permit)| permit.loan == *loan)
            .filter(|(_, permit)| {
                matches!(permit.channel, Channel::VoiceCall | Channel::AutomatedCall)
            })
            .count()
    };
    for (loan, _) in ledger.loans() {
        let calls = calls(loan);
        if calls > CALLS_MAX {
            return Err(format!(
                "{calls} calls are permitted about {loan} in a week"
            ));
        }
    }
    Ok(ledger.permits().count())
}

fn product_terms(asset: Asset) -> ProductTerms {
    ProductTerms {
        asset,
        schedule: ScheduleKind::Annuity,
        down_payment_ppm: 0,
        rate_ppm_min: 0,
        rate_ppm_max: 365_000,
        day_count: DayCount::Act365,
        principal_min: amount_of(1),
        principal_max: amount_of(500_000),
        instalments_max: 12,
        fees: Vec::new(),
        waterfall: [Component::Fees, Component::Interest, Component::Principal],
        apr_cap_ppm: 365_000,
        delinquency: DelinquencyPolicy {
            grace_days: 0,
            charge_off_days: 91,
            category_days: None,
        },
    }
}
