//! What there is before the first loan: organisations, accounts, debtors, money, products, agreements.

use talea_rules::Pack;
use talea_types::{RulePackId, operation::RulePackActivate};

use super::*;

/// What stops interest, fees and reports.
fn pack() -> RulePackActivate {
    let pack = Pack::from_toml(include_str!("../pack.toml")).unwrap();
    RulePackActivate {
        pack: RulePackId::new(&pack.id).unwrap(),
        version: pack.version,
        document: pack.encode().into(),
    }
}

fn terms(kind: ScheduleKind, lender_first: bool) -> ProductTerms {
    let fee = |code: &str, ground, each, cap| FeeTerm {
        code: code.to_owned(),
        ground,
        amount: amount(each),
        cap: amount(cap),
    };
    let mut waterfall = [Component::Fees, Component::Interest, Component::Principal];
    if lender_first {
        waterfall.rotate_left(1);
    }
    ProductTerms {
        asset: asset(),
        schedule: kind,
        down_payment_ppm: if kind == ScheduleKind::DownPayment {
            150_000
        } else {
            0
        },
        rate_ppm_min: 0,
        rate_ppm_max: 900_000,
        day_count: if lender_first {
            DayCount::Act360
        } else {
            DayCount::Act365
        },
        principal_min: amount(1),
        principal_max: amount(60_000),
        instalments_max: 24,
        fees: vec![
            fee("INQUIRY", FeeGround::Inquiry, 7, 14),
            fee("LATE", FeeGround::LatePayment, 25, 60),
            fee("PAPER", FeeGround::Service, 3, 9),
        ],
        waterfall,
        apr_cap_ppm: 900_000,
        delinquency: DelinquencyPolicy {
            grace_days: if lender_first { 5 } else { 0 },
            charge_off_days: 60,
            category_days: None,
        },
    }
}

impl Generator {
    pub fn genesis(&self) -> Genesis {
        let register = |lei: &str, roles| Registration {
            lei: lei.to_owned(),
            bic: String::new(),
            name: lei.to_owned(),
            jurisdiction: "CZ".to_owned(),
            roles,
            policy: KeyPolicy::single(self.key.public_key()),
            licence_expires_at: None,
            evaluated_on: None,
        };
        let bank = ParticipantId::from_lei;
        Genesis {
            chain: chain(),
            sandbox: true,
            rule_packs: vec![pack()],
            time: Timestamp::from_millis(u64::from(START) * DAY_MS),
            business_date: START,
            assets: vec![AssetDefinition {
                asset: asset(),
                decimals: 2,
                kind: AssetKind::Currency,
            }],
            tiers: vec![talea_types::state::Tier {
                name: "free".to_owned(),
                limits: vec![],
            }],
            participants: vec![
                register(BANKS[0], vec![Role::Operator, Role::Bank]),
                register(BANKS[1], vec![Role::Bank]),
                register(BUREAU, vec![Role::CreditBureau]),
                register(ADVISER, vec![Role::Adviser]),
            ],
            reserves: BANKS
                .iter()
                .map(|lei| (bank(lei), asset(), amount(1 << 40)))
                .collect(),
            validators: vec![Validator {
                participant: bank(BANKS[0]),
                voting_key: SecretKey::from_seed([4; 32]).public_key(),
                power: 1,
                network_key: SecretKey::from_seed([5; 32]).public_key(),
                name: "one".to_owned(),
            }],
        }
    }

