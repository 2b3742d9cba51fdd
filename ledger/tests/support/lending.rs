//! The words of the tables for loans.

use std::collections::BTreeSet;

use talea_ledger::credit;
use talea_types::{
    AgreementId, Hash, LoanId, Operation, ProductId, StateKey, Subject,
    credit::{
        AgreementTerms, Component, DayCount, DelinquencyPolicy, FeeGround, FeeTerm, FunderShare,
        Instalment, Modification, Pause, ProductTerms, ReportKind, ResidualFate, ScheduleKind,
        SettlementOffer,
    },
    operation::{
        AgreementRegister, BusinessDateAdvance, ChargeOff, CreditFurnish, CreditOperation,
        DebtAssign, FeeAssess, InquiryAuthorise, LoanDisburse, LoanModify, LoanOriginate,
        LossShareSettle, ProductPublish, RepaymentApply,
    },
    state::{Loan, LoanStatus},
};

use super::{
    network::{amount, asset},
    script::{Words, names},
    world::World,
};

/// `name=NUMBER+name=NUMBER`
fn pairs(text: &str) -> Vec<(&str, u64)> {
    let pair = |one| {
        let (name, number): (&str, &str) = str::split_once(one, '=').expect("name=number");
        (name, number.parse().expect("a number"))
    };
    names(text).into_iter().map(pair).collect()
}

fn ground(word: &str) -> FeeGround {
    match word {
        "late" => FeeGround::LatePayment,
        "inquiry" => FeeGround::Inquiry,
        "service" => FeeGround::Service,
        "collection" => FeeGround::Collection,
        other => panic!("{other} is no ground"),
    }
}

impl World {
    fn loan_id(&self, label: &str) -> LoanId {
        LoanId::originated_by(self.transaction(label), 0)
    }

    /// A day that is so many after the business date.
    fn in_days(&self, days: i64) -> u32 {
        u32::try_from(i64::from(self.ledger.business_date()) + days).unwrap()
    }

    /// Reads an operation on loans and adds whose keys it needs.
    pub fn lending(&self, text: &str, needed: &mut BTreeSet<String>) -> Option<Operation> {
        let mut words = Words::of(text);
        let operation = match words.next() {
            "product" => CreditOperation::ProductPublish(ProductPublish {
                terms: self.terms(&mut words),
            }),
            "agreement" => self.agreement_words(&mut words, needed),
            "originate" => self.originate_words(&mut words, needed),
            "disburse" => CreditOperation::LoanDisburse(LoanDisburse {
                loan: self.loan_id(words.next()),
            }),
            "repay" => {
                let loan = self.loan_id(words.next());
                let payer = words.next();
                needed.extend(self.signers_of(payer));
                CreditOperation::RepaymentApply(RepaymentApply {
                    loan,
                    payer: self.account(payer),
                    amount: amount(words.number()),
                })
            }
            "inquiry" => CreditOperation::InquiryAuthorise(InquiryAuthorise {
                lender: self.participant(words.next()),
                until: self.in_days(words.number()),
            }),
            "fee" => {
                let loan = self.loan_id(words.next());
                let code = words.next().to_owned();
                let ground = ground(words.next());
                if ground == FeeGround::Service {
                    self.add_borrower(&loan, needed);
                }
                CreditOperation::FeeAssess(FeeAssess { loan, code, ground })
            }
            "date" => CreditOperation::BusinessDateAdvance(BusinessDateAdvance {
                to: self.in_days(words.number()),
            }),
            "modify" => self.modify_words(&mut words, needed),
            "charge-off" => CreditOperation::ChargeOff(ChargeOff {
                loan: self.loan_id(words.next()),
            }),
            "share-loss" => {
                let loan = self.loan_id(words.next());
                let agreement = self.ledger.loan(&loan).and_then(|loan| loan.agreement);
                let agreement = agreement.and_then(|id| self.ledger.agreement(&id));
                if let Some((guarantor, _)) =
                    agreement.and_then(|agreement| agreement.terms.guarantor)
                {
                    self.add_holder(guarantor, needed);
                }
                CreditOperation::LossShareSettle(LossShareSettle { loan })
            }
            "assign" => {
                let loan = self.loan_id(words.next());
                self.add_funders(&loan, needed);
                let (lender, buyer) = (words.next(), words.next());
                needed.extend(self.signers_of(lender));
                needed.extend(self.signers_of(buyer));
                CreditOperation::DebtAssign(DebtAssign {
                    loan,
                    lender: self.participant(lender),
                    buyer: self.account(buyer),
                    price: amount(words.number()),
                    notice_commitment: Hash([5; 32]),
                })
            }
            "furnish" => CreditOperation::CreditFurnish(CreditFurnish {
                loan: self.loan_id(words.next()),
                bureau: self.participant(words.next()),
                kind: match words.next() {
                    "positive" => ReportKind::Positive,
                    "adverse" => ReportKind::Adverse,
                    "correction" => ReportKind::Correction,
                    _ => ReportKind::DisputeFlag,
                },
                days_past_due: words.number(),
                of_report: words.option("of").map_or(0, |text| text.parse().unwrap()),
            }),
            _ => return None,
        };
        Some(Operation::Credit(operation))
    }

