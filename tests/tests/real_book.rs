//! The book of 10,000 LendingClub loans that `talea-node demo --data` plays, on paper: day by day against an
//! arithmetic written apart. Without the data (`TALEA_DATA`, or `../shared/data` beside the repository) it says
//! so and passes.
//!
//! What is independent of what:
//!
//! - *The source* says of each loan its terms, its status and what was paid on it in total, of which principal,
//!   interest and late fees; it does not say when.
//! - *The plan* (`node/src/demo/book`) chooses the days. Its `Mirror` is the ledger's own arithmetic, run beforehand:
//!   that the ledger then says the same, which the demonstration asserts of all sums and of a sample of loans,
//!   shows that the ledger did what was planned, and nothing about the arithmetic.
//! - *This test* takes of the plan who pays how much on which day, and computes apart, in the lines below, what
//!   of it is principal, interest and fees and what is then owed, of every loan. It shares no code with the ledger:
//!   the calendar and the count of days are its own.
//!
//! 9,885 of 10,000 stand in the end as their source says. 114 are later here: a loan is as late as its oldest
//! instalment that is not paid in full, and of 107 what was paid is short of whole instalments by less than a tenth
//! of one. One had paid ahead, and is not late here.
//!
//! How a payment is split depends on its day, so ours differs from the source's within a loan; what was paid
//! altogether and the late fees do not. That the waterfall gives the source's own split for the source's own
//! debts is in `real_loans.rs`.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

use talea_ledger::credit::date_of;
use talea_node::demo::book::{
    consumer_book::consumer_book,
    plan::{Course, What},
    report::stands_as,
    source::{ConsumerLoan, Status},
};
use talea_types::credit::Bucket;

fn lending_club() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = env::var_os("TALEA_DATA").map_or(beside, PathBuf::from);
    let path = folder.join("lendingclub/loans_full_schema.csv");
    if !path.is_file() {
        eprintln!(
            "SKIPPED: there is no {}; set TALEA_DATA to the folder of data",
            path.display()
        );
        return None;
    }
    Some(path)
}

/// A loan, computed apart. Interest is kept in parts of a minor unit: 1 / (360 x 1,000,000).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Naive {
    /// Day of the month is at most 30, as 30E/360 counts.
    counted_to: i64,
    accrues: bool,
    rate_ppm: u128,
    principal: u128,
    interest: u128,
    fees: u128,
    /// Principal, interest and fees.
    paid: [u128; 3],
}

const PARTS: u128 = 360 * 1_000_000;

/// Days from the year 0 by 30E/360, of a day since 1970-01-01.
fn counted(day: u32) -> i64 {
    let (mut year, mut left) = (1970, i64::from(day));
    loop {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let february = if is_leap { 29 } else { 28 };
        let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, length) in (0..).zip(months) {
            if left < length {
                return (year * 12 + month) * 30 + (left + 1).min(30);
            }
            left -= length;
        }
        year += 1;
    }
}

impl Naive {
    fn age(&mut self, day: u32) {
        let days = counted(day) - self.counted_to;
        self.counted_to += days;
        if self.accrues {
            self.interest += self.principal * self.rate_ppm * u128::try_from(days).unwrap();
        }
    }

    /// Fees first, then whole units of interest, then principal.
    fn pay(&mut self, amount: u128) {
        let fees = amount.min(self.fees);
        let interest = (amount - fees).min(self.interest / PARTS);
        let principal = amount - fees - interest;
        self.fees -= fees;
        self.interest -= interest * PARTS;
        self.principal -= principal;
        for (paid, part) in self.paid.iter_mut().zip([principal, interest, fees]) {
            *paid += part;
        }
    }

    fn owed(&self) -> [u128; 3] {
        [self.principal, self.interest / PARTS, self.fees]
    }
}

