//! The ends of months: where each loan stands, where it stood before, and how many went which way.

use super::{StoreError, tables, value::Cell, write::Sink};
use crate::month_end::{MonthEnd, NEW};

const WAS: &str = "UPDATE loan_month SET was = earlier.standing FROM loan_month AS earlier \
                   WHERE loan_month.month_end = $1 AND earlier.month_end = $2 \
                   AND earlier.loan = loan_month.loan";
/// A loan that was paid off may be touched once more, as by a correction of what a bureau was told.
const AGAIN: &str = "DELETE FROM loan_month WHERE month_end = $1 AND standing = 'paid_off' AND EXISTS (\
                     SELECT 1 FROM loan_month AS earlier WHERE earlier.loan = loan_month.loan \
                     AND earlier.month_end < loan_month.month_end AND earlier.standing = 'paid_off')";
const ROLL: &str = "INSERT INTO loan_roll (month_end, lender, product, was, standing, loans) \
                    SELECT month_end, lender, product, was, standing, count(*) FROM loan_month \
                    WHERE month_end = $1 GROUP BY month_end, lender, product, was, standing";

pub(super) fn write_month_end(
    sink: &mut dyn Sink,
    height: u64,
    end: &MonthEnd,
) -> Result<(), StoreError> {
    let date = Cell::Integer(end.date.into());
    sink.insert(&tables::MONTH_END, &[date, Cell::number(height)])?;
    for one in &end.loans {
        sink.insert(
            &tables::LOAN_MONTH,
            &[
                Cell::Bytes(one.loan.as_bytes()),
                date,
                Cell::Bytes(one.lender.as_bytes()),
                Cell::Bytes(one.product.as_bytes()),
                Cell::Text(NEW),
                Cell::Text(one.standing.name()),
            ],
        )?;
    }
    sink.run(WAS, &[date, Cell::Integer(end.previous().into())])?;
    sink.run(AGAIN, &[date])?;
    sink.run(ROLL, &[date])
}

#[cfg(test)]
mod tests {
    use talea_types::{
        ChainId, Hash, LoanId, ParticipantId, ProductId,
        credit::{Bucket, date_of},
    };

    use super::*;
    use crate::{
        Index,
        month_end::{LoanStanding, Standing},
    };

    #[test]
    fn a_loan_is_paid_off_once_however_often_it_is_touched_afterwards() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("index.db");
        let chain = ChainId::new(Hash([1; 32]));
        let mut index = Index::open_or_create(path, &chain).unwrap();
        let owed = Standing::Owed(Bucket::of(0));
        let paid_off = Standing::PaidOff;
        // Two loans; the first is paid off in the second month, and its object says so of the third and the fourth too.
        for (month, standings) in [
            (9, [owed, owed]),
            (10, [paid_off, owed]),
            (11, [paid_off, owed]),
            (12, [paid_off, paid_off]),
        ] {
            let loans = standings.into_iter().zip(1..);
            let loans = loans.map(|(standing, number)| LoanStanding {
                loan: LoanId::from_bytes([number; 16]),
                lender: ParticipantId::from_bytes([3; 16]),
                product: ProductId::from_bytes([4; 16]),
                standing,
            });
            let days = if month % 2 == 0 { 31 } else { 30 };
            let end = MonthEnd {
                date: date_of(2026, month, days),
                loans: loans.collect(),
            };
            let height = u64::from(month);
            let written = index
                .store
                .write(|sink| write_month_end(sink, height, &end));
            written.unwrap();
        }
        let ask = "SELECT month_end.height, was, standing, loans FROM loan_roll \
                   JOIN month_end ON month_end.date = loan_roll.month_end \
                   ORDER BY month_end.height, was, standing";
        let rows = index.ask(ask, &[]).unwrap();
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                let text = |column| row.text(column).unwrap();
                let number = |column| row.integer(column).unwrap();
                (number(0), text(1), text(2), number(3))
            })
            .collect();
        let expected = [
            (9, "new", "current", 2),
            (10, "current", "current", 1),
            (10, "current", "paid_off", 1),
            (11, "current", "current", 1),
            (12, "current", "paid_off", 1),
        ];
        assert_eq!(rows, expected);
    }
}