    /// `KIND ASSET [option value]...`; by default 36.5 % on 365 days, one unit a day for each thousand.
    fn terms(&self, words: &mut Words<'_>) -> ProductTerms {
        let schedule = match words.next() {
            "annuity" => ScheduleKind::Annuity,
            "equal" => ScheduleKind::EqualPrincipal,
            "down" => ScheduleKind::DownPayment,
            "bullet" => ScheduleKind::Bullet,
            _ => ScheduleKind::LenderSupplied,
        };
        let mut terms = ProductTerms {
            asset: asset(words.next()),
            schedule,
            down_payment_ppm: if schedule == ScheduleKind::DownPayment {
                200_000
            } else {
                0
            },
            rate_ppm_min: 0,
            rate_ppm_max: 365_000,
            day_count: DayCount::Act365,
            principal_min: amount(1),
            principal_max: amount(5_000),
            instalments_max: 12,
            fees: Vec::new(),
            waterfall: [Component::Fees, Component::Interest, Component::Principal],
            apr_cap_ppm: 365_000,
            delinquency: DelinquencyPolicy {
                grace_days: 0,
                charge_off_days: 91,
                category_days: Some([1, 91, 271, 361]),
            },
        };
        while let Some(option) = words.maybe() {
            match option {
                "rate" => terms.rate_ppm_max = words.number(),
                "cap" => terms.apr_cap_ppm = words.number(),
                "grace" => terms.delinquency.grace_days = words.number(),
                "principal-first" => terms.waterfall.reverse(),
                "thirty-360" => terms.day_count = DayCount::Thirty360,
                "fee" => {
                    terms.fees.push(FeeTerm {
                        code: words.next().to_owned(),
                        ground: ground(words.next()),
                        amount: amount(words.number()),
                        cap: amount(words.number()),
                    });
                }
                other => panic!("unknown option {other}"),
            }
        }
        terms
    }

