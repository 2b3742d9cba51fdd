//! 682 loans of a Czech bank, 1993 to 1998: `loan.asc` of the PKDD'99 Discovery Challenge.

use std::{fs, path::Path};

use anyhow::Context;

use super::decimal;

/// First year and month in which a loan was made.
const FIRST_MONTH: (usize, usize) = (93, 7);

/// How a loan stood at the end of 1998.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CzechStatus {
    /// A: finished, everything was paid.
    Finished,
    /// B: finished, not everything was paid.
    FinishedUnpaid,
    /// C: running, nothing is late.
    Running,
    /// D: running, in debt.
    RunningInDebt,
}

impl CzechStatus {
    /// Its letter in the file, and what it means.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finished => "A finished, paid",
            Self::FinishedUnpaid => "B finished, not paid",
            Self::Running => "C running, nothing late",
            Self::RunningInDebt => "D running, in debt",
        }
    }
}

/// A loan. It bears no interest: the payments sum to the amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CzechLoan {
    /// Its number in the bank's books.
    pub id: u64,
    /// Number of the account that pays.
    pub account: u64,
    /// Year, month and day.
    pub date: (u32, u32, u32),
    /// Haléř.
    pub principal: u64,
    /// How many payments, one a month.
    pub months: u32,
    /// Haléř.
    pub payment: u64,
    /// How it stood in the end.
    pub status: CzechStatus,
}

impl CzechLoan {
    /// Reads `loan.asc`.
    ///
    /// # Errors
    /// When the file cannot be read, or a row says what no row of the publisher says.
    pub fn read(path: &Path) -> anyhow::Result<Vec<Self>> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let lines = text.lines().skip(1).filter(|line| !line.is_empty());
        let loans = lines
            .zip(2..)
            .map(|(line, number)| row(line).with_context(|| format!("line {number}")));
        loans.collect()
    }

    /// Months from the first loan of the books to this one.
    #[must_use]
    pub const fn month(&self) -> usize {
        let (year, month, _) = self.date;
        let months = (year as usize % 100) * 12 + month as usize;
        months.saturating_sub(FIRST_MONTH.0 * 12 + FIRST_MONTH.1)
    }
}

fn row(line: &str) -> anyhow::Result<CzechLoan> {
    let fields: Vec<&str> = line
        .split(';')
        .map(|field| field.trim_matches('"'))
        .collect();
    let [id, account, date, amount, duration, payments, status] = *fields else {
        anyhow::bail!("{} fields of 7", fields.len());
    };
    let number = |text: &str, places| decimal(text, places).with_context(|| format!("'{text}'"));
    let date = u32::try_from(number(date, 0)?)?;
    Ok(CzechLoan {
        id: number(id, 0)?,
        account: number(account, 0)?,
        date: (1900 + date / 10_000, date / 100 % 100, date % 100),
        principal: number(amount, 2)?,
        months: u32::try_from(number(duration, 0)?)?,
        payment: number(payments, 2)?,
        status: match status {
            "A" => CzechStatus::Finished,
            "B" => CzechStatus::FinishedUnpaid,
            "C" => CzechStatus::Running,
            "D" => CzechStatus::RunningInDebt,
            other => anyhow::bail!("status '{other}'"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_a_loan() {
        let loan = row("5314;1787;930705;96396;12;8033.00;\"B\"").unwrap();
        assert_eq!((loan.date, loan.month()), ((1993, 7, 5), 0));
        assert_eq!((loan.principal, loan.payment), (9_639_600, 803_300));
        assert_eq!(loan.status, CzechStatus::FinishedUnpaid);
        assert!(row("5314;1787;930705;96396;12;8033.00;\"E\"").is_err());
        assert!(row("5314;1787").is_err());
    }
}