/// Every loan in the end, from its terms and from who did what on which day.
fn computed_apart(rows: &[ConsumerLoan], course: &Course) -> Vec<Naive> {
    let mut loans = vec![Naive::default(); rows.len()];
    for day in &course.days {
        for action in day.waves.iter().flatten() {
            let (loan, row) = (&mut loans[action.loan], &rows[action.loan]);
            loan.age(day.date);
            match &action.what {
                What::Originate => {}
                What::Disburse => {
                    loan.principal = row.principal.into();
                    loan.rate_ppm = row.rate_ppm.into();
                    loan.accrues = true;
                }
                What::LateFee(code) => {
                    let fee = code.rsplit('-').next().unwrap();
                    loan.fees += fee.parse::<u128>().unwrap();
                }
                What::Repay(amount) => loan.pay(amount.minor_units().into()),
                What::ChargeOff => loan.accrues = false,
            }
        }
    }
    let last = course.days.last().map_or(0, |day| day.date);
    loans.iter_mut().for_each(|loan| loan.age(last));
    loans
}

#[test]
fn every_loan_is_as_computed_apart_and_all_but_115_stand_as_their_source_says() {
    let Some(path) = lending_club() else { return };
    let rows = ConsumerLoan::read_lending_club(&path).expect("the file is read");
    let book = consumer_book(&rows, date_of(2026, 11, 22)).expect("a book");
    let course = book.course().expect("a course");
    let naive = computed_apart(&rows, &course);

    let (mut sums, mut of_source) = ([0; 3], [0; 3]);
    let mut apart: BTreeMap<_, usize> = BTreeMap::new();
    let mut nearly_whole = 0;
    for (number, row) in rows.iter().enumerate() {
        let (mirror, naive) = (&course.loans[number], &naive[number]);
        let parts = |owed: &talea_ledger::credit::Owed| {
            [owed.principal, owed.interest, owed.fees].map(|one| u128::from(one.minor_units()))
        };
        assert_eq!(
            naive.paid,
            parts(mirror.paid()),
            "paid on row {}",
            row.number
        );
        assert_eq!(
            naive.owed(),
            parts(&mirror.owed()),
            "owed on row {}",
            row.number
        );

        // All that the source says was paid, no more and no less, unless it was paid off: then what was owed.
        let [principal, interest, fees] = naive.paid;
        assert_eq!(
            fees,
            row.paid.late_fees.into(),
            "late fees of row {}",
            row.number
        );
        if row.status == Status::FullyPaid {
            assert_eq!(principal, row.principal.into(), "row {}", row.number);
            assert_eq!(naive.owed(), [0; 3], "row {}", row.number);
        } else {
            let paid = principal + interest + fees;
            assert_eq!(paid, row.paid.sum().into(), "row {}", row.number);
        }
        for (sum, part) in sums.iter_mut().zip(naive.paid) {
            *sum += part;
        }
        let said = [row.paid.principal, row.paid.interest, row.paid.late_fees];
        for (sum, part) in of_source.iter_mut().zip(said) {
            *sum += u128::from(part);
        }
        let planned = &book.loans[number];
        let bucket = mirror.bucket(book.product(planned).expect("its product"));
        if !stands_as(planned.outcome, mirror, bucket) {
            let place = (planned.outcome, bucket.map_or("closed", Bucket::name));
            *apart.entry(place).or_default() += 1;
            let money = row.paid.principal + row.paid.interest;
            let short = row.instalment - money % row.instalment;
            nearly_whole += u32::from(short * 10 < row.instalment);
        }
    }
    println!(
        "principal, interest, late fees paid: {sums:?}; as the source splits it: {of_source:?}"
    );
    println!("do not stand in the end as their source says: {apart:?}");
    assert_eq!(sums[2], of_source[2]);
    assert_eq!(rows.len(), 10_000);
    let known = [
        (("Current", "1-30"), 23),
        (("In Grace Period", "31-60"), 55),
        (("Late (16-30 days)", "31-60"), 31),
        (("Late (16-30 days)", "61-90"), 2),
        (("Late (16-30 days)", "current"), 1),
        (("Late (31-120 days)", "121-150"), 3),
    ];
    assert_eq!(apart, BTreeMap::from(known));
    assert_eq!(nearly_whole, 107);
}