    /// Blocks that make the accounts, the debtors, their money, the products and the agreements.
    pub fn opening(&mut self, ledger: &Ledger) -> Vec<Vec<SignedTransaction>> {
        let now = time_of(ledger);
        let mut blocks = vec![Vec::new(), Vec::new(), Vec::new()];
        for place in 0..DEBTORS + FUNDERS {
            let sponsor = self.bank(place % 2);
            let open = Operation::AccountOpen(AccountOpen {
                kind: AccountKind::Wallet,
                policy: KeyPolicy::single(self.key.public_key()),
                tier: 0,
                holder_commitment: None,
            });
            let signed = self.sign(now, sponsor, open);
            let account = AccountId::opened_by(signed.id());
            blocks[0].push(signed);
            self.accounts.push(account);
            let issue = Operation::Issue(Issue {
                account,
                asset: asset(),
                amount: amount(MONEY),
                end_to_end_id: String::new(),
            });
            let signed = self.sign(now, sponsor, issue);
            blocks[1].push(signed);
            if place < DEBTORS {
                let register = CollectionsOperation::DebtorRegister(DebtorRegister {
                    account,
                    residence: Residence {
                        country: "CZ".to_owned(),
                        subdivision: String::new(),
                        time_zones: vec!["Europe/Prague".to_owned()],
                        language: "cs".to_owned(),
                    },
                });
                let signed = self.sign(now, sponsor, Operation::Collections(register));
                blocks[1].push(signed);
            }
        }
        for (place, kind) in KINDS.iter().chain(&KINDS).enumerate() {
            let publish = ProductPublish {
                terms: terms(*kind, place >= KINDS.len()),
            };
            let author = self.bank(place % 2);
            let signed = self.sign(
                now,
                author,
                Operation::Credit(CreditOperation::ProductPublish(publish)),
            );
            self.products.push(ProductId::published_by(signed.id(), 0));
            blocks[2].push(signed);
        }
        for place in 0..4 {
            let register = AgreementRegister {
                terms: self.agreement(place),
            };
            let author = self.bank(place % 2);
            let signed = self.sign(
                now,
                author,
                Operation::Credit(CreditOperation::AgreementRegister(register)),
            );
            self.agreements
                .push(AgreementId::registered_by(signed.id(), 0));
            blocks[2].push(signed);
        }
        blocks
    }

    fn agreement(&self, place: usize) -> AgreementTerms {
        let funders = &self.accounts[DEBTORS..];
        let shares: &[u32] = [
            &[1_000_000][..],
            &[333_333, 666_667],
            &[700_000, 200_000, 100_000],
            &[1, 999_999],
        ][place];
        let mut accounts = funders[..shares.len()].to_vec();
        accounts.sort();
        AgreementTerms {
            asset: asset(),
            funders: accounts
                .into_iter()
                .zip(shares)
                .map(|(account, share_ppm)| FunderShare {
                    account,
                    share_ppm: *share_ppm,
                })
                .collect(),
            floor_ppm: 0,
            servicer: funders[0],
            servicing_ppm: [0, 50_000, 333_333, 1_000_000][place],
            loan_max: amount(50_000),
            outstanding_max: amount(400_000),
            guarantor: Some((funders[3], amount(3_000_000))),
        }
    }

    /// The model of what the opening made.
    pub fn model(&self, ledger: &Ledger) -> Naive {
        let product = |(place, id): (usize, &ProductId)| {
            let terms = &ledger.product(id).unwrap().terms;
            let fee = |fee: &FeeTerm| {
                let code = ["INQUIRY", "LATE", "PAPER"]
                    .into_iter()
                    .find(|code| *code == fee.code);
                (
                    code.unwrap(),
                    fee.ground,
                    fee.amount.minor_units().into(),
                    fee.cap.minor_units().into(),
                )
            };
            Product {
                lender: place % 2,
                days_of_year: if terms.day_count == DayCount::Act360 {
                    360
                } else {
                    365
                },
                rate_max: terms.rate_ppm_max,
                principal_max: terms.principal_max.minor_units().into(),
                count_max: terms.instalments_max as usize,
                supplied: terms.schedule == ScheduleKind::LenderSupplied,
                waterfall: terms.waterfall,
                grace: terms.delinquency.grace_days,
                charge_off: terms.delinquency.charge_off_days,
                fees: terms.fees.iter().map(fee).collect(),
            }
        };
        let agreement = |(place, id): (usize, &AgreementId)| {
            let terms = &ledger.agreement(id).unwrap().terms;
            let (guarantor, most) = terms.guarantor.unwrap();
            Agreement {
                lender: place % 2,
                shares: terms
                    .funders
                    .iter()
                    .map(|one| (one.account, one.share_ppm.into()))
                    .collect(),
                servicer: terms.servicer,
                servicing: terms.servicing_ppm.into(),
                loan_max: terms.loan_max.minor_units().into(),
                total_max: terms.outstanding_max.minor_units().into(),
                outstanding: 0,
                guarantor,
                first_loss_left: most.minor_units().into(),
            }
        };
        Naive {
            today: START,
            balances: self.accounts.iter().map(|id| (*id, MONEY.into())).collect(),
            products: self.products.iter().enumerate().map(product).collect(),
            agreements: self.agreements.iter().enumerate().map(agreement).collect(),
            ..Naive::default()
        }
    }
}
