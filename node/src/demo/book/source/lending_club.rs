//! 10,000 loans of LendingClub, as OpenIntro publishes them in `loans_full_schema.csv`.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context;
use csv::StringRecord;

use super::{ConsumerLoan, Paid, Status, decimal};

/// Months in which loans were made, in their order.
const MONTHS: [&str; 3] = ["Jan-18", "Feb-18", "Mar-18"];

impl ConsumerLoan {
    /// Reads `loans_full_schema.csv`.
    ///
    /// # Errors
    /// When the file cannot be read, or a row says what no row of the publisher says.
    pub fn read_lending_club(path: &Path) -> anyhow::Result<Vec<Self>> {
        let name = || format!("cannot read {}", path.display());
        let mut reader = csv::Reader::from_path(path).with_context(name)?;
        let header = reader.headers().with_context(name)?.clone();
        let columns: BTreeMap<&str, usize> = header.iter().zip(0..).collect();
        let loans = reader.records().zip(1..).map(|(record, number)| {
            let loan = record.map_err(Into::into);
            let loan = loan.and_then(|record| row(&columns, &record, number));
            loan.with_context(|| format!("row {number} of {}", path.display()))
        });
        loans.collect()
    }
}

fn row(
    columns: &BTreeMap<&str, usize>,
    record: &StringRecord,
    number: usize,
) -> anyhow::Result<ConsumerLoan> {
    let text = |name: &str| {
        let field = columns.get(name).and_then(|place| record.get(*place));
        field.with_context(|| format!("no {name}"))
    };
    let amount = |name: &str, places| {
        let text = text(name)?;
        decimal(text, places).with_context(|| format!("{name} '{text}'"))
    };
    let issued = text("issue_month")?;
    let status = text("loan_status")?;
    let known = Status::ALL.into_iter().find(|one| one.name() == status);
    Ok(ConsumerLoan {
        number,
        region: format!("US-{}", text("state")?),
        principal: amount("loan_amount", 2)?,
        months: u32::try_from(amount("term", 0)?)?,
        // Per cent, to parts per million.
        rate_ppm: u32::try_from(amount("interest_rate", 4)?)?,
        instalment: amount("installment", 2)?,
        issued: MONTHS
            .iter()
            .position(|month| *month == issued)
            .with_context(|| format!("issue_month '{issued}'"))?,
        status: known.with_context(|| format!("loan_status '{status}'"))?,
        paid: Paid {
            total: amount("paid_total", 2)?,
            principal: amount("paid_principal", 2)?,
            interest: amount("paid_interest", 2)?,
            late_fees: amount("paid_late_fees", 2)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_its_columns_is_refused() {
        let columns = [("loan_status", 0)].into();
        assert!(row(&columns, &StringRecord::from(vec!["Current"]), 1).is_err());
    }
}