    fn agreement_words(
        &self,
        words: &mut Words<'_>,
        needed: &mut BTreeSet<String>,
    ) -> CreditOperation {
        let code = words.next();
        let shares = pairs(words.next());
        let servicer = words.next();
        let mut terms = AgreementTerms {
            asset: asset(code),
            funders: Vec::new(),
            floor_ppm: 0,
            servicer: self.account(servicer),
            servicing_ppm: 0,
            loan_max: amount(5_000),
            outstanding_max: amount(9_000),
            guarantor: None,
        };
        needed.extend(self.signers_of(servicer));
        for (name, share) in shares {
            needed.extend(self.signers_of(name));
            terms.funders.push(FunderShare {
                account: self.account(name),
                share_ppm: u32::try_from(share).unwrap(),
            });
        }
        terms.funders.sort_by_key(|funder| funder.account);
        while let Some(option) = words.maybe() {
            match option {
                "floor" => terms.floor_ppm = words.number(),
                "servicing" => terms.servicing_ppm = words.number(),
                "loan-max" => terms.loan_max = amount(words.number()),
                "total-max" => terms.outstanding_max = amount(words.number()),
                "guarantor" => {
                    let name = words.next();
                    needed.extend(self.signers_of(name));
                    terms.guarantor = Some((self.account(name), amount(words.number())));
                }
                other => panic!("unknown option {other}"),
            }
        }
        CreditOperation::AgreementRegister(AgreementRegister { terms })
    }

    /// `PRODUCT AGREEMENT BORROWER PRINCIPAL rate PPM [in N first DAYS | schedule DAYS=AMOUNT+...]`
    fn originate_words(
        &self,
        words: &mut Words<'_>,
        needed: &mut BTreeSet<String>,
    ) -> CreditOperation {
        let product = ProductId::published_by(self.transaction(words.next()), 0);
        let agreement = AgreementId::registered_by(self.transaction(words.next()), 0);
        let borrower = words.next();
        needed.extend(self.signers_of(borrower));
        if let Some(agreement) = self.ledger.agreement(&agreement) {
            for funder in &agreement.terms.funders {
                self.add_holder(funder.account, needed);
            }
        }
        let mut originate = LoanOriginate {
            product,
            agreement,
            borrower: self.account(borrower),
            principal: amount(words.number()),
            rate_ppm: 0,
            instalments: 0,
            first_due: 0,
            schedule: Vec::new(),
            governing_law: "CZ".to_owned(),
        };
        while let Some(option) = words.maybe() {
            match option {
                "rate" => originate.rate_ppm = words.number(),
                "law" => originate.governing_law = words.next().to_owned(),
                "in" => originate.instalments = words.number(),
                "first" => originate.first_due = self.in_days(words.number()),
                "schedule" => {
                    let instalment = |(days, of): (&str, u64)| Instalment {
                        due: self.in_days(days.parse().unwrap()),
                        amount: amount(of),
                    };
                    originate.schedule = pairs(words.next()).into_iter().map(instalment).collect();
                }
                other => panic!("unknown option {other}"),
            }
        }
        CreditOperation::LoanOriginate(originate)
    }

    fn modify_words(
        &self,
        words: &mut Words<'_>,
        needed: &mut BTreeSet<String>,
    ) -> CreditOperation {
        let loan = self.loan_id(words.next());
        self.add_borrower(&loan, needed);
        let modification = match words.next() {
            "forbear" => Modification::Forbear {
                until: self.in_days(words.number()),
                interest_stops: words.maybe() == Some("no-interest"),
            },
            "re-age" => Modification::ReAge {
                first_due: self.in_days(words.number()),
            },
            "interest-pause" => Modification::InterestPause {
                until: self.in_days(words.number()),
            },
            "re-amortise" => {
                self.add_funders(&loan, needed);
                Modification::ReAmortise {
                    rate_ppm: words.number(),
                    instalments: words.number(),
                    first_due: self.in_days(words.number()),
                }
            }
            _ => {
                self.add_funders(&loan, needed);
                Modification::Settlement(SettlementOffer {
                    amount: amount(words.number()),
                    pay_by: self.in_days(words.number()),
                    residual: match words.next() {
                        "waived" => ResidualFate::Waived,
                        _ => ResidualFate::Remains,
                    },
                })
            }
        };
        CreditOperation::LoanModify(LoanModify { loan, modification })
    }

    fn add_borrower(&self, loan: &LoanId, needed: &mut BTreeSet<String>) {
        if let Some(loan) = self.ledger.loan(loan) {
            self.add_holder(loan.borrower, needed);
        }
    }

