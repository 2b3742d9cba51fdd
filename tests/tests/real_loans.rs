//! The arithmetic of loans against real ones: 10,000 of LendingClub (as OpenIntro publishes them) and 682 of
//! a Czech bank (PKDD'99 Discovery Challenge). Without the data (`TALEA_DATA`, or `../shared/data` beside the
//! repository) each test says so and passes.

use std::{
    env,
    path::{Path, PathBuf},
};

use talea_ledger::credit::{Owed, Terms, annuity, costs_at_most, date_of, generate, waterfall};
use talea_node::demo::book::source::{ConsumerLoan, CzechLoan, Paid};
use talea_types::{
    Amount,
    credit::{Component, DayCount, Instalment, ScheduleKind},
};

fn data(file: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = env::var_os("TALEA_DATA").map_or(beside, PathBuf::from);
    let path = folder.join(file);
    if !path.is_file() {
        eprintln!(
            "SKIPPED: there is no {}; set TALEA_DATA to the folder of data",
            path.display()
        );
        return None;
    }
    Some(path)
}

fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).expect("an amount")
}

fn lending_club() -> Option<Vec<ConsumerLoan>> {
    let path = data("lendingclub/loans_full_schema.csv")?;
    let loans = ConsumerLoan::read_lending_club(&path).expect("the file is read");
    assert_eq!(loans.len(), 10_000);
    Some(loans)
}

/// What was paid in total goes down the waterfall into exactly the late fees, the interest and the principal
/// of the source, which add up to the total. The source prints some totals with parts of a cent; a payment
/// is whole cents, so it is the sum of the rounded parts, and never further than one cent from the total.
#[test]
fn the_waterfall_splits_every_payment_as_the_source_does() {
    let Some(rows) = lending_club() else { return };
    let order = [Component::Fees, Component::Interest, Component::Principal];
    let mut with_fees = 0;
    let mut fractions = 0;
    for row in &rows {
        let Paid {
            total,
            principal,
            interest,
            late_fees: fees,
        } = row.paid;
        let payment = row.paid.sum();
        assert!(
            payment.abs_diff(total) <= 1,
            "row {}: {:?}",
            row.number,
            row.paid
        );
        fractions += u32::from(payment != total);
        with_fees += u32::from(fees > 0);
        // All interest and fees that were ever charged were paid; of the principal, a part.
        let owed = Owed {
            fees: amount(fees),
            interest: amount(interest),
            principal: amount(row.principal),
        };
        let parts = waterfall(amount(payment), &owed, &order).expect("no more than is owed");
        let expected = Owed {
            principal: amount(principal),
            ..owed
        };
        assert_eq!(parts, expected, "row {}", row.number);
        assert_eq!(parts.total(), Some(amount(payment)));
    }
    println!("10,000 payments split to the last cent; {with_fees} with late fees");
    println!("{fractions} totals of the source round to a cent more or less than their parts");
}

/// Instalments follow the annuity formula, rounded up to a cent, but for a few rows of the source: those are
/// schedules that the lender supplies, and are accepted as such.
#[test]
fn instalments_are_annuities_or_supplied_by_the_lender() {
    let Some(rows) = lending_club() else { return };
    let (mut equal, mut within, mut apart) = (0, 0, Vec::new());
    for row in &rows {
        let principal = amount(row.principal);
        let ours = annuity(principal, row.rate_ppm, row.months).expect("an annuity");
        let gap = ours.minor_units().abs_diff(row.instalment);
        equal += u32::from(gap == 0);
        within += u32::from(gap <= 1);
        if gap > 1 {
            apart.push((gap, row, ours));
        }
        let start = date_of(2018, 1, 1);
        let terms = Terms {
            kind: ScheduleKind::Annuity,
            down_payment_ppm: 0,
            principal,
            rate_ppm: row.rate_ppm,
            day_count: DayCount::Thirty360,
            start,
            first_due: date_of(2018, 2, 1),
            count: row.months,
        };
        let schedule = generate(&terms).expect("a schedule");
        assert_eq!(schedule.len(), row.months as usize, "row {}", row.number);
        assert!(schedule.iter().rev().skip(1).all(|one| one.amount == ours));
        assert_eq!(costs_at_most(&terms, &schedule, row.rate_ppm), Some(true));
        if gap > 1 {
            // The lender's own instalments, the last with what is then owed.
            let supplied = supplied_by_lender(&terms, &schedule, amount(row.instalment));
            assert_eq!(
                costs_at_most(&terms, &supplied, 1_000_000),
                Some(true),
                "row {}",
                row.number
            );
        }
    }
    apart.sort_by_key(|(gap, row, _)| (std::cmp::Reverse(*gap), row.number));
    println!("{equal} instalments equal the formula to the cent, {within} within a cent");
    println!(
        "{} depart from it and are supplied by the lender; the widest:",
        apart.len()
    );
    for (gap, row, ours) in apart.iter().take(10) {
        println!(
            "row {}: {} at {} ppm in {} months: source {}, formula {ours}, apart {gap} cents",
            row.number, row.principal, row.rate_ppm, row.months, row.instalment
        );
    }
    // The file follows the formula rounded up; to the nearest cent half of the rows would be a cent apart, which in
    // binary fractions seems more than 0.01 for 887 of them.
    assert!(within >= 9_110);
    assert_eq!((equal, within), (9_997, 9_997));
    assert_eq!(apart.first().map(|(gap, _, _)| *gap), Some(2_089));
}

fn supplied_by_lender(terms: &Terms, dates: &[Instalment], level: Amount) -> Vec<Instalment> {
    let mut supplied: Vec<Instalment> = dates
        .iter()
        .map(|one| Instalment {
            due: one.due,
            amount: level,
        })
        .collect();
    let paid = u64::from(terms.count) * level.minor_units();
    if let Some(last) = supplied.last_mut() {
        let short = terms.principal.minor_units().saturating_sub(paid);
        last.amount = amount(last.amount.minor_units() + short);
    }
    supplied
}

/// The bank's loans bear no interest in their payments: amount = payments x duration, to the last unit.
#[test]
fn the_loans_of_a_czech_bank_are_paid_off_by_their_payments() {
    let Some(path) = data("berka/loan.asc") else {
        return;
    };
    let mut loans = 0;
    for loan in CzechLoan::read(&path).expect("the file is read") {
        let (principal, payment) = (loan.principal, loan.payment);
        let (year, month, day) = loan.date;
        let start = date_of(year, month, day);
        let terms = Terms {
            kind: ScheduleKind::Annuity,
            down_payment_ppm: 0,
            principal: amount(principal),
            rate_ppm: 0,
            day_count: DayCount::Act365,
            start,
            first_due: talea_ledger::credit::add_months(start, 1),
            count: loan.months,
        };
        let schedule = generate(&terms).expect("a schedule");
        assert!(
            schedule.iter().all(|one| one.amount == amount(payment)),
            "loan {}",
            loan.id
        );
        let sum: u64 = schedule.iter().map(|one| one.amount.minor_units()).sum();
        assert_eq!(sum, principal, "loan {}", loan.id);
        let equal = Terms {
            kind: ScheduleKind::EqualPrincipal,
            ..terms
        };
        assert_eq!(
            generate(&equal).as_ref(),
            Some(&schedule),
            "loan {}",
            loan.id
        );
        loans += 1;
    }
    assert_eq!(loans, 682);
    println!("682 loans of a Czech bank: every payment equals ours");
}
