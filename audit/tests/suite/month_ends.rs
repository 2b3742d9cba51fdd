//! Rolls from month to month, of a book whose answers are known by heart.

use std::collections::BTreeMap;

use crate::support::{Made, Network, Node, START, desk::Desk, server::Server};
use serde_json::Value;
use talea_audit::{Index, IndexPlace, follow, reindex};
use talea_client::operations::{self, IntoOperation, collections, credit};
use talea_genesis::localnet::{Additions, Localnet, LocalnetOptions};
use talea_types::{
    AccountId, AgreementId, Amount, Asset, KeyPolicy, LoanId, Outcome, ProductId, SecretKey,
    SignedTransaction, Subject, Timestamp, TransactionBody, TransactionId,
    credit::{
        AgreementTerms, Component, DayCount, DelinquencyPolicy, FunderShare, PPM, ProductTerms,
        ScheduleKind, date_of,
    },
    operation::{AccountKind, LoanOriginate},
};

/// Who signs, with what.
type Author = (Subject, SecretKey);

/// A lender's book from September 2026 to February 2027.
struct Book {
    network: Network,
    made: Vec<Made>,
    nonces: BTreeMap<Subject, u64>,
    /// How often the business date was moved.
    dates: u64,
    lender: Author,
    borrower: Author,
    fund: Author,
    product: ProductId,
    agreement: AgreementId,
}

fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).unwrap()
}

fn asset() -> Asset {
    Asset::new("CZK").unwrap()
}

fn account(author: &Author) -> AccountId {
    match author.0 {
        Subject::Account(id) => id,
        other => panic!("{other} is no account"),
    }
}

impl Book {
    fn open() -> Self {
        let options = LocalnetOptions {
            network: "test".to_owned(),
            validators: 4,
            seed: [5; 32],
            time: Timestamp::from_millis(START),
        };
        // The last two run no validator: they do not see blocks whole.
        let localnet = Localnet::with_additions(&options, 5, &Additions::default()).unwrap();
        let network = Network::of_keys(localnet);
        let lender = network.localnet.banks().nth(3).unwrap();
        let lender = (Subject::Participant(lender.id), lender.key.clone());
        let nobody = (lender.0, SecretKey::from_seed([1; 32]));
        let mut book = Self {
            network,
            made: Vec::new(),
            nonces: BTreeMap::new(),
            dates: 0,
            lender,
            borrower: nobody.clone(),
            fund: nobody,
            product: ProductId::from_bytes([0; 16]),
            agreement: AgreementId::from_bytes([0; 16]),
        };
        book.borrower = book.open_account(AccountKind::Wallet, [7; 32]);
        book.fund = book.open_account(AccountKind::Own, [8; 32]);
        for author in [book.borrower.clone(), book.fund.clone()] {
            let issue = operations::issue(account(&author), asset(), amount(100_000));
            book.apply(&book.lender.clone(), &[], issue);
        }
        let residence = collections::residence("US", "America/New_York", "en");
        let register = collections::register_debtor(account(&book.borrower), residence);
        book.by_lender(&[book.borrower.1.clone()], register);
        let publish = book.by_lender(&[], credit::publish_product(product()));
        book.product = ProductId::published_by(publish, 0);
        let terms = agreement(account(&book.fund));
        let agree = book.by_lender(&[book.fund.1.clone()], credit::register_agreement(terms));
        book.agreement = AgreementId::registered_by(agree, 0);
        book
    }

    fn open_account(&mut self, kind: AccountKind, seed: [u8; 32]) -> Author {
        let key = SecretKey::from_seed(seed);
        let open = operations::open(kind, KeyPolicy::single(key.public_key()), 2);
        let opened = self.by_lender(std::slice::from_ref(&key), open);
        (Subject::Account(AccountId::opened_by(opened)), key)
    }

    fn by_lender(&mut self, others: &[SecretKey], what: impl IntoOperation) -> TransactionId {
        self.apply(&self.lender.clone(), others, what)
    }

    /// A block of one transaction, which has to be applied.
    fn apply(
        &mut self,
        author: &Author,
        others: &[SecretKey],
        what: impl IntoOperation,
    ) -> TransactionId {
        let nonce = self.nonces.entry(author.0).or_default();
        let keys: Vec<&SecretKey> = [&author.1].into_iter().chain(others).collect();
        let mut signers: Vec<_> = keys.iter().map(|key| key.public_key()).collect();
        signers.sort_unstable();
        let body = TransactionBody {
            signers,
            author: author.0,
            nonce: *nonce,
            expires_at: self.network.next_time().plus_millis(60_000),
            operation: what.into_operation(),
        };
        *nonce += 1;
        let name = body.operation.name();
        let signed = SignedTransaction::sign(&self.network.chain(), &body, &keys).unwrap();
        let made = self.network.block(std::slice::from_ref(&signed));
        assert_eq!(made.results[0].outcome, Outcome::Applied, "{name}");
        self.made.push(made);
        signed.id()
    }

