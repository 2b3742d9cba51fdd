//! A book of debts that five agencies collect, put together as from a checkpoint.

use bytes::Bytes;
use talea_ledger::{Genesis, Ledger};
use talea_rules::packs;
use talea_types::{
    AccountId, Amount, Asset, CaseId, ChainId, EventChain, Hash, KeyPolicy, LoanId, ParticipantId,
    ProductId, Residence, RulePackId, SecretKey, StateKey, Timestamp, Validator,
    conduct::ContactTallies,
    credit::{Component, DayCount, DelinquencyPolicy, ProductTerms, ScheduleKind},
    hash::tagged,
    operation::{AccountKind, RulePackActivate},
    state::{
        Account, AssetDefinition, AssetKind, Case, Debtor, Funder, Keys, Loan, LoanStatus,
        NonceWindow, Product, Registration, Role,
    },
    time::DAY_MS,
};

use super::debtors::{AGENCIES, Home, home};

/// 2026-11-09T00:00:00Z.
pub const START_MS: u64 = 20_766 * DAY_MS;
/// The day on which the others were evaluated; after a year, of 366 days at the most, they must be again.
pub const EVALUATED_ON: u32 = 20_760;
const LENDER: &str = "315700MODELBANK00001";

pub fn chain() -> ChainId {
    ChainId::new(Hash([78; 32]))
}

pub fn key(name: &str, number: u64) -> SecretKey {
    SecretKey::from_seed(tagged("permit model", &[name.as_bytes(), &number.to_be_bytes()]).0)
}

fn id(name: &str, number: u64) -> [u8; 16] {
    let hash = tagged("permit model id", &[name.as_bytes(), &number.to_be_bytes()]);
    *hash.as_bytes().first_chunk().expect("16 of 32 bytes")
}

pub fn debtor_id(debtor: u64) -> AccountId {
    AccountId::from_bytes(id("debtor", debtor))
}

/// The first or the second loan of a debtor.
pub fn loan_id(debtor: u64, loan: u64) -> LoanId {
    LoanId::from_bytes(id("loan", debtor * 2 + loan))
}

pub fn case_id(debtor: u64, agency: u64) -> CaseId {
    CaseId::from_bytes(id("case", debtor * AGENCIES + agency))
}

fn agency_lei(agency: u64) -> String {
    format!("315700MODELAGENCY{agency:03}")
}

pub fn agency_id(agency: u64) -> ParticipantId {
    ParticipantId::from_lei(&agency_lei(agency))
}

fn registration(lei: &str, role: Role, evaluated: bool) -> Registration {
    Registration {
        lei: lei.to_owned(),
        bic: String::new(),
        name: lei.to_owned(),
        jurisdiction: "CZ".to_owned(),
        roles: vec![role],
        policy: KeyPolicy::single(key(lei, 0).public_key()),
        licence_expires_at: None,
        evaluated_on: evaluated.then_some(EVALUATED_ON),
    }
}

pub fn agency_key(agency: u64) -> SecretKey {
    key(&agency_lei(agency), 0)
}

fn genesis() -> Genesis {
    let agencies = (0..AGENCIES).map(|agency| {
        let evaluated = agency + 1 < AGENCIES;
        registration(&agency_lei(agency), Role::CollectionAgency, evaluated)
    });
    let lender = registration(LENDER, Role::Bank, false);
    let packs = packs::all().expect("packs").into_iter();
    let packs = packs.filter(|pack| matches!(pack.id.as_str(), "us-reg-f" | "cn-gbt-45251"));
    Genesis {
        chain: chain(),
        sandbox: false,
        time: Timestamp::from_millis(START_MS),
        business_date: 20_766,
        assets: vec![AssetDefinition {
            asset: Asset::new("CZK").expect("a code"),
            decimals: 2,
            kind: AssetKind::Currency,
        }],
        tiers: Vec::new(),
        participants: agencies.chain([lender]).collect(),
        reserves: Vec::new(),
        validators: vec![Validator {
            participant: ParticipantId::from_lei(LENDER),
            voting_key: key("votes", 0).public_key(),
            power: 1,
            network_key: key("speaks", 0).public_key(),
            name: "one".to_owned(),
        }],
        rule_packs: packs
            .map(|pack| RulePackActivate {
                pack: RulePackId::new(&pack.id).expect("an id"),
                version: pack.version,
                document: pack.encode().into(),
            })
            .collect(),
    }
}

