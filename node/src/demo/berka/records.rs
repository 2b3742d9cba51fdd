//! Reading the files. A row that does not parse is reported with its number and skipped.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Context;
use talea_types::Amount;

/// Haléř have two digits.
const DECIMALS: u32 = 2;

/// What the files say.
#[derive(Debug, Default)]
pub struct Dataset {
    /// Numbers of the bank's accounts, ascending.
    pub accounts: BTreeSet<u64>,
    /// In the order of the file, which is that of the dates.
    pub transactions: Vec<TransactionRow>,
    /// Standing orders.
    pub orders: Vec<OrderRow>,
    /// Rows that could not be used.
    pub skipped: Vec<Skipped>,
}

/// A row of `trans.asc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionRow {
    /// Its number in the bank's books.
    pub id: u64,
    /// Of the account.
    pub account: u64,
    /// `YYMMDD`.
    pub date: String,
    /// What it was.
    pub kind: RowKind,
    /// Haléř.
    pub amount: u64,
}

/// What a row was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// Cash paid in.
    Deposit,
    /// From an account at the bank with this code.
    TransferIn(String),
    /// Interest credited.
    Interest,
    /// Cash paid out.
    Withdrawal,
    /// Cash paid out to a card.
    CardWithdrawal,
    /// For a statement.
    Fee,
    /// Interest on a negative balance.
    Penalty,
    /// To an account at the bank with this code.
    TransferOut(String),
}

/// A row of `order.asc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// Its number.
    pub id: u64,
    /// Of the account.
    pub account: u64,
    /// Code of the payee's bank.
    pub bank: String,
    /// Haléř.
    pub amount: u64,
}

/// A row that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// The file.
    pub file: &'static str,
    /// Number of the line, the header being 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl Dataset {
    /// Reads the files of a directory; of `trans.asc` at most the first `row_count` rows.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(directory: &Path, row_count: Option<usize>) -> anyhow::Result<Self> {
        let mut dataset = Self::default();
        let file = |name: &str| {
            let path = directory.join(name);
            let bytes =
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok::<_, anyhow::Error>(String::from_utf8_lossy(&bytes).into_owned())
        };
        let [accounts, transactions, orders] = ["account.asc", "trans.asc", "order.asc"].map(file);
        for (line, fields) in rows(&accounts?) {
            match account_number(&fields) {
                Ok(account) if dataset.accounts.insert(account) => {}
                _ => dataset.skip("account.asc", line, "account".to_owned()),
            }
        }
        for (line, fields) in rows(&transactions?).take(row_count.unwrap_or(usize::MAX)) {
            match dataset.transaction(&fields) {
                Ok(row) => dataset.transactions.push(row),
                Err(why) => dataset.skip("trans.asc", line, why),
            }
        }
        for (line, fields) in rows(&orders?) {
            match dataset.order(&fields) {
                Ok(row) => dataset.orders.push(row),
                Err(why) => dataset.skip("order.asc", line, why),
            }
        }
        Ok(dataset)
    }

    fn skip(&mut self, file: &'static str, line: usize, why: String) {
        self.skipped.push(Skipped { file, line, why });
    }

    fn transaction(&self, fields: &[&str]) -> Result<TransactionRow, String> {
        let [
            id,
            account,
            date,
            direction,
            operation,
            amount,
            _,
            symbol,
            bank,
            _,
        ] = fields
        else {
            return Err(format!("{} fields of 10", fields.len()));
        };
        let id = number("number", id)?;
        let account = self.known_account(account)?;
        let date = date_text(date)?;
        let kind = row_kind(direction, operation, symbol, bank)?;
        Ok(TransactionRow {
            id,
            account,
            date,
            kind,
            amount: haler(amount)?,
        })
    }

    fn order(&self, fields: &[&str]) -> Result<OrderRow, String> {
        let [id, account, bank, _, amount, _] = fields else {
            return Err(format!("{} fields of 6", fields.len()));
        };
        Ok(OrderRow {
            id: number("number", id)?,
            account: self.known_account(account)?,
            bank: bank_code(bank)?,
            amount: haler(amount)?,
        })
    }

    fn known_account(&self, text: &str) -> Result<u64, String> {
        let account = number("account", text)?;
        if !self.accounts.contains(&account) {
            return Err(format!("account '{text}'"));
        }
        Ok(account)
    }
}

/// Number and fields of each line after the header.
fn rows(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    let lines = text.split('\n').enumerate().skip(1);
    lines.filter_map(|(position, line)| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let fields = line.split(';').map(|field| {
            let field = field.strip_prefix('"').unwrap_or(field);
            field.strip_suffix('"').unwrap_or(field)
        });
        (!line.is_empty()).then(|| (position + 1, fields.collect()))
    })
}

fn account_number(fields: &[&str]) -> Result<u64, String> {
    match fields {
        [account, _, _, _] => number("account", account),
        _ => Err(format!("{} fields of 4", fields.len())),
    }
}