    /// Moves the business date.
    fn pass_to(&mut self, year: u32, month: u32, day: u32) {
        let made = self
            .network
            .advance_date(date_of(year, month, day), self.dates);
        self.dates += 1;
        self.made.push(made);
    }

    /// 30.00 in three instalments without interest.
    fn agree(&mut self, first_due: u32) -> LoanId {
        let originate = LoanOriginate {
            product: self.product,
            agreement: self.agreement,
            borrower: account(&self.borrower),
            principal: amount(3_000),
            rate_ppm: 0,
            instalments: 3,
            first_due,
            schedule: Vec::new(),
            governing_law: "US".to_owned(),
        };
        let keys = [self.borrower.1.clone(), self.fund.1.clone()];
        LoanId::originated_by(self.by_lender(&keys, originate), 0)
    }

    fn lend(&mut self, first_due: u32) -> LoanId {
        let loan = self.agree(first_due);
        self.by_lender(&[], credit::disburse(loan));
        loan
    }

    fn repay(&mut self, loan: LoanId, minor_units: u64) {
        let borrower = self.borrower.clone();
        let repay = credit::repay(loan, account(&borrower), amount(minor_units));
        self.apply(&borrower, &[], repay);
    }

    /// Two months, a gap in which nothing is told, and a month that ends twice in one block.
    fn tell() -> Self {
        let mut book = Self::open();
        let due = date_of(2026, 10, 15);
        let [good, bad, late, early] = [(); 4].map(|()| book.lend(due));
        book.agree(due);
        book.pass_to(2026, 10, 10);
        book.repay(good, 1_000);
        book.pass_to(2026, 10, 20);
        book.repay(early, 3_000);
        book.pass_to(2026, 11, 5);
        book.lend(date_of(2026, 12, 2));
        book.repay(late, 1_000);
        book.repay(good, 1_000);
        // On the last day of a month, which is not over with it.
        book.pass_to(2026, 11, 30);
        book.pass_to(2026, 12, 20);
        book.repay(good, 1_000);
        book.by_lender(&[], credit::charge_off(bad));
        // Of the block that moves the date on, what else is in it is of the new date.
        book.pass_to(2027, 2, 3);
        book
    }
}

fn product() -> ProductTerms {
    ProductTerms {
        asset: asset(),
        schedule: ScheduleKind::Annuity,
        down_payment_ppm: 0,
        rate_ppm_min: 0,
        rate_ppm_max: 100_000,
        day_count: DayCount::Act365,
        principal_min: amount(1),
        principal_max: amount(10_000),
        instalments_max: 12,
        fees: Vec::new(),
        waterfall: [Component::Fees, Component::Interest, Component::Principal],
        apr_cap_ppm: 100_000,
        delinquency: DelinquencyPolicy {
            grace_days: 0,
            charge_off_days: 60,
            category_days: None,
        },
    }
}

fn agreement(fund: AccountId) -> AgreementTerms {
    AgreementTerms {
        asset: asset(),
        funders: vec![FunderShare {
            account: fund,
            share_ppm: PPM,
        }],
        floor_ppm: 0,
        servicer: fund,
        servicing_ppm: 0,
        loan_max: amount(10_000),
        outstanding_max: amount(100_000),
        guarantor: None,
    }
}

/// Year, month and day.
type Day = (u32, u32, u32);
/// From where, to where, and how many.
type Way = (&'static str, &'static str, u64);

/// Month ends, with how many loans went from where to where.
const ROLLS: [(Day, &[Way]); 5] = [
    ((2026, 9, 30), &[("new", "current", 4)]),
    (
        (2026, 10, 31),
        &[
            ("current", "1-30", 2),
            ("current", "current", 1),
            ("current", "paid_off", 1),
        ],
    ),
    (
        (2026, 11, 30),
        &[
            ("1-30", "1-30", 1),
            ("1-30", "31-60", 1),
            ("current", "current", 1),
            ("new", "current", 1),
        ],
    ),
    (
        (2026, 12, 31),
        &[
            ("1-30", "31-60", 1),
            ("31-60", "charged_off", 1),
            ("current", "1-30", 1),
            ("current", "paid_off", 1),
        ],
    ),
    (
        (2027, 1, 31),
        &[
            ("1-30", "31-60", 1),
            ("31-60", "61-90", 1),
            ("charged_off", "charged_off", 1),
        ],
    ),
];