fn residence(debtor: u64) -> Residence {
    let (country, zones, language): (_, &[&str], _) = match home(debtor) {
        Home::NewYork => ("US", &["America/New_York"], "en"),
        Home::Both => ("US", &["America/Los_Angeles", "America/New_York"], "en"),
        Home::Shanghai => ("CN", &["Asia/Shanghai"], "zh"),
    };
    Residence {
        country: country.to_owned(),
        subdivision: String::new(),
        time_zones: zones.iter().map(|zone| (*zone).to_owned()).collect(),
        language: language.to_owned(),
    }
}

fn account(debtor: u64) -> Account {
    Account {
        kind: AccountKind::Wallet,
        sponsor: ParticipantId::from_lei(LENDER),
        keys: Keys::new(KeyPolicy::single(key("debtor", debtor).public_key())),
        tier: 0,
        holder_commitment: None,
        closed: false,
        restriction: None,
        open_holds: 0,
        nonces: NonceWindow::default(),
        events: EventChain::default(),
        balances: Vec::new(),
    }
}

fn product() -> Product {
    let amount = |minor_units| Amount::new(minor_units).expect("an amount");
    Product {
        publisher: ParticipantId::from_lei(LENDER),
        terms: ProductTerms {
            asset: Asset::new("CZK").expect("a code"),
            schedule: ScheduleKind::LenderSupplied,
            down_payment_ppm: 0,
            rate_ppm_min: 0,
            rate_ppm_max: 0,
            day_count: DayCount::Act365,
            principal_min: amount(1),
            principal_max: amount(1_000),
            instalments_max: 1,
            fees: Vec::new(),
            waterfall: [Component::Fees, Component::Interest, Component::Principal],
            apr_cap_ppm: 0,
            delinquency: DelinquencyPolicy {
                grace_days: 0,
                charge_off_days: 91,
                category_days: None,
            },
        },
    }
}

fn loan(debtor: u64) -> Loan {
    let principal = Amount::new(1_000).expect("an amount");
    let funder = Funder {
        account: debtor_id(debtor),
        share_ppm: 1_000_000,
        principal,
    };
    Loan {
        product: ProductId::from_bytes([1; 16]),
        agreement: None,
        lender: ParticipantId::from_lei(LENDER),
        borrower: debtor_id(debtor),
        governing_law: residence(debtor).country,
        status: LoanStatus::Active,
        rate_ppm: 0,
        aged_to: 20_766,
        principal,
        interest: Amount::ZERO,
        interest_fraction: 0,
        fees: Amount::ZERO,
        fee_totals: Vec::new(),
        funders: vec![funder],
        servicer: debtor_id(debtor),
        servicing_ppm: 0,
        schedule: Vec::new(),
        paid: Amount::ZERO,
        late_fee_due: 0,
        pauses: Vec::new(),
        settlement: None,
        reports: 0,
        loss_settled: false,
        events: EventChain::default(),
    }
}

fn case(debtor: u64, agency: u64, loans: &[LoanId]) -> Case {
    Case {
        debtor: debtor_id(debtor),
        lender: ParticipantId::from_lei(LENDER),
        collector: agency_id(agency),
        loans: loans.to_vec(),
        placed_at: Timestamp::from_millis(START_MS),
        recalled_at: None,
        notices: Vec::new(),
        forbearance: None,
        first_communication: None,
        permits_open: 0,
        breaches: 0,
        events: EventChain::default(),
        contacts: ContactTallies::default(),
    }
}

/// A ledger of so many debtors with two loans each, and a case of every agency for each.
pub fn ledger_of(debtors: u64) -> Ledger {
    let empty = Ledger::genesis(&genesis()).expect("a valid genesis");
    let objects = empty.objects();
    let mut objects: Vec<(Vec<u8>, Bytes)> = objects
        .map(|(key, value)| (key.to_bytes(), value.into()))
        .collect();
    let mut put = |key: StateKey, value: Vec<u8>| objects.push((key.to_bytes(), value.into()));
    put(
        StateKey::Product(ProductId::from_bytes([1; 16])),
        product().encode(),
    );
    for debtor in 0..debtors {
        let id = debtor_id(debtor);
        let mut loans = vec![loan_id(debtor, 0), loan_id(debtor, 1)];
        loans.sort();
        let mut record = Debtor::registered(residence(debtor));
        record.loans.clone_from(&loans);
        record.cases = (0..AGENCIES)
            .map(|agency| case_id(debtor, agency))
            .collect();
        record.cases.sort();
        put(StateKey::Account(id), account(debtor).encode());
        put(StateKey::Debtor(id), record.encode());
        for id in &loans {
            put(StateKey::Loan(*id), loan(debtor).encode());
        }
        for agency in 0..AGENCIES {
            let case = case(debtor, agency, &loans);
            put(StateKey::Case(case_id(debtor, agency)), case.encode());
        }
    }
    Ledger::restore(objects).expect("a valid state")
}
