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