fn expected() -> Value {
    let months = ROLLS.map(|((year, month, day), ways)| {
        let rows = ways
            .iter()
            .map(|(from, to, loans)| serde_json::json!({ "from": from, "to": to, "loans": loans }));
        let rows: Vec<Value> = rows.collect();
        serde_json::json!({ "month_end": date_of(year, month, day), "rows": rows })
    });
    Value::Array(months.to_vec())
}

async fn followed(book: &Book, until: usize, place: &IndexPlace) -> Index {
    let mut index = Index::open_or_create(place, &book.network.chain()).unwrap();
    let chain = index.resume(book.network.record()).unwrap();
    let followed = follow(&Node::of(&book.made[..until]), chain, index, None, |_| {}).await;
    followed.end.unwrap();
    followed.index
}

#[tokio::test]
async fn loans_roll_as_they_were_paid_and_each_lender_sees_its_own() {
    let book = Book::tell();
    let desk = Desk::open(&book.network, Node::of(&book.made)).await;
    desk.until_height(book.made.len() as u64).await;
    let own = desk.own();
    let all = desk.json("/api/loan-rolls", &own).await;
    let mut months = all["months"].clone();
    let heights: Vec<Value> = months
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .map(|month| month.as_object_mut().unwrap().remove("height").unwrap())
        .collect();
    assert_eq!(months, expected());
    // The last two ended with one block, the newest.
    assert_eq!(heights[3..], [book.made.len(), book.made.len()]);

    let newest = desk.json("/api/loan-rolls?months=2", &own).await;
    let all = all["months"].as_array().unwrap();
    assert_eq!(newest["months"].as_array().unwrap()[..], all[3..]);
    let (lender, key) = &book.lender;
    let token = desk.token(&book.network, *lender, key).await;
    let its_own = desk.json("/api/loan-rolls", &token).await;
    assert_eq!(its_own["months"].as_array().unwrap(), all);
    let other = book.network.localnet.banks().nth(4).unwrap();
    let other_id = Subject::Participant(other.id);
    let token = desk.token(&book.network, other_id, &other.key).await;
    for path in [
        "/api/loan-rolls".to_owned(),
        format!("/api/loan-rolls?lender={lender}"),
    ] {
        let none = desk.json(&path, &token).await;
        let none = none["months"].as_array().unwrap();
        assert_eq!(none.len(), ROLLS.len());
        assert!(
            none.iter()
                .all(|month| month["rows"] == serde_json::json!([]))
        );
    }
    let of_lender = format!("/api/loan-rolls?lender={lender}");
    assert_eq!(
        desk.json(&of_lender, &own).await["months"]
            .as_array()
            .unwrap(),
        all
    );
    let holder = desk
        .token(&book.network, book.borrower.0, &book.borrower.1)
        .await;
    assert_eq!(desk.get("/api/loan-rolls", &holder).await.status, 403);
    assert_eq!(desk.get("/api/loan-rolls", "").await.status, 401);
    desk.serving.end().await;
}

#[tokio::test]
async fn rolls_are_the_same_however_they_were_written_and_in_both_stores() {
    let book = Book::tell();
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| IndexPlace::from(directory.path().join(name));
    let whole = followed(&book, book.made.len(), &place("whole.db")).await;
    let digest = whole.digest().unwrap();
    let count = "SELECT CAST(sum(loans) AS BIGINT) FROM loan_roll WHERE standing = 'paid_off'";
    let paid_off = |index: &Index| index.ask(count, &[]).unwrap()[0].integer(0).unwrap();
    assert_eq!(paid_off(&whole), 2);
    for until in 1..=book.made.len() {
        drop(followed(&book, until, &place("parts.db")).await);
    }
    let parts = Index::open(place("parts.db")).unwrap();
    assert_eq!(parts.digest().unwrap(), digest);
    let again = reindex(&whole, book.network.record(), place("again.db"), |_| {}).unwrap();
    assert_eq!(again.digest().unwrap(), digest);
    if let Some(server) = Server::start() {
        let in_server = followed(&book, book.made.len(), &server.database("rolls")).await;
        assert_eq!(in_server.digest().unwrap(), digest);
        assert_eq!(paid_off(&in_server), 2);
    }
}