fn row_kind(direction: &str, operation: &str, symbol: &str, bank: &str) -> Result<RowKind, String> {
    Ok(match (direction, operation) {
        ("PRIJEM", "VKLAD") => RowKind::Deposit,
        ("PRIJEM", "PREVOD Z UCTU") => RowKind::TransferIn(bank_code(bank)?),
        ("PRIJEM", "") if symbol == "UROK" => RowKind::Interest,
        ("VYDAJ" | "VYBER", "VYBER") => match symbol {
            "SLUZBY" => RowKind::Fee,
            "SANKC. UROK" => RowKind::Penalty,
            _ => RowKind::Withdrawal,
        },
        ("VYDAJ" | "VYBER", "VYBER KARTOU") => RowKind::CardWithdrawal,
        ("VYDAJ" | "VYBER", "PREVOD NA UCET") => RowKind::TransferOut(bank_code(bank)?),
        _ => return Err(format!("kind '{direction}' '{operation}' '{symbol}'")),
    })
}

fn number(what: &str, text: &str) -> Result<u64, String> {
    let is_number =
        (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let refuse = || format!("{what} '{text}'");
    is_number
        .then_some(text)
        .ok_or_else(refuse)?
        .parse()
        .map_err(|_| refuse())
}

fn date_text(text: &str) -> Result<String, String> {
    let part = |range| {
        text.get(range)
            .and_then(|part: &str| part.parse::<u32>().ok())
    };
    let is_date = text.len() == 6
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && part(2..4).is_some_and(|month| (1..=12).contains(&month))
        && part(4..6).is_some_and(|day| (1..=31).contains(&day));
    is_date
        .then(|| text.to_owned())
        .ok_or_else(|| format!("date '{text}'"))
}

fn bank_code(text: &str) -> Result<String, String> {
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code
        .then(|| text.to_owned())
        .ok_or_else(|| format!("bank '{text}'"))
}

fn haler(text: &str) -> Result<u64, String> {
    let whole = text.split('.').next().unwrap_or_default();
    Amount::from_decimal(text, DECIMALS)
        .filter(|amount| !amount.is_zero() && whole.len() <= 15)
        .map(Amount::minor_units)
        .ok_or_else(|| format!("amount '{text}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset() -> Dataset {
        Dataset {
            accounts: [576].into(),
            ..Dataset::default()
        }
    }

    fn row(text: &str) -> Result<TransactionRow, String> {
        let text = format!("header\r\n{text}");
        let (line, fields) = rows(&text).next().unwrap();
        assert_eq!(line, 2);
        dataset().transaction(&fields)
    }

    #[test]
    fn rows_become_what_they_were() {
        for (text, kind, amount) in [
            (
                "\"PRIJEM\";\"VKLAD\";700.00;700.00;\"\";;",
                RowKind::Deposit,
                70_000,
            ),
            (
                "\"PRIJEM\";\"\";18.90;1.00;\"UROK\";;",
                RowKind::Interest,
                1_890,
            ),
            (
                "\"VYBER\";\"VYBER\";5;1.00;\" \";;",
                RowKind::Withdrawal,
                500,
            ),
            (
                "\"VYDAJ\";\"VYBER\";14.6;1.00;\"SLUZBY\";;",
                RowKind::Fee,
                1_460,
            ),
            (
                "\"VYDAJ\";\"VYBER\";0.01;1.00;\"SANKC. UROK\";;",
                RowKind::Penalty,
                1,
            ),
            (
                "\"VYDAJ\";\"PREVOD NA UCET\";9.00;1.00;\"SIPO\";\"EF\";123",
                RowKind::TransferOut("EF".to_owned()),
                900,
            ),
        ] {
            let read = row(&format!("1;576;930101;{text}")).unwrap();
            assert_eq!((read.kind, read.amount), (kind, amount), "{text}");
        }
    }

    #[test]
    fn broken_rows_are_told_apart() {
        for (text, why) in [
            ("3526882;11021;940331;\"PRIJE", "4 fields of 10"),
            (
                "1;577;930101;\"PRIJEM\";\"VKLAD\";1;1;\"\";;",
                "account '577'",
            ),
            (
                "1;576;931301;\"PRIJEM\";\"VKLAD\";1;1;\"\";;",
                "date '931301'",
            ),
            (
                "1;576;930101;\"PRIJEM\";\"VKLAD\";0.00;1;\"\";;",
                "amount '0.00'",
            ),
            (
                "1;576;930101;\"PRIJEM\";\"VKLAD\";1.005;1;\"\";;",
                "amount '1.005'",
            ),
            (
                "1;576;930101;\"PRIJEM\";\"PREVOD Z UCTU\";1;1;\"\";;",
                "bank ''",
            ),
            (
                "1;576;930101;\"PRIJEM\";\"X\";1;1;\"\";;",
                "kind 'PRIJEM' 'X' ''",
            ),
        ] {
            assert_eq!(row(text), Err(why.to_owned()));
        }
    }
}