    fn add_funders(&self, loan: &LoanId, needed: &mut BTreeSet<String>) {
        for funder in self.ledger.loan(loan).iter().flat_map(|loan| &loan.funders) {
            self.add_holder(funder.account, needed);
        }
    }

    /// The loan as it is on the business date, and its days past due.
    fn aged(&self, label: &str) -> (Loan, u32) {
        let mut loan = self
            .ledger
            .loan(&self.loan_id(label))
            .expect("a loan")
            .clone();
        let terms = &self.ledger.product(&loan.product).unwrap().terms;
        let today = self.ledger.business_date();
        credit::age(&mut loan, terms, today);
        let days = credit::days_past_due(&loan, terms, today);
        (loan, days)
    }

    /// `loan L STATUS principal P interest I fees F late DAYS`, `claims L NAME=AMOUNT+...`,
    /// `schedule L AMOUNT+...`, `agreed A OUTSTANDING first-loss PAID`.
    pub fn check_lending(&self, word: &str, words: &mut Words<'_>) {
        match word {
            "loan" => {
                let (loan, days) = self.aged(words.next());
                let status = match loan.status {
                    LoanStatus::Originated => "originated",
                    LoanStatus::Active => "active",
                    LoanStatus::ChargedOff => "charged-off",
                    LoanStatus::Closed => "closed",
                    LoanStatus::Lapsed => "lapsed",
                };
                assert_eq!(status, words.next());
                let mut expect = |name: &str| -> u64 {
                    assert_eq!(words.next(), name);
                    words.number()
                };
                let expected = ["principal", "interest", "fees", "late"].map(&mut expect);
                let found = [loan.principal, loan.interest, loan.fees].map(|one| one.minor_units());
                assert_eq!([found[0], found[1], found[2], days.into()], expected);
            }
            "claims" => {
                let (loan, _) = self.aged(words.next());
                let expected: BTreeSet<_> = pairs(words.next())
                    .into_iter()
                    .map(|(name, of)| (self.account(name), amount(of)))
                    .collect();
                let found: BTreeSet<_> = loan
                    .funders
                    .iter()
                    .map(|one| (one.account, one.principal))
                    .collect();
                assert_eq!(found, expected);
            }
            "schedule" => {
                let (loan, _) = self.aged(words.next());
                let found = loan.schedule.iter().map(|one| one.amount.to_string());
                assert_eq!(found.collect::<Vec<_>>().join("+"), words.next());
            }
            "agreed" => {
                let id = AgreementId::registered_by(self.transaction(words.next()), 0);
                let agreement = self.ledger.agreement(&id).expect("an agreement");
                let outstanding: u64 = words.number();
                assert_eq!(words.next(), "first-loss");
                let paid: u64 = words.number();
                let found =
                    [agreement.outstanding, agreement.first_loss_paid].map(|one| one.minor_units());
                assert_eq!(found, [outstanding, paid]);
            }
            other => panic!("unknown assertion {other}"),
        }
    }

    /// Puts a pause of reports on a loan, as a protection would.
    pub fn stop_reports(&mut self, label: &str) {
        let id = self.loan_id(label);
        let from = self.ledger.business_date();
        self.ledger = self.restored_with(|objects| {
            let value = objects.get_mut(&StateKey::Loan(id)).expect("a loan");
            let mut loan = Loan::decode(&value.clone().into()).unwrap();
            loan.pauses.push(Pause {
                source: Hash([9; 32]),
                from,
                until: None,
                interest: false,
                fees: false,
                ageing: false,
                furnishing: true,
            });
            *value = loan.encode();
        });
    }

    /// `loan:LABEL` as a subject.
    pub fn loan_subject(&self, name: &str) -> Option<Subject> {
        let label = name.strip_prefix("loan:")?;
        Some(Subject::Loan(self.loan_id(label)))
    }
}
