//! Random operations on loans. Everybody has the same key: who has to sign is tested elsewhere.

use std::collections::BTreeMap;

use talea_ledger::{Genesis, Ledger};
use talea_types::{
    AccountId, AgreementId, Amount, Asset, ChainId, Hash, KeyPolicy, LoanId, Operation, Outcome,
    ParticipantId, ProductId, Residence, SecretKey, SignedTransaction, Subject, Timestamp,
    TransactionBody, Validator,
    credit::{
        AgreementTerms, Component, DayCount, DelinquencyPolicy, FeeGround, FeeTerm, FunderShare,
        Instalment, Modification, ProductTerms, ReportKind, ResidualFate, ScheduleKind,
        SettlementOffer,
    },
    operation::{
        AccountKind, AccountOpen, AgreementRegister, BusinessDateAdvance, ChargeOff,
        CollectionsOperation, CreditFurnish, CreditOperation, DebtAssign, DebtorRegister,
        FeeAssess, InquiryAuthorise, Issue, LoanDisburse, LoanModify, LoanOriginate,
        LossShareSettle, ProductPublish, RepaymentApply,
    },
    state::{AssetDefinition, AssetKind, LoanStatus, Registration, Role},
    time::DAY_MS,
};

mod opening;
mod remedies;

use super::naive::{Agreement, Faults, Loan, Naive, Product};

const BANKS: [&str; 2] = ["FIRSTBANK00000000000", "SECONDBANK0000000000"];
const BUREAU: &str = "BUREAU00000000000000";
const ADVISER: &str = "ADVISER0000000000000";
const START: u32 = 20_000;
/// Debtors; after them come funders and the guarantor.
const DEBTORS: usize = 12;
const FUNDERS: usize = 4;
const MONEY: u64 = 400_000;

pub struct Generator {
    random: u64,
    key: SecretKey,
    nonces: BTreeMap<Subject, u64>,
    accounts: Vec<AccountId>,
    products: Vec<ProductId>,
    agreements: Vec<AgreementId>,
    /// Newest last.
    recent: Vec<LoanId>,
    /// The outcome that the model expects of the last transaction.
    pub expected: Option<Outcome>,
    /// The last transaction brought a schedule, or touched a loan: what the ledger made of it has to be seen.
    pub needs_answer: bool,
    pub touched: Option<LoanId>,
    originated: Option<(LoanId, Loan)>,
    rescheduled: Option<LoanId>,
    /// Agreed a moment ago: mostly paid out at once.
    agreed: Option<LoanId>,
}

pub fn asset() -> Asset {
    Asset::new("CZK").unwrap()
}

fn amount(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

fn chain() -> ChainId {
    ChainId::new(Hash([7; 32]))
}

/// Block times follow the business date, so that it is never too far ahead.
pub fn time_of(ledger: &Ledger) -> Timestamp {
    let day = u64::from(ledger.business_date()) + 400;
    Timestamp::from_millis((day * DAY_MS).max(ledger.time().millis() + 1))
}

const KINDS: [ScheduleKind; 5] = [
    ScheduleKind::Annuity,
    ScheduleKind::EqualPrincipal,
    ScheduleKind::DownPayment,
    ScheduleKind::Bullet,
    ScheduleKind::LenderSupplied,
];

impl Generator {
    pub fn new(seed: u64) -> Self {
        Self {
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            key: SecretKey::from_seed([3; 32]),
            nonces: BTreeMap::new(),
            accounts: Vec::new(),
            products: Vec::new(),
            agreements: Vec::new(),
            recent: Vec::new(),
            expected: None,
            needs_answer: false,
            touched: None,
            originated: None,
            rescheduled: None,
            agreed: None,
        }
    }

    /// Below `end` (xorshift64*).
    fn below(&mut self, end: u64) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % end
    }

    fn day(&mut self, today: u32, most: u64) -> u32 {
        today + u32::try_from(self.below(most)).unwrap()
    }

    fn sign(&mut self, now: Timestamp, author: Subject, operation: Operation) -> SignedTransaction {
        let nonce = self.nonces.entry(author).or_default();
        *nonce += 1;
        let body = TransactionBody {
            signers: vec![self.key.public_key()],
            author,
            nonce: *nonce - 1,
            expires_at: now.plus_millis(60_000),
            operation,
        };
        SignedTransaction::sign(&chain(), &body, &[&self.key]).unwrap()
    }

    fn bank(&self, place: usize) -> Subject {
        Subject::Participant(ParticipantId::from_lei(BANKS[place]))
    }

    fn account(&mut self) -> AccountId {
        let place = self.below(self.accounts.len() as u64) as usize;
        self.accounts[place]
    }

    /// One of late, now and then one that is not there.
    fn loan(&mut self) -> LoanId {
        if self.recent.is_empty() || self.below(200) == 0 {
            return LoanId::from_bytes([9; 16]);
        }
        // Half of them among a few, so that much happens to one loan.
        let many = self.recent.len() as u64;
        let among = if self.below(2) == 0 {
            many.min(8)
        } else {
            many
        };
        let place = self.below(among) as usize;
        self.recent[place]
    }

    fn lender_of(&mut self, model: &Naive, loan: LoanId) -> usize {
        let lender = model.loans.get(&loan).map_or(0, |one| one.lender);
        if self.below(60) == 0 {
            1 - lender
        } else {
            lender
        }
    }

    pub fn transaction(&mut self, model: &mut Naive, ledger: &Ledger) -> SignedTransaction {
        self.needs_answer = false;
        let now = time_of(ledger);
        let agreed = self.agreed.take();
        let id = agreed.unwrap_or_else(|| self.loan());
        let lender = self.lender_of(model, id);
        let known = model.loans.contains_key(&id).then_some(id);
        let mut author = self.bank(lender);
        let today = model.today;
        let mut modification = None;
        let choice = if agreed.is_some() {
            10
        } else {
            self.below(100)
        };
        model.now = now.millis();
        if (44..50).contains(&choice) {
            return self.remedy(model, now, id);
        }
        let (operation, expected) = match choice {
            0..10 => {
                let (originate, lender) = self.originate(model);
                author = self.bank(lender);
                let signed = self.sign(
                    now,
                    author,
                    Operation::Credit(CreditOperation::LoanOriginate(originate.clone())),
                );
                let verdict = self.check_originate(
                    model,
                    &originate,
                    lender,
                    LoanId::originated_by(signed.id(), 0),
                );
                self.expected = Some(verdict.err().unwrap_or(Outcome::Applied));
                self.needs_answer = true;
                return signed;
            }
            10..14 => (
                CreditOperation::LoanDisburse(LoanDisburse { loan: id }),
                model.disburse(id, lender),
            ),
            14..44 => {
                let payer = self.account();
                author = Subject::Account(payer);
                let owed = model.loans.get(&id).map_or(100, |one| {
                    one.principal + one.interest_owed(&model.products) + one.fees
                });
                let part = match self.below(12) {
                    0 => owed as u64,
                    1 => owed as u64 + 1,
                    2..5 => 1 + self.below(20),
                    _ => 1 + self.below((owed as u64 / 4).max(1)),
                };
                let part = part.max(1);
                let repay = RepaymentApply {
                    loan: id,
                    payer,
                    amount: amount(part),
                };
                (
                    CreditOperation::RepaymentApply(repay),
                    model.repay(id, payer, part.into()),
                )
            }
            50..58 => {
                let (code, ground) = match self.below(9) {
                    0 => ("LATE", FeeGround::Collection),
                    1 => ("LATE", FeeGround::Service),
                    2 | 3 => ("PAPER", FeeGround::Service),
                    4 | 5 => ("INQUIRY", FeeGround::Inquiry),
                    _ => ("LATE", FeeGround::LatePayment),
                };
                let fee = FeeAssess {
                    loan: id,
                    code: code.to_owned(),
                    ground,
                };
                (
                    CreditOperation::FeeAssess(fee),
                    model.fee(id, lender, code, ground),
                )
            }
            58..62 => {
                let place = self.below(DEBTORS as u64) as usize;
                let borrower = self.accounts[place];
                author = Subject::Account(borrower);
                let until = self.day(today, 30).saturating_sub(1);
                let inquiry = InquiryAuthorise {
                    lender: ParticipantId::from_lei(BANKS[lender]),
                    until,
                };
                let mut faults = Faults::default();
                faults.when(until < today, Outcome::DateGoesBack);
                let verdict = faults.verdict();
                if verdict.is_ok() {
                    model.inquiries.insert((borrower, lender), until);
                }
                (CreditOperation::InquiryAuthorise(inquiry), verdict)
            }
            62..74 => {
                author = self.bank(0);
                let to = match self.below(12) {
                    0 => today,
                    1 => today + 40,
                    _ => today + 1 + self.below(6) as u32,
                };
                (
                    CreditOperation::BusinessDateAdvance(BusinessDateAdvance { to }),
                    model.advance(to),
                )
            }
            74..84 => {
                let change = self.modification(model, id);
                modification = Some(change);
                (
                    CreditOperation::LoanModify(LoanModify {
                        loan: id,
                        modification: change,
                    }),
                    Ok(()),
                )
            }
            84..89 => (
                CreditOperation::ChargeOff(ChargeOff { loan: id }),
                model.charge_off(id, lender),
            ),
            89..92 => (
                CreditOperation::LossShareSettle(LossShareSettle { loan: id }),
                model.share_loss(id, lender),
            ),
            92..94 => {
                let place = DEBTORS + self.below(FUNDERS as u64) as usize;
                let buyer = self.accounts[place];
                let price = self.below(30_000);
                let to = self.below(2) as usize;
                let assign = DebtAssign {
                    loan: id,
                    lender: ParticipantId::from_lei(BANKS[to]),
                    buyer,
                    price: amount(price),
                    notice_commitment: Hash([1; 32]),
                };
                (
                    CreditOperation::DebtAssign(assign),
                    model.assign(id, lender, to, buyer, price.into()),
                )
            }
            _ => {
                let found = model
                    .loans
                    .get(&id)
                    .map_or(0, |one| one.days_past_due(&model.products, today));
                let days = if self.below(9) == 0 { found + 1 } else { found };
                let kind = [
                    ReportKind::Positive,
                    ReportKind::Adverse,
                    ReportKind::Correction,
                    ReportKind::DisputeFlag,
                ][self.below(4) as usize];
                let names = matches!(kind, ReportKind::Correction | ReportKind::DisputeFlag);
                let of_report = if names { 1 + self.below(4) as u32 } else { 0 };
                let furnish = CreditFurnish {
                    loan: id,
                    bureau: ParticipantId::from_lei(BUREAU),
                    kind,
                    days_past_due: days,
                    of_report,
                };
                (
                    CreditOperation::CreditFurnish(furnish),
                    model.furnish(id, lender, kind, days, of_report),
                )
            }
        };
        let signed = self.sign(now, author, Operation::Credit(operation));
        let mut expected = expected;
        if let Some(change) = modification {
            expected = model.modify(id, lender, change);
            if expected.is_ok()
                && matches!(
                    change,
                    Modification::ReAge { .. } | Modification::ReAmortise { .. }
                )
            {
                self.rescheduled = known;
                self.needs_answer = true;
            }
        }
        // The model has one date for a block, and a touched loan is compared.
        self.needs_answer |= known.is_some() && self.below(4) == 0 || (62..74).contains(&choice);
        self.touched = known;
        self.expected = Some(expected.err().unwrap_or(Outcome::Applied));
        signed
    }

    fn modification(&mut self, model: &Naive, id: LoanId) -> Modification {
        let today = model.today;
        let until = match self.below(12) {
            0 => today,
            1 => today + 401,
            _ => today + 1 + self.below(25) as u32,
        };
        match self.below(6) {
            0 => Modification::Forbear {
                until,
                interest_stops: self.below(2) == 0,
            },
            1 => Modification::InterestPause { until },
            2 => Modification::ReAge { first_due: until },
            3 => Modification::ReAmortise {
                rate_ppm: self.below(920_000) as u32,
                instalments: 1 + self.below(25) as u32,
                first_due: until,
            },
            _ => {
                let owed = model.loans.get(&id).map_or(10, |one| one.principal);
                Modification::Settlement(SettlementOffer {
                    amount: amount(1 + self.below(owed as u64 + 20)),
                    pay_by: until,
                    residual: if self.below(2) == 0 {
                        ResidualFate::Waived
                    } else {
                        ResidualFate::Remains
                    },
                })
            }
        }
    }

    fn originate(&mut self, model: &Naive) -> (LoanOriginate, usize) {
        let place = self.below(self.products.len() as u64) as usize;
        let lender = place % 2;
        let mut agreement = lender + 2 * self.below(2) as usize;
        if self.below(40) == 0 {
            agreement = 1 - lender;
        }
        let principal = 1 + match self.below(30) {
            0 => 60_000,
            1 => 50_000,
            _ => 100 + self.below(40_000),
        };
        let first_due = match self.below(30) {
            0 => model.today,
            _ => model.today + 1 + self.below(20) as u32,
        };
        let borrower = self.below(DEBTORS as u64) as usize;
        let mut originate = LoanOriginate {
            product: self.products[place],
            agreement: self.agreements[agreement],
            borrower: self.accounts[borrower],
            principal: amount(principal),
            rate_ppm: self.below(915_000) as u32,
            instalments: 1 + self.below(25) as u32,
            first_due,
            schedule: Vec::new(),
            governing_law: "CZ".to_owned(),
        };
        if model.products[place].supplied {
            originate.instalments = 0;
            let half = principal / 2 + 1;
            let short = u64::from(self.below(20) == 0) * 3;
            let second = principal - half - short;
            originate.schedule = vec![
                Instalment {
                    due: first_due,
                    amount: amount(half),
                },
                Instalment {
                    due: first_due + 20,
                    amount: amount(second),
                },
            ];
        }
        (originate, lender)
    }

    fn check_originate(
        &mut self,
        model: &Naive,
        originate: &LoanOriginate,
        lender: usize,
        id: LoanId,
    ) -> Result<(), Outcome> {
        let place = self
            .products
            .iter()
            .position(|one| *one == originate.product)
            .unwrap();
        let of = self
            .agreements
            .iter()
            .position(|one| *one == originate.agreement)
            .unwrap();
        let (product, agreement) = (&model.products[place], &model.agreements[of]);
        let principal = u128::from(originate.principal.minor_units());
        let count = originate.schedule.len().max(originate.instalments as usize);
        let supplied: u128 = originate
            .schedule
            .iter()
            .map(|one| u128::from(one.amount.minor_units()))
            .sum();
        let mut faults = Faults::default();
        faults.when(originate.first_due <= model.today, Outcome::DateGoesBack);
        faults.when(product.lender != lender, Outcome::ProductUnknown);
        faults.when(agreement.lender != lender, Outcome::AgreementUnknown);
        let outside = principal > product.principal_max
            || originate.rate_ppm > product.rate_max
            || count > product.count_max;
        faults.when(outside, Outcome::TermsOutsideProduct);
        faults.when(
            product.supplied && supplied < principal,
            Outcome::ScheduleInvalid,
        );
        let above = principal > agreement.loan_max
            || agreement.outstanding + principal > agreement.total_max;
        faults.when(above, Outcome::AgreementCapExceeded);
        faults.when(
            model.open_loans(originate.borrower) >= 32,
            Outcome::TooManyLoans,
        );
        faults.verdict()?;
        self.originated = Some((
            id,
            Loan {
                status: LoanStatus::Originated,
                agreed_on: model.today,
                product: place,
                agreement: Some(of),
                lender,
                borrower: originate.borrower,
                rate: originate.rate_ppm.into(),
                principal,
                interest: 0,
                fees: 0,
                charged: BTreeMap::new(),
                claims: agreement
                    .shares
                    .iter()
                    .map(|one| (one.0, one.1, 0))
                    .collect(),
                servicer: agreement.servicer,
                servicing: agreement.servicing,
                schedule: Vec::new(),
                paid: 0,
                late_fee_due: 0,
                pauses: Vec::new(),
                settlement: None,
                reports: 0,
                loss_settled: false,
            },
        ));
        Ok(())
    }

    /// Takes schedules over from the ledger: how they follow from terms is tested elsewhere.
    pub fn answer(&mut self, model: &mut Naive, ledger: &Ledger) {
        let schedule = |id: &LoanId| {
            let loan = ledger.loan(id).expect("a loan");
            let pairs = loan.schedule.iter();
            pairs
                .map(|one| (one.due, u128::from(one.amount.minor_units())))
                .collect::<Vec<_>>()
        };
        if let Some((id, mut loan)) = self.originated.take() {
            loan.schedule = schedule(&id);
            model.loans.insert(id, loan);
            self.recent.push(id);
            self.agreed = Some(id);
            // Open loans are never forgotten: they would keep the places of their borrowers for ever.
            let over = |id: &LoanId| model.loans[id].status.is_over();
            if self.recent.len() > 60
                && let Some(place) = self.recent.iter().position(over)
            {
                self.recent.remove(place);
            }
        }
        let today = model.today;
        let mut recent = std::mem::take(&mut self.recent);
        recent.retain(|id| {
            let loan = &model.loans[id];
            let lives = match loan.status {
                LoanStatus::Closed | LoanStatus::Lapsed => false,
                LoanStatus::Originated => loan.schedule[0].0 >= today,
                LoanStatus::Active | LoanStatus::ChargedOff => true,
            };
            lives || self.below(20) > 0
        });
        self.recent = recent;
        if let Some(id) = self.rescheduled.take() {
            model.loans.get_mut(&id).unwrap().schedule = schedule(&id);
        }
    }
}
